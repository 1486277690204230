import request from 'supertest';
import type { Express } from 'express';
import type { NewKey } from '../../../contracts/access/view-schema';
import { newSecret } from '../../../server/access/secrets';
import { jobRecord, NOW_MS, openRun, testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');

/** A server that others can reach, and its clock. */
function exposed(access: Partial<(typeof testConfig)['access']> = {}) {
  let nowMs = NOW_MS;
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash, ...access },
    },
    now: () => nowMs,
  });
  const pass = (ms: number): void => void (nowMs += ms);
  return { ...made, pass };
}

const bearer = (key: string): string => `Bearer ${key}`;

async function keyOf(app: Express, body: object, by = OPERATOR.secret): Promise<NewKey> {
  const send = { name: 'test', scopes: ['read', 'write'], ...body };
  const answer = await request(app).post('/v1/keys').set('Authorization', bearer(by)).send(send).expect(201);
  return answer.body as NewKey;
}

async function tenant(app: Express, tenantId: string): Promise<NewKey> {
  const body = { tenantId, name: tenantId };
  await request(app).post('/v1/tenants').set('Authorization', bearer(OPERATOR.secret)).send(body).expect(201);
  return keyOf(app, { tenant: tenantId, scopes: ['read', 'write', 'admin'] });
}

test('on this machine alone nobody needs a key, and a key that is shown counts all the same', async () => {
  const { app } = testApp({ config: { ...testConfig, access: { ...testConfig.access, adminKeyHash: OPERATOR.hash } } });
  await request(app).get('/v1/jobs').expect(200);
  await tenant(app, 'acme').then(({ key }) =>
    request(app)
      .get('/v1/session')
      .set('Authorization', bearer(key))
      .expect(200, {
        tenant: 'acme',
        scopes: ['read', 'write', 'admin'],
        expiresAt: null,
      }),
  );
  await request(app).get('/v1/jobs').set('Authorization', bearer('spk_wrong')).expect(401);
});

test('where others can reach the server, a request without a key is refused and told how to come in', async () => {
  const { app } = exposed();
  const answer = await request(app).get('/v1/jobs').expect(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="Spaceport"');
  expect(answer.body).toMatchObject({ code: 'UNAUTHENTICATED' });
  await request(app).get('/v1/jobs').set('Authorization', bearer(OPERATOR.secret)).expect(200);
  await request(app).get('/healthz').expect(200);
  await request(app).get('/v1/openapi.json').expect(200);
});

test('a key is shown once, listed by its first letters, and good for nothing after it is revoked', async () => {
  const { app } = exposed();
  const made = await keyOf(app, { name: 'upload script' });
  await request(app).get('/v1/jobs').set('Authorization', bearer(made.key)).expect(200);
  const list = await request(app).get('/v1/keys').set('Authorization', bearer(OPERATOR.secret)).expect(200);
  expect(list.text).not.toContain(made.key);
  expect(list.body).toMatchObject({
    keys: [{ keyId: made.keyId, name: 'upload script', prefix: made.key.slice(0, 12), revokedAt: null }],
  });
  const path = `/v1/keys/${made.keyId}`;
  await request(app).delete(path).set('Authorization', bearer(made.key)).expect(403);
  await request(app).delete(path).set('Authorization', bearer(OPERATOR.secret)).expect(200);
  await request(app).get('/v1/jobs').set('Authorization', bearer(made.key)).expect(401);
});

test('a key ends at its time, and one of the past is not made', async () => {
  const { app, pass } = exposed();
  const { key } = await keyOf(app, { expiresAt: new Date(NOW_MS + 60_000).toISOString() });
  await request(app).get('/v1/jobs').set('Authorization', bearer(key)).expect(200);
  pass(60_000);
  await request(app).get('/v1/jobs').set('Authorization', bearer(key)).expect(401);
  const past = { name: 'late', scopes: ['read'], expiresAt: new Date(NOW_MS).toISOString() };
  const refused = await request(app).post('/v1/keys').set('Authorization', bearer(OPERATOR.secret)).send(past);
  expect(refused.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field: 'expiresAt' }] });
});

test('a key does what its scopes say, and nothing else', async () => {
  const { app, store, runs } = exposed();
  store.records.set('job123456', jobRecord());
  runs.runs.set('job123456', openRun());
  const { key } = await keyOf(app, { scopes: ['read'] });
  await request(app).get('/v1/jobs/job123456').set('Authorization', bearer(key)).expect(200);
  const cancel = await request(app).post('/v1/jobs/job123456/cancel').set('Authorization', bearer(key)).send({});
  expect([cancel.status, (cancel.body as { code: string }).code]).toEqual([403, 'FORBIDDEN']);
  expect(runs.messages).toEqual([]);
  await request(app).post('/v1/keys').set('Authorization', bearer(key)).send({}).expect(403);
});

