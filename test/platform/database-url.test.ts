import { databaseUrlProblem } from '../../platform/addresses/database-url';
import { readConfig } from '../../platform/config';
import { REQUIRED_ENVIRONMENT } from '../helpers/environment';

test.each([
  'postgres://spaceport:geheim@db.example:5432/spaceport',
  'postgresql://spaceport@db.example/spaceport?sslmode=verify-full',
  ' postgres://spaceport:a%2Fb%23@[::1]/spaceport ',
  'postgres:///spaceport?host=/var/run/postgresql&user=spaceport',
])('%j is the address of a database', (url) => {
  expect(databaseUrlProblem(url)).toBeNull();
});

test.each([
  ['mysql://u:geheim@h/d', 'must begin with postgres://'],
  ['u:geheim@h/d', 'must begin with postgres://'],
  ['postgres://u:ge/heim@h/d', '/ as %2F'],
  ['postgres://u:ge#heim@h/d', '# as %23'],
  ['postgres://u:geheim%@h/d', '% as %25'],
  ['postgres://u:geheim@h:99999/d', 'port from 1 to 65535'],
  ['postgres://u:geheim@h:0/d', 'port from 1 to 65535'],
  ['postgres://u:geheim@h', 'must name one database'],
  ['postgres://u:geheim@h/', 'must name one database'],
  ['postgres://u:geheim@h/a/geheim', 'must name one database'],
  ['postgres:///d', 'must name a host'],
  ['postgres:///d?host=geheim', 'must name a host'],
  ['postgres://u:ge heim@h/d', 'blanks or control characters'],
  ['postgres://h/d#geheim', 'must not have a #'],
])('%j is refused with what is wrong, and without the address', (url, problem) => {
  expect(databaseUrlProblem(url)).toContain(problem);
  expect(databaseUrlProblem(url)).not.toMatch(/geheim|heim|geh/);
});

test('DATABASE_URL comes before the file, which has a default', () => {
  expect(readConfig(REQUIRED_ENVIRONMENT).database).toEqual({ kind: 'sqlite', file: '.spaceport/spaceport.sqlite' });
  const file = { ...REQUIRED_ENVIRONMENT, SPACEPORT_DATABASE_FILE: '/var/lib/spaceport/a.sqlite' };
  expect(readConfig(file).database).toEqual({ kind: 'sqlite', file: '/var/lib/spaceport/a.sqlite' });
  expect(readConfig({ ...file, DATABASE_URL: '' }).database.kind).toBe('sqlite');
  const url = 'postgres://u:p@h/d';
  expect(readConfig({ ...file, DATABASE_URL: url }).database).toEqual({ kind: 'postgres', url });
  expect(() => readConfig({ ...file, DATABASE_URL: 'http://geheim' })).toThrow(
    /DATABASE_URL: must begin with postgres/,
  );
});
