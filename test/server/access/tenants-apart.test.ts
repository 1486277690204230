import request from 'supertest';
import { newSecret } from '../../../server/access/secrets';
import type { OpenApiDocument, Operation } from '../../../server/openapi/document';
import { testBatch } from '../../helpers/records';
import { jobRecord, openRun, testApp, testConfig } from '../helpers';

/**
 * Every route of the API's own description is tried with the key of a tenant to whom nothing belongs: what is there
 * belongs to the tenant `local`.
 */
const OPERATOR = newSecret('spk');
/** Values of path parameters that name something which exists, and is another tenant's. */
const THEIRS: Readonly<Record<string, string>> = {
  jobId: 'job123456',
  batchId: 'batch12345',
  file: 'scene.sog',
  tenantId: 'other',
};
const SECRET = 'the-flight-of-others';
/** Routes that are the same for everybody, or speak of the caller alone. */
const OF_THE_CALLER: readonly string[] = ['getOpenApi', 'getDocs', 'listPresets', 'listOptions', 'getSession'];
const MADE_BY_THE_CALLER: readonly string[] = [
  'createJob',
  'startJob',
  'createBatch',
  'createUpload',
  'createSchedule',
  'createKey',
  'createWebhook',
  'signIn',
  'sendSignInLink',
  'signOut',
];

async function app() {
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
  });
  const record = jobRecord({ result: { files: [{ name: 'scene.sog', bytes: 1 }] } });
  made.job({ ...record, request: { ...record.request, name: SECRET } }, openRun());
  const batch = testBatch(['job123456', 'job123457'], { name: SECRET });
  await made.batches.claim(batch);
  await made.batchRuns.start(batch);
  await made.storage.batches.add([batch]);
  const operator = { Authorization: `Bearer ${OPERATOR.secret}` };
  for (const tenantId of ['acme', 'other'])
    await request(made.app).post('/v1/tenants').set(operator).send({ tenantId, name: SECRET }).expect(201);
  const scopes = ['read', 'write', 'admin'];
  const theirs = await request(made.app).post('/v1/keys').set(operator).send({ name: SECRET, scopes, tenant: 'other' });
  const own = await request(made.app).post('/v1/keys').set(operator).send({ name: 'own', scopes, tenant: 'acme' });
  const keyId = (theirs.body as { keyId: string }).keyId;
  const url = `https://hooks.example.com/${SECRET}`;
  const { id: endpointId } = await made.storage.endpoints.create({
    id: 'hook1',
    tenant: 'other',
    url,
    events: [],
    createdAtMs: 1,
  });
  return { ...made, operator, key: (own.body as { key: string }).key, theirs: { ...THEIRS, keyId, endpointId } };
}

/** A body that is good but for whose things it is about: one that is not valid would be refused for that. */
const exampleOf = ({ requestBody }: Operation): object =>
  (requestBody as { content: Record<string, { example?: object }> } | undefined)?.content['application/json']
    ?.example ?? {};

test('no route tells, changes or lists anything of another tenant', async () => {
  const made = await app();
  const { paths } = (await request(made.app).get('/v1/openapi.json').expect(200)).body as OpenApiDocument;
  const tried: string[] = [];
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId, 'x-stream': isStream } = operation;
      if (isStream === true || OF_THE_CALLER.includes(operationId) || MADE_BY_THE_CALLER.includes(operationId))
        continue;
      const theirs: Readonly<Record<string, string>> = made.theirs;
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => theirs[name] ?? 'unknown123');
      const send = request(made.app)[method as 'get'](address).set('Authorization', `Bearer ${made.key}`);
      const { status, text } = await (method === 'get' || method === 'head' ? send : send.send(exampleOf(operation)));
      tried.push(operationId);
      const isRefused = status >= 400 && status < 500;
      const isEmptyList = status === 200 && !path.includes('{');
      expect([operationId, isRefused || isEmptyList]).toEqual([operationId, true]);
      expect([operationId, (text as string | undefined)?.includes(SECRET) ?? false]).toEqual([operationId, false]);
    }
  expect(tried.length).toBeGreaterThan(15);
  expect(made.runs.messages).toEqual([]);
  expect([made.batchRuns.cancelled, made.batchRuns.retried]).toEqual([[], []]);
  expect(made.runs.erased).toEqual([]);
  expect(await made.storage.endpoints.find('other', 'hook1')).toMatchObject({
    secretGeneration: 1,
    disabledAtMs: null,
  });
  expect(made.deliveries.started).toEqual([]);
  const stillThere = await request(made.app).get('/v1/keys?tenant=other').set(made.operator).expect(200);
  expect(stillThere.body).toMatchObject({ keys: [{ name: SECRET, revokedAt: null }] });
});
