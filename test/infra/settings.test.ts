import { sesMailUrl, sesPassword } from '../../infra/lib/ses-password';
import { secretsOf } from '../../infra/lib/foundation/programs';
import { settingsProblems, type TemporalSettings } from '../../infra/lib/settings';
import { boundProblems } from '../../infra/lib/service/bounds';
import { settings } from '../../infra/settings';
import { parseMailUrl } from '../../platform/addresses/mail-url';

test('mistakes in the settings are named before anything is synthesised', () => {
  expect(settingsProblems(settings)).toEqual([]);
  const [dev, prod] = settings.stages;
  const wrong = {
    ...settings,
    prefix: 'Space-port',
    operatorMails: [],
    stages: [
      { ...dev!, imageTag: 'latest', spendUsdPerDay: 0 },
      {
        ...prod!,
        name: 'dev' as const,
        cells: [...prod!.cells, { ...prod!.cells[0]!, host: 'spaceport.example.org' }],
      },
    ],
  };
  expect(settingsProblems(wrong)).toEqual([
    'prefix: a letter, then up to 11 lower-case letters and digits',
    'operatorMails: at least one address',
    'the stage dev is there twice',
    'dev: latest is not a tag that stays',
    'dev: spendUsdPerDay: more than 0',
    'dev: the region us-west-2 is there twice',
    'dev: spaceport.example.org is not below spaceport.example.com',
  ]);
});

test('programs that use a Temporal server of the cell’s own get no API key, by which they would ask it for TLS', () => {
  const variables = (temporal: TemporalSettings): string[] =>
    secretsOf('worker', { temporal }).map(([variable]) => variable);
  const own = variables({ isOwn: true, namespace: 'spaceport' });
  expect(variables({ address: 'a1b2c.tmprl.cloud:7233', namespace: 'a.a1b2c' })).toEqual(['TEMPORAL_API_KEY', ...own]);
  expect(own).toContain('SPACEPORT_PAYLOAD_KEYS');
});

test('times that do not fit each other are refused', () => {
  expect(boundProblems()).toEqual([]);
  expect(boundProblems({ server: 30, worker: 30 })).toEqual([
    'a worker is killed before it has handed over what it watches',
  ]);
  expect(boundProblems({ server: 5, worker: 121 })).toEqual([
    'a server is killed before its requests have ended',
    'worker: Fargate waits 120 s at most',
  ]);
  expect(boundProblems(undefined, { balancer: 120, server: 75 })).toEqual([
    'the server closes connections that the load balancer still uses',
  ]);
  expect(boundProblems(undefined, { balancer: 15, server: 130 })).toEqual([
    'the load balancer cuts streams between two comments',
  ]);
});

test('the password of SES’s mail server is the one that other implementations make, and the product takes its address', () => {
  expect(sesPassword('some+secret+key', 'eu-central-1')).toBe('BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2');
  expect(sesPassword('another+secret+key', 'us-west-1')).toBe('BKVmjjMDFk/qqw8EROW99bjCS65PF8WKvK5bSr4Y6EqF');
  expect(parseMailUrl(sesMailUrl('AKIAEXAMPLE', 'another+secret+key', 'us-west-1'))).toMatchObject({
    value: { host: 'email-smtp.us-west-1.amazonaws.com', port: 465, secure: true },
  });
});
