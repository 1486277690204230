import pino from 'pino';
import request from 'supertest';
import type { NewShare, SharePageView } from '../../../contracts/access/share-schema';
import type { AnnotationView } from '../../../contracts/scene/annotation-schema';
import { newSecret } from '../../../server/access/secrets';
import { jobRecord, NOW_MS, testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const NAMES = [
  'scene.sog',
  'scene.json',
  'model.ply',
  'cameras.json',
  'photos.json',
  'georeference.json',
  'report.json',
];
const ORIGIN = { datum: 'WGS84', latitude: 46.5, longitude: 7.25, altitude: 600 };
const KEPT = {
  version: 1,
  metric: true,
  bounds: { min: [0, 0, 0], max: [1, 1, 1] },
  attribution: ['© Village Drones'],
};
const SCENE = { ...KEPT, origin: ORIGIN, place: '46.5N' };
const NOTE = { kind: 'note', vertices: [[1, 2, 3]], text: 'a crack' };

/** A server that others can reach, with a finished job; what it logs; and its clock. */
function site() {
  let nowMs = NOW_MS;
  const logged: string[] = [];
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
    logger: pino({ level: 'debug' }, { write: (line) => void logged.push(line) }),
    now: () => nowMs,
  });
  const files = NAMES.map((name) => ({ name, bytes: 9 }));
  const record = jobRecord({ state: 'succeeded', result: { files } });
  made.job({ ...record, request: { ...record.request, email: 'pilot@example.com' } }, null);
  made.store.json.set('job123456/scene.json', SCENE);
  made.store.json.set('job123456/cameras.json', []);
  const as = (send: request.Test): request.Test => send.set('Authorization', `Bearer ${OPERATOR.secret}`);
  const share = async (body: object = {}): Promise<NewShare> =>
    (await as(request(made.app).post('/v1/jobs/job123456/shares')).send(body).expect(201)).body as NewShare;
  return { ...made, record, logged, as, share, pass: (ms: number): void => void (nowMs += ms) };
}

const at = (share: Pick<NewShare, 'token'>, path = ''): string => `/v1/shared/${share.token}${path}`;

test('a link is shown once, opens the job without a key, and is good for nothing after it is revoked', async () => {
  const { app, as, share } = site();
  const made = await share({ scopes: ['measure', 'view'] });
  expect(made).toMatchObject({ scopes: ['view', 'measure'], shows: [], expiresAt: null, revokedAt: null });
  expect(made.token).toMatch(/^spl_[\w-]{43}$/);
  expect(made.apiUrl).toBe(`https://spaceport.example.com${at(made)}`);
  expect(made.url).toBe(`https://spaceport.example.com/s/${made.token}`);
  await request(app).get(at(made)).expect('X-Robots-Tag', 'noindex').expect(200);
  const list = await as(request(app).get('/v1/jobs/job123456/shares')).expect(200);
  expect(list.text).not.toContain(made.token);
  expect(list.body).toMatchObject({ shares: [{ shareId: made.shareId, revokedAt: null }] });
  const revoked = await as(request(app).delete(`/v1/jobs/job123456/shares/${made.shareId}`)).expect(200);
  expect(revoked.body).toMatchObject({ revokedAt: '2026-11-21T10:00:00.000Z' });
  await request(app).get(at(made)).expect(404);
  await as(request(app).delete('/v1/jobs/job123456/shares/unknown')).expect(404);
  await as(request(app).post('/v1/jobs/job123456/shares')).send({ expiresAt: '2026-01-01T00:00:00Z' }).expect(400);
  await as(request(app).post('/v1/jobs/job123456/shares'))
    .send({ scopes: ['logs'] })
    .expect(400);
  await request(app).post('/v1/jobs/job123456/shares').send({}).expect(401);
});

test('the links of all jobs are listed page by page, to their tenant alone and with a key alone', async () => {
  const { app, as, share, job, record } = site();
  job({ ...record, jobId: 'second123' }, null);
  const made = [await share(), await share()];
  const third = (await as(request(app).post('/v1/jobs/second123/shares')).send({}).expect(201)).body as NewShare;
  await as(request(app).post('/v1/tenants')).send({ tenantId: 'acme', name: 'Acme' }).expect(201);
  const { key } = (await as(request(app).post('/v1/keys')).send({ name: 'k', scopes: ['read'], tenant: 'acme' }))
    .body as { key: string };
  const page = async (query: string): Promise<SharePageView> =>
    (await as(request(app).get(`/v1/shares${query}`)).expect(200)).body as SharePageView;
  const first = await page('?limit=2');
  const last = await page(`?limit=2&cursor=${first.nextCursor}`);
  expect([...first.shares, ...last.shares].map(({ jobId, shareId }) => [jobId, shareId])).toEqual([
    ['second123', third.shareId],
    ['job123456', made[1]!.shareId],
    ['job123456', made[0]!.shareId],
  ]);
  expect([first.nextCursor === null, last.nextCursor]).toEqual([false, null]);
  expect(JSON.stringify(first)).not.toContain(third.token);
  await as(request(app).get('/v1/shares?cursor=abc')).expect(400);
  await request(app).get('/v1/shares').expect(401);
  const theirs = await request(app).get('/v1/shares').set('Authorization', `Bearer ${key}`).expect(200);
  expect(theirs.body).toEqual({ shares: [], nextCursor: null });
});