test("another tenant's jobs and keys are as if they did not exist", async () => {
  const { app, store } = exposed();
  store.records.set('job123456', jobRecord());
  const acme = await tenant(app, 'acme');
  const other = await tenant(app, 'other');
  const as = (key: string, method: 'get' | 'post' | 'delete', path: string) =>
    request(app)[method](path).set('Authorization', bearer(key));
  await as(acme.key, 'get', '/v1/jobs/job123456').expect(404);
  await as(acme.key, 'post', '/v1/jobs/job123456/cancel').expect(404);
  await as(acme.key, 'delete', `/v1/keys/${other.keyId}`).expect(404);
  await as(acme.key, 'get', '/v1/keys?tenant=other').expect(404);
  await as(acme.key, 'get', '/v1/tenants').expect(403);
  const own = await as(acme.key, 'get', '/v1/keys').expect(200);
  expect((own.body as { keys: { keyId: string }[] }).keys.map(({ keyId }) => keyId)).toEqual([acme.keyId]);
});

test('a closed tenant is shut out at once', async () => {
  const { app } = exposed();
  const { key } = await tenant(app, 'acme');
  await request(app).get('/v1/session').set('Authorization', bearer(key)).expect(200);
  await request(app).delete('/v1/tenants/acme').set('Authorization', bearer(OPERATOR.secret)).expect(200);
  await request(app).get('/v1/session').set('Authorization', bearer(key)).expect(401);
});

test('wrong keys from one address are slowed down, right ones are not', async () => {
  const { app } = exposed();
  const wrong = () =>
    request(app)
      .get('/v1/jobs')
      .set('Authorization', bearer(newSecret('spk').secret));
  for (let attempt = 0; attempt < 20; attempt += 1) await wrong().expect(401);
  await wrong()
    .expect(429)
    .expect('Retry-After', /^[1-9]\d*$/);
  await request(app).get('/v1/jobs').set('Authorization', bearer(OPERATOR.secret)).expect(200);
});

test('a key has so many requests a minute, and is told how many are left', async () => {
  const { app } = exposed({ requestsPerMinute: 2 });
  const look = () => request(app).get('/v1/session').set('Authorization', bearer(OPERATOR.secret));
  expect((await look().expect(200)).headers.ratelimit).toMatch(/r=1/);
  await look().expect(200);
  const refused = await look().expect(429);
  expect(refused.body).toMatchObject({ code: 'RATE_LIMITED' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

describe('a browser', () => {
  const signIn = (app: Express, key: string) => request(app).post('/v1/session').send({ key });
  const cookieIn = (answer: request.Response): string => (answer.headers['set-cookie'] as unknown as string[])[0] ?? '';

  test('exchanges a key for a cookie that no script can read, and that works until it signs out', async () => {
    const { app } = exposed();
    const { key } = await keyOf(app, {});
    const signedIn = await signIn(app, key).expect(201);
    const cookie = cookieIn(signedIn);
    expect(cookie).toMatch(
      /^__Host-spaceport=sps_[\w-]{43}; Max-Age=1209600; Path=\/; .*HttpOnly; Secure; SameSite=Lax/,
    );
    expect(signedIn.text).not.toContain('sps_');
    const pair = cookie.split(';')[0] ?? '';
    await request(app).get('/v1/jobs').set('Cookie', pair).expect(200);
    const seen = await request(app).get('/v1/session').set('Cookie', pair).expect(200);
    expect(seen.body).toEqual(signedIn.body);
    await request(app).delete('/v1/session').set('Cookie', pair).expect(204);
    await request(app).get('/v1/jobs').set('Cookie', pair).expect(401);
  });

  test('is signed out by the end of its key and of its time', async () => {
    const { app, pass } = exposed();
    const made = await keyOf(app, {});
    const pair = cookieIn(await signIn(app, made.key).expect(201)).split(';')[0] ?? '';
    const late = cookieIn(await signIn(app, OPERATOR.secret).expect(201)).split(';')[0] ?? '';
    await request(app).delete(`/v1/keys/${made.keyId}`).set('Authorization', bearer(OPERATOR.secret)).expect(200);
    await request(app).get('/v1/jobs').set('Cookie', pair).expect(401);
    await request(app).get('/v1/jobs').set('Cookie', late).expect(200);
    pass(15 * 24 * 3600_000);
    await request(app).get('/v1/jobs').set('Cookie', late).expect(401);
  });

  test('may not be made to write by a page of another site', async () => {
    const { app } = exposed();
    const pair = cookieIn(await signIn(app, OPERATOR.secret).expect(201)).split(';')[0] ?? '';
    const answer = await request(app)
      .post('/start-job')
      .set('Cookie', pair)
      .set('Origin', 'https://elsewhere.example')
      .send({});
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([403, 'CROSS_ORIGIN']);
  });

  test('is led to the page where it signs in, and back', async () => {
    const { app } = exposed();
    await request(app).get('/jobs/job123456').expect(303).expect('Location', '/sign-in?next=%2Fjobs%2Fjob123456');
    await request(app).get('/sign-in').expect(200).expect('Content-Type', /html/);
    await signIn(app, 'nonsense').expect(401);
  });
});
