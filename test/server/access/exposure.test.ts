import { exposureProblems, keysNeeded } from '../../../server/access/exposure';
import { testConfig } from '../helpers';

const HASH = 'a'.repeat(64);

/** The variables that are named. */
const named = (changes: Partial<typeof testConfig>): string[] =>
  exposureProblems({ ...testConfig, ...changes }).map((line) => line.split(':')[0] ?? '');

test.each([
  ['http://127.0.0.1:3000', '127.0.0.1', false],
  ['http://localhost:3000', '::1', false],
  ['http://[::1]:3000', '127.0.0.1', false],
  ['http://127.0.0.1:3000', '0.0.0.0', true],
  ['https://spaceport.example.com', '127.0.0.1', true],
])('at %s, listening on %s, keys are needed: %s', (publicUrl, host, expected) => {
  expect(keysNeeded({ publicUrl, http: { ...testConfig.http, host } })).toBe(expected);
});

test('a server that others can reach does not start without a key and HTTPS, and says which variable it misses', () => {
  expect(named({})).toEqual([]);
  expect(named({ publicUrl: 'http://spaceport.example.com', publicS3Endpoint: 'http://s3.example.com' })).toEqual([
    'SPACEPORT_ADMIN_KEY_HASH',
    'SPACEPORT_PUBLIC_URL',
    'SPACEPORT_PUBLIC_S3_ENDPOINT',
  ]);
  const access = { adminKeyHash: HASH, requestsPerMinute: 1 };
  expect(
    named({ access, publicUrl: 'https://spaceport.example.com', publicS3Endpoint: 'https://s3.example.com' }),
  ).toEqual([]);
  expect(named({ access, http: { ...testConfig.http, host: '0.0.0.0' } })).toEqual([]);
});