test('a link that is wrong, expired, revoked, of an erased job or of a closed tenant is answered alike', async () => {
  const { app, as, share, pass, job, record } = site();
  const expired = await share({ expiresAt: '2026-11-21T10:00:05Z' });
  const revoked = await share();
  await as(request(app).delete(`/v1/jobs/job123456/shares/${revoked.shareId}`)).expect(200);
  await as(request(app).post('/v1/tenants')).send({ tenantId: 'acme', name: 'Acme' }).expect(201);
  const key = await as(request(app).post('/v1/keys')).send({ name: 'k', scopes: ['write'], tenant: 'acme' });
  job({ ...record, jobId: 'acmejob12', request: { ...record.request, tenant: 'acme' } }, null);
  const theirs = await request(app)
    .post('/v1/jobs/acmejob12/shares')
    .set('Authorization', `Bearer ${(key.body as { key: string }).key}`)
    .send({})
    .expect(201);
  await as(request(app).delete('/v1/tenants/acme')).expect(200);
  const erased = await share();
  pass(5000);
  job({ ...record, erasedAtMs: NOW_MS }, null);
  const tokens = [expired, revoked, erased, theirs.body as NewShare].map(({ token }) => token);
  const answers = await Promise.all(
    [...tokens, 'unknown', newSecret('spl').secret, OPERATOR.secret].map((token) => request(app).get(at({ token }))),
  );
  const told = answers.map(({ status, body }) => ({ status, ...(body as object), requestId: '' }));
  expect(told).toEqual(told.map(() => told[0]));
  expect(told[0]).toMatchObject({ status: 404, code: 'SHARE_NOT_FOUND' });
});

