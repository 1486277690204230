import { DEFAULT_POLICY } from '../../contracts/job/policy';
import { ConfigError, readConfig } from '../../platform/config';

const COMPLETE = {
  SPACEPORT_DEPLOYMENT: 'prod',
  SPACEPORT_BUCKET: 'spaceport-prod',
  SPACEPORT_ROLE_ARN: 'arn:aws:iam::123456789012:role/spaceport',
  SPACEPORT_IMAGE_SFM: 'sfm:1',
  SPACEPORT_IMAGE_TRAINING: 'training:1',
  SPACEPORT_IMAGE_COMPRESSION: 'compression:1',
  SPACEPORT_MAIL_URL: 'smtps://user:password@mail.example.com',
  SPACEPORT_MAIL_FROM: 'spaceport@example.com',
  SPACEPORT_PUBLIC_URL: 'https://spaceport.example.com/',
};

test('a complete environment gives a configuration with its defaults', () => {
  expect(readConfig(COMPLETE)).toMatchObject({
    region: 'us-west-2',
    publicUrl: 'https://spaceport.example.com',
    inputBuckets: ['spaceport-prod'],
    policy: DEFAULT_POLICY,
    http: { host: '127.0.0.1', port: 3000 },
  });
});

test("photos may come from the listed buckets and the deployment's own", () => {
  expect(readConfig({ ...COMPLETE, SPACEPORT_INPUT_BUCKETS: 'a-bucket, b-bucket,' }).inputBuckets).toEqual([
    'spaceport-prod',
    'a-bucket',
    'b-bucket',
  ]);
});

test('the policy can be changed by name, and only by its names', () => {
  expect(readConfig({ ...COMPLETE, SPACEPORT_POLICY: '{"pollIntervalMs":500}' }).policy).toEqual({
    ...DEFAULT_POLICY,
    pollIntervalMs: 500,
  });
  for (const bad of ['{"pollMs":1}', '{"pollIntervalMs":0}', '[]', 'x'])
    expect(() => readConfig({ ...COMPLETE, SPACEPORT_POLICY: bad })).toThrow('SPACEPORT_POLICY');
});

test('intermediates are kept for two weeks and results for ever, unless it is said otherwise', () => {
  expect(readConfig(COMPLETE).retention).toEqual({ intermediatesDays: 14, resultsDays: 0 });
  const shorter = { ...COMPLETE, SPACEPORT_RETAIN_INTERMEDIATES_DAYS: '0.5', SPACEPORT_RETAIN_RESULTS_DAYS: '90' };
  expect(readConfig(shorter).retention).toEqual({ intermediatesDays: 0.5, resultsDays: 90 });
  for (const bad of ['-1', 'a week'])
    expect(() => readConfig({ ...COMPLETE, SPACEPORT_RETAIN_RESULTS_DAYS: bad })).toThrow(
      'SPACEPORT_RETAIN_RESULTS_DAYS',
    );
});

test('every problem of an environment is named at once', () => {
  const broken = {
    ...COMPLETE,
    SPACEPORT_BUCKET: undefined,
    SPACEPORT_DEPLOYMENT: 'Not-A-Prefix',
    SPACEPORT_MAIL_URL: 'mail.example.com',
  };
  expect(() => readConfig(broken)).toThrow(ConfigError);
  for (const name of ['SPACEPORT_BUCKET', 'SPACEPORT_DEPLOYMENT', 'SPACEPORT_MAIL_URL'])
    expect(() => readConfig(broken)).toThrow(name);
});

test('webhooks are off without a secret, and a short one is no secret', () => {
  expect(readConfig(COMPLETE).webhooks).toEqual({ secret: null, hosts: [] });
  expect(readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_SECRET: '' }).webhooks.secret).toBeNull();
  const secret = 'x'.repeat(32);
  expect(
    readConfig({
      ...COMPLETE,
      SPACEPORT_WEBHOOK_SECRET: secret,
      SPACEPORT_WEBHOOK_HOSTS: 'Localhost, 127.0.0.1:9000,[::1]',
    }).webhooks,
  ).toEqual({
    secret,
    hosts: ['localhost', '127.0.0.1:9000', '[::1]'],
  });
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_SECRET: 'x'.repeat(31) })).toThrow(
    'SPACEPORT_WEBHOOK_SECRET',
  );
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_HOSTS: 'https://hooks.example.com/' })).toThrow(
    'SPACEPORT_WEBHOOK_HOSTS',
  );
});
