import { exposureProblems, keysNeeded } from '../../../server/access/exposure';
import { testConfig } from '../helpers';

const HASH = 'a'.repeat(64);

const ofThisMachine = { ...testConfig, s3Endpoint: null as string | null };

/** The variables that are named. */
const named = (changes: Partial<typeof ofThisMachine>): string[] =>
  exposureProblems({ ...ofThisMachine, ...changes }).map((line) => line.split(':')[0] ?? '');

test.each([
  ['http://127.0.0.1:3000', '127.0.0.1', false],
  ['http://localhost:3000', '::1', false],
  ['http://[::1]:3000', '127.0.0.1', false],
  ['http://127.0.0.1:3000', '0.0.0.0', true],
  ['https://spaceport.example.com', '127.0.0.1', true],
])('at %s, listening on %s, keys are needed: %s', (publicUrl, host, expected) => {
  expect(keysNeeded({ publicUrl, http: { ...testConfig.http, host } })).toBe(expected);
});

const access = { adminKeyHash: HASH, requestsPerMinute: 1 };
const behindProxy = { ...testConfig.http, host: '0.0.0.0', trustedProxies: 1 };
const publicUrl = 'https://spaceport.example.com';
const publicS3Endpoint = 'https://s3.example.com';

test('a server that others can reach does not start without a key and HTTPS, and says which variable it misses', () => {
  expect(named({})).toEqual([]);
  expect(named({ publicUrl: 'http://spaceport.example.com', publicS3Endpoint: 'http://s3.example.com' })).toEqual([
    'SPACEPORT_ADMIN_KEY_HASH',
    'SPACEPORT_PUBLIC_URL',
    'SPACEPORT_TRUST_PROXY',
    'SPACEPORT_PUBLIC_S3_ENDPOINT',
  ]);
  expect(named({ access, publicUrl, publicS3Endpoint, http: behindProxy })).toEqual([]);
  expect(named({ access, http: { ...testConfig.http, host: '0.0.0.0' } })).toEqual([]);
});

test('signed links that lead to the S3 of the server itself need HTTPS too', () => {
  const reached = { access, publicUrl, http: behindProxy };
  const inside = { ...reached, s3Endpoint: 'http://minio:9000' };
  expect(named({ ...inside, publicS3Endpoint: null })).toEqual(['SPACEPORT_PUBLIC_S3_ENDPOINT']);
  expect(named({ ...inside, publicS3Endpoint })).toEqual([]);
  expect(named({ ...reached, s3Endpoint: null, publicS3Endpoint: null })).toEqual([]);
  expect(named({ ...reached, publicS3Endpoint: 'http://127.0.0.1:9000' })).toEqual(['SPACEPORT_PUBLIC_S3_ENDPOINT']);
});

test('a server behind a proxy that nobody has declared does not start', () => {
  const undeclared = { ...behindProxy, trustedProxies: 0 };
  expect(named({ access, publicUrl, publicS3Endpoint, http: undeclared })).toEqual(['SPACEPORT_TRUST_PROXY']);
});