test('a holder sees no mail address, cost, file name or place, unless it is switched on', async () => {
  const { app, share } = site();
  const plain = await share({ scopes: ['download'] });
  const { text, body } = await request(app).get(at(plain)).expect(200);
  expect(text).not.toMatch(/pilot|example\.com\/?"|flight|photos\.json|cameras|georeference|report|job123456|local/);
  expect(body).toMatchObject({ name: null, email: null, costUsd: null, input: null, state: 'succeeded' });
  const named = (list: { name: string }[]): string[] => list.map(({ name }) => name);
  expect(named((body as { downloads: { name: string }[] }).downloads)).toEqual([
    'scene.sog',
    'scene.json',
    'model.ply',
  ]);
  const pictures = ['thumbnails/a.jpg.webp', 'held-out/0001-photo.webp'];
  for (const file of ['cameras.json', 'photos.json', 'georeference.json', 'report.json', ...pictures])
    await request(app)
      .get(at(plain, `/artifacts/${file}`))
      .expect(404);
  const scene = await request(app).get(at(plain, '/scene/scene.json')).expect(200);
  expect(scene.body).toEqual({ ...KEPT, origin: null });
  expect((await request(app).get(at(plain, '/artifacts/scene.json'))).text).not.toContain('46.5');
  const head = await request(app).head(at(plain, '/scene/scene.json')).expect(200);
  expect(head.headers['content-length']).toBe(scene.headers['content-length']);

  const all = await share({ scopes: ['download'], shows: ['email', 'cost', 'fileNames', 'position'] });
  const open = (await request(app).get(at(all)).expect(200)).body as { downloads: { name: string }[] };
  expect(open).toMatchObject({ name: 'flight', email: 'pilot@example.com', costUsd: 0, input: 's3://photos/flight/' });
  expect(named(open.downloads)).toEqual(NAMES);
  await request(app).get(at(all, '/scene/scene.json')).expect(302);
});

test('a viewer reads the scene of a link, and only a link that allows it lets files be saved', async () => {
  const { app, share } = site();
  const view = await share();
  const saved = await share({ scopes: ['download'] });
  const to = (answer: request.Response): string | undefined => answer.headers.location;
  expect(to(await request(app).get(at(view, '/scene/scene.sog')).expect(302))).toMatch(/scene\.sog\?as=inline$/);
  await request(app).head(at(view, '/scene/scene.sog')).expect('Content-Length', '9').expect(200);
  await request(app).get(at(view, '/scene/model.ply')).expect(404);
  await request(app).get(at(view, '/scene/..%2F..%2Fjob.json')).expect(404);
  expect((await request(app).get(at(view, '/artifacts/scene.sog')).expect(403)).body).toMatchObject({
    code: 'FORBIDDEN',
  });
  await request(app).head(at(view, '/artifacts/model.ply')).expect(403);
  expect(to(await request(app).get(at(saved, '/artifacts/model.ply')).expect(302))).toMatch(/as=spaceport-/);
  await request(app).head(at(saved, '/artifacts/model.ply')).expect(200);
});

test('a link that allows to measure adds annotations, and changes its own alone', async () => {
  const { app, as, share } = site();
  const [view, measure, other] = [
    await share(),
    await share({ scopes: ['measure'] }),
    await share({ scopes: ['measure'] }),
  ];
  const own = await as(request(app).post('/v1/jobs/job123456/annotations')).send(NOTE).expect(201);
  await request(app).post(at(view, '/annotations')).send(NOTE).expect(403);
  const made = (await request(app).post(at(measure, '/annotations')).send(NOTE).expect(201)).body as AnnotationView;
  const known = {
    kind: 'scale',
    vertices: [
      [0, 0, 0],
      [1, 0, 0],
    ],
    value: { amount: 3, sigma: 0.01, unit: 'm' },
  };
  await request(app).post(at(measure, '/annotations')).send(known).expect(403);
  await request(app)
    .put(at(measure, `/annotations/${made.annotationId}`))
    .send(known)
    .expect(403);
  expect(made.shareId).toBe(measure.shareId);
  const seen = (await request(app).get(at(view, '/annotations')).expect(200)).body as { annotations: AnnotationView[] };
  expect(seen.annotations.map(({ shareId }) => shareId)).toEqual([null, null]);
  const path = `/annotations/${made.annotationId}`;
  const next = { ...NOTE, text: 'two cracks' };
  await request(app).put(at(other, path)).send(next).expect(403);
  await request(app).delete(at(other, path)).expect(403);
  await request(app)
    .delete(at(measure, `/annotations/${(own.body as AnnotationView).annotationId}`))
    .expect(403);
  await request(app).put(at(measure, path)).set('If-Match', '"9"').send(next).expect(412);
  const changed = await request(app).put(at(measure, path)).set('If-Match', made.etag).send(next).expect(200);
  expect(changed.body).toMatchObject({ text: 'two cracks', shareId: measure.shareId });
  await request(app).delete(at(measure, path)).expect(204);
  for (let index = 0; index < 200; index += 1)
    await request(app).post(at(measure, '/annotations')).send(NOTE).expect(201);
  await request(app).post(at(measure, '/annotations')).send(NOTE).expect(409);
  await request(app).post(at(other, '/annotations')).send(NOTE).expect(201);
});

test('a repeated Idempotency-Key of a holder makes one annotation, and another link has keys of its own', async () => {
  const { app, share, storage } = site();
  const links = [await share({ scopes: ['measure'] }), await share({ scopes: ['measure'] })];
  const made: string[] = [];
  for (const link of [links[0], links[0], links[1]] as NewShare[]) {
    const answer = await request(app)
      .post(at(link, '/annotations'))
      .set('Idempotency-Key', 'k1')
      .send(NOTE)
      .expect(201);
    made.push((answer.body as AnnotationView).annotationId);
  }
  expect(made[1]).toBe(made[0]);
  expect(made[2]).not.toBe(made[0]);
  expect(await storage.annotations.list('local', 'job123456')).toHaveLength(2);
});

test('wrong links are limited, and no token stands in a log, also of an error', async () => {
  const { app, as, share, store, logged } = site();
  const made = await share();
  const wrong = newSecret('spl').secret;
  for (let attempt = 0; attempt < 20; attempt += 1)
    await request(app)
      .get(at({ token: wrong }))
      .expect(404);
  await request(app)
    .get(at({ token: wrong }))
    .expect(429)
    .expect('Retry-After', /^[1-9]\d*$/);
  await request(app).get(at(made)).expect(200);
  await request(app).get(at(made, '/nothing')).expect(404, new RegExp('^(?!.*spl_[\\w-]{43})'));
  store.link = () => Promise.reject(new Error('S3 does not answer'));
  await request(app).get(at(made, '/scene/scene.sog')).expect(503);
  await as(request(app).get('/v1/jobs/job123456/shares')).expect(200);
  const log = logged.join('');
  expect(log).toContain('a shared link that is not valid was refused');
  expect(log).toContain('/v1/shared/spl_…/scene/scene.sog');
  for (const secret of [made.token, wrong, OPERATOR.secret]) expect(log).not.toContain(secret.slice(4));
});
