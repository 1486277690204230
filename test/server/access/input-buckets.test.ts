import request from 'supertest';
import type { Express } from 'express';
import { newSecret } from '../../../server/access/secrets';
import { tenantLimits } from '../../../server/access/tenant-limits';
import { testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const bearer = (key: string): string => `Bearer ${key}`;

const deployment = () =>
  testApp({
    config: {
      ...testConfig,
      inputBuckets: ['spaceport', 'photos', 'archive'],
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
  });

const admin = (app: Express, method: 'post' | 'patch', path: string, body: object) =>
  request(app)[method](path).set('Authorization', bearer(OPERATOR.secret)).send(body);

async function keyOf(app: Express, tenant: object): Promise<string> {
  const made = await admin(app, 'post', '/v1/tenants', tenant).expect(201);
  const { tenantId } = made.body as { tenantId: string };
  const key = await admin(app, 'post', '/v1/keys', { name: 'k', scopes: ['read', 'write'], tenant: tenantId });
  return (key.body as { key: string }).key;
}

const start = (app: Express, key: string, s3Url: string) =>
  request(app).post('/v1/jobs').set('Authorization', bearer(key)).send({ s3Url, email: 'pilot@example.com' });

test('a tenant with an allow-list takes photos from its buckets and its own uploads only', async () => {
  const { app } = deployment();
  const acme = await keyOf(app, { tenantId: 'acme', name: 'Acme', inputBuckets: ['photos'] });
  const other = await keyOf(app, { tenantId: 'other', name: 'Other' });
  await start(app, acme, 's3://photos/flight/').expect(202);
  const refused = await start(app, acme, 's3://archive/flight/').expect(403);
  expect(refused.body).toMatchObject({ code: 'BUCKET_NOT_ALLOWED' });
  // What other buckets there are is nothing to this tenant.
  expect((refused.body as { detail: string }).detail).toBe('photos may come from photos; archive is not one of them');
  await start(app, acme, 's3://spaceport/uploads/acme/flight/').expect(202);
  await start(app, acme, 's3://spaceport/flight/').expect(403);
  await start(app, other, 's3://archive/flight/').expect(202);
});

test('an administrator changes the list, empties it, and takes it away; the rest of the tenant stays', async () => {
  const { app } = deployment();
  const key = await keyOf(app, { tenantId: 'acme', name: 'Acme', monthlyBudgetUsd: 7 });
  const change = (body: object) => admin(app, 'patch', '/v1/tenants/acme', body);
  expect((await change({ inputBuckets: [] }).expect(200)).body).toMatchObject({
    inputBuckets: [],
    monthlyBudgetUsd: 7,
  });
  expect((await start(app, key, 's3://photos/flight/').expect(403)).body).toMatchObject({
    detail: 'photos may come from no bucket; upload them through the API',
  });
  expect((await change({ name: 'Acme Surveys' }).expect(200)).body).toMatchObject({ inputBuckets: [] });
  expect((await change({ inputBuckets: null }).expect(200)).body).toMatchObject({ inputBuckets: null });
  await start(app, key, 's3://photos/flight/').expect(202);
});

test('a bucket that the deployment does not read is no choice', async () => {
  const { app } = deployment();
  for (const answer of [
    await admin(app, 'post', '/v1/tenants', { tenantId: 'acme', name: 'A', inputBuckets: ['photos', 'elsewhere'] }),
    await admin(app, 'patch', '/v1/tenants/acme', { inputBuckets: ['photos', 'elsewhere'] }),
  ])
    expect(answer.body).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      errors: [{ field: 'inputBuckets.1', message: expect.stringContaining('spaceport, photos, archive') as string }],
    });
  await admin(app, 'patch', '/v1/tenants/nobody', { inputBuckets: ['photos'] }).expect(404);
});

test('limits that cannot be read open no bucket', () => {
  expect(tenantLimits({})).toEqual({ inputBuckets: null });
  expect(tenantLimits({ inputBuckets: 'photos', jobs: 3 })).toEqual({ inputBuckets: [] });
});
