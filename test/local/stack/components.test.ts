import { findCheckout } from '../../../local/stack/checkout';
import { componentSpecs } from '../../../local/stack/components';
import { endpointsOf } from '../../../local/stack/endpoints';
import { USUAL_PORTS } from '../../../local/stack/ports';
import { readConfig } from '../../../platform/config';
import { exposureProblems } from '../../../server/access/exposure';

/** The environments of a stack's processes, by what the launcher was started with. */
function environments(environment: NodeJS.ProcessEnv) {
  const specs = componentSpecs({
    checkout: findCheckout(),
    stateFolder: '/state',
    ports: USUAL_PORTS,
    endpoints: endpointsOf(USUAL_PORTS),
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    webhookSecret: 's'.repeat(32),
    webhookMasterKey: 'm'.repeat(32),
    imagesFile: '/images.json',
    policy: {},
    quotas: { processing: {}, training: {} },
    stopGraceSeconds: 1,
    environment,
  });
  return { server: specs.server.env, s3: specs.s3.env, worker: specs.worker.env };
}

const PUBLIC = { SPACEPORT_PUBLIC_URL: 'https://spaceport.lan' };
const DECLARED = {
  ...PUBLIC,
  SPACEPORT_PUBLIC_S3_ENDPOINT: 'https://s3.spaceport.lan',
  SPACEPORT_TRUST_PROXY: '1',
  SPACEPORT_ADMIN_KEY_HASH: 'a'.repeat(64),
};

test('without a public address a stack is for this machine alone, whatever else the launcher is told', () => {
  const { server, s3 } = environments({
    SPACEPORT_DEPLOYMENT: 'other',
    AWS_PROFILE: 'work',
    DATABASE_URL: 'postgres:///x',
  });
  expect(server).toMatchObject({ SPACEPORT_DEPLOYMENT: 'local', SPACEPORT_PUBLIC_URL: 'http://127.0.0.1:3000' });
  expect(Object.keys(server)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
  expect(Object.keys(server)).not.toEqual(expect.arrayContaining(['DATABASE_URL']));
  expect(s3.SPACEPORT_PUBLIC_S3_ENDPOINT).toBeUndefined();
  expect(exposureProblems(readConfig(server))).toEqual([]);
});

test('a declared address reaches server, worker and S3, which lets its pages in under the declared name', () => {
  const { server, s3, worker } = environments(DECLARED);
  expect(server).toMatchObject(DECLARED);
  expect(worker).toMatchObject(PUBLIC);
  expect(exposureProblems(readConfig(server))).toEqual([]);
  expect(s3.SPACEPORT_PUBLIC_S3_ENDPOINT).toBe(DECLARED.SPACEPORT_PUBLIC_S3_ENDPOINT);
  expect(s3.SPACEPORT_S3_CORS_ORIGINS?.split(',')).toEqual(
    expect.arrayContaining([DECLARED.SPACEPORT_PUBLIC_URL, 'http://127.0.0.1:3000']),
  );
});

test('what is missing beside a public address is refused by its name, that of S3 too', () => {
  const problems = exposureProblems(readConfig(environments(PUBLIC).server));
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'SPACEPORT_ADMIN_KEY_HASH',
    'SPACEPORT_TRUST_PROXY',
    'SPACEPORT_PUBLIC_S3_ENDPOINT',
  ]);
});
