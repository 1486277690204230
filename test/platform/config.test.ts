import { DEFAULT_POLICY } from '../../contracts/policy';
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
  expect(readConfig({ ...COMPLETE, SPACEPORT_INPUT_BUCKETS: 'a-bucket, b-bucket,' }).inputBuckets).toEqual(['spaceport-prod', 'a-bucket', 'b-bucket']);
});

test('the policy can be changed by name, and only by its names', () => {
  expect(readConfig({ ...COMPLETE, SPACEPORT_POLICY: '{"pollIntervalMs":500}' }).policy).toEqual({ ...DEFAULT_POLICY, pollIntervalMs: 500 });
  for (const bad of ['{"pollMs":1}', '{"pollIntervalMs":0}', '[]', 'x']) expect(() => readConfig({ ...COMPLETE, SPACEPORT_POLICY: bad })).toThrow('SPACEPORT_POLICY');
});

test('every problem of an environment is named at once', () => {
  const broken = { ...COMPLETE, SPACEPORT_BUCKET: undefined, SPACEPORT_DEPLOYMENT: 'Not-A-Prefix', SPACEPORT_MAIL_URL: 'mail.example.com' };
  expect(() => readConfig(broken)).toThrow(ConfigError);
  for (const name of ['SPACEPORT_BUCKET', 'SPACEPORT_DEPLOYMENT', 'SPACEPORT_MAIL_URL']) expect(() => readConfig(broken)).toThrow(name);
});
