import { DEFAULT_POLICY } from '../../contracts/job/policy';
import { ConfigError, readConfig, type Config } from '../../platform/config';

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

test('keys for what Temporal stores are off unless they are named, and a wrong one is named without itself', () => {
  expect(readConfig(COMPLETE).payloadKeys).toBeNull();
  const key = 'ab'.repeat(32);
  expect(readConfig({ ...COMPLETE, SPACEPORT_PAYLOAD_KEYS: `a:${key}` }).payloadKeys?.current?.id).toBe('a');
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_PAYLOAD_KEYS: `a:${key}0` })).toThrow(
    /^(?=[^]*SPACEPORT_PAYLOAD_KEYS)(?![^]*abab)/,
  );
});

describe('A04: an address with a password', () => {
  const SES = 'email-smtp.us-west-2.amazonaws.com:587';
  const problemOf = (changes: Record<string, string>): string => {
    try {
      readConfig({ ...COMPLETE, ...changes });
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    return '';
  };

  test.each([
    ['BAb/cd+e1=', '/ as %2F'],
    ['pa#ss', '# as %23'],
    ['pa?ss', '? as %3F'],
    ['12?ss', '? as %3F'],
    ['50%off', '% as %25'],
    ['a/b#c', '/ as %2F, # as %23'],
  ])('that holds %j is refused with what to write, together with the other problems', (password, how) => {
    const message = problemOf({
      SPACEPORT_MAIL_URL: `smtp://AKIAEXAMPLE:${password}@${SES}`,
      SPACEPORT_MAIL_FROM: 'x',
    });
    expect(message).toContain(`SPACEPORT_MAIL_URL: has characters`);
    expect(message).toContain(how);
    expect(message).toContain('SPACEPORT_MAIL_FROM');
    for (const secret of [password, 'AKIAEXAMPLE', 'amazonaws']) expect(message).not.toContain(secret);
  });

  test.each([
    ['smtp:///x', 'must name a host'],
    ['smtp://user:secret@', 'must name a host'],
    ['smtp://:587', 'must name a host'],
    ['smtp://user:secret@host:99999', 'port from 1 to 65535'],
    ['smtp://user:secret@host:0', 'port from 1 to 65535'],
    ['smtp://user:sec ret@ho st', 'must name a host'],
    ['smtp://user:sec\nret@host', 'control character'],
    ['smtp://:secret@host', 'no user name'],
    ['smtp://user:secret@host/mail', 'path'],
    ['smtp://user:secret@host#mail', '#'],
    ['smtp://user:secret@host?tlz=1', 'unknown option "tlz"; known are requireTLS'],
    ['smtp://user:secret@host?secure=true', 'unknown option "secure"'],
    ['smtp://user:secret@host?requireTLS=maybe', 'requireTLS as true or false'],
    ['smtp://user:secret@host?maxConnections=-1', 'maxConnections as a whole number'],
    ['http://user:secret@host', 'smtp:// or smtps://'],
    ['smtp:user:secret@host', 'smtp:// or smtps://'],
    ['user:secret@host', 'smtp:// or smtps://'],
    ['', 'smtp:// or smtps://'],
  ])('of a mail server, %j, is refused at the start', (url, why) => {
    const message = problemOf({ SPACEPORT_MAIL_URL: url });
    expect(message).toContain('SPACEPORT_MAIL_URL: ');
    expect(message).toContain(why);
    expect(message).not.toContain('secret');
  });

  test.each([
    'smtp://127.0.0.1:1025',
    'smtps://user:password@mail.example.com',
    'SMTP://mailpit',
    'smtp://[::1]:25/',
    'smtp://AKIAEXAMPLE:BAb%2Fcd+e1=@host:587',
    'smtp://user@example.com:pa:ss@host',
    'smtp://müller.example?requireTLS=true&tls.rejectUnauthorized=false&pool=1&maxConnections=3',
    'smtp://mail_host:25\n',
  ])('of a mail server, %j, is taken', (url) => {
    expect(problemOf({ SPACEPORT_MAIL_URL: url })).toBe('');
  });

  test.each([
    'SPACEPORT_PUBLIC_URL',
    'SPACEPORT_PUBLIC_S3_ENDPOINT',
    'SPACEPORT_TEMPORAL_UI_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_ENDPOINT_URL_SAGEMAKER',
  ])('is no value of %s, nor is one that is not http', (name) => {
    for (const url of [
      'http://user:secret@host:9000',
      'http://user:se/cret@host',
      'http://user:1/secret@host',
      'http://host:99999/secret',
      'http:///secret',
      'ftp://secret',
      'javascript:secret',
      'https://host/?secret',
      'https://host/#secret',
      'secret',
    ]) {
      const message = problemOf({ [name]: url });
      expect(message).toContain(`${name}: must `);
      expect(message).not.toContain('secret');
    }
    expect(problemOf({ [name]: 'https://host.example:8443/below/' })).toBe('');
  });

  test('of Temporal has no scheme and no user', () => {
    for (const bad of ['http://temporal:7233', 'user:secret@temporal:7233', ''])
      expect(problemOf({ TEMPORAL_ADDRESS: bad })).toMatch(/TEMPORAL_ADDRESS: must be host:port(?!.*secret)/);
    for (const good of ['temporal:7233', 'my_temporal:7233', 'ns.acct.tmprl.cloud:7233', '[::1]:7233'])
      expect(problemOf({ TEMPORAL_ADDRESS: good })).toBe('');
  });
});

test('CloudWatch is told nothing unless a namespace is named, and not below a name of AWS’s own', () => {
  const read = (namespace: string): Config => readConfig({ ...COMPLETE, SPACEPORT_METRICS_NAMESPACE: namespace });
  expect(read('').metrics.cloudWatchNamespace).toBeNull();
  expect(read('Spaceport/alpha').metrics.cloudWatchNamespace).toBe('Spaceport/alpha');
  for (const wrong of ['AWS/Spaceport', ':a', 'two words', 'x'.repeat(256)])
    expect(() => read(wrong)).toThrow('SPACEPORT_METRICS_NAMESPACE: must be a namespace of CloudWatch');
});

test('what is missing is said to be missing, in plain words', () => {
  expect(() => readConfig({})).toThrow(/SPACEPORT_MAIL_URL: is not set\n/);
  expect(() => readConfig({})).not.toThrow(/Invalid input/);
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
  expect(readConfig(COMPLETE).webhooks).toEqual({ secret: null, masterKey: null, hosts: [] });
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
    masterKey: null,
    hosts: ['localhost', '127.0.0.1:9000', '[::1]'],
  });
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_SECRET: 'x'.repeat(31) })).toThrow(
    'SPACEPORT_WEBHOOK_SECRET',
  );
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_MASTER_KEY: 'x'.repeat(31) })).toThrow(
    'SPACEPORT_WEBHOOK_MASTER_KEY',
  );
  expect(readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_MASTER_KEY: secret }).webhooks.masterKey).toBe(secret);
  expect(() => readConfig({ ...COMPLETE, SPACEPORT_WEBHOOK_HOSTS: 'https://hooks.example.com/' })).toThrow(
    'SPACEPORT_WEBHOOK_HOSTS',
  );
});

test.each([
  [{}, true],
  [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' }, false],
  [{ AWS_ENDPOINT_URL_SAGEMAKER: 'http://127.0.0.1:9100' }, false],
  [{ AWS_ENDPOINT_URL_SAGEMAKER: 'https://vpce-1.sagemaker.us-west-2.vpce.amazonaws.com' }, true],
  [{ AWS_ENDPOINT_URL_SAGEMAKER: 'https://amazonaws.com.example.net' }, false],
])('machines are rented unless the SageMaker endpoint is another than AWS has: %j', (changes, rents) => {
  expect(readConfig({ ...COMPLETE, ...changes }).rentsMachines).toBe(rents);
});
