import request from 'supertest';
import type { AnnotationView } from '../../../contracts/scene/annotation-schema';
import { jobRecord, testApp } from '../helpers';

const PATH = '/v1/jobs/job123456/annotations';
const NOTE = { kind: 'note', vertices: [[1, 2.5, -3]], text: 'a crack' };

function site() {
  const made = testApp();
  made.job(jobRecord({ state: 'succeeded', result: { files: [] } }), null);
  return made;
}

const create = async (app: ReturnType<typeof site>['app'], body: object = NOTE): Promise<AnnotationView> =>
  (await request(app).post(PATH).send(body).expect(201)).body as AnnotationView;

const polygon = (count: number): number[][] => Array.from({ length: count }, (_, index) => [index, index * index, 0]);

test('a note comes back as it was made, with a version', async () => {
  const { app } = site();
  const view = { eye: [0, -5, -10], target: [0, 0, 0], up: [0, -1, 0], fieldOfViewDeg: 60 };
  const answer = await request(app)
    .post(PATH)
    .send({ ...NOTE, view })
    .expect(201);
  const made = answer.body as AnnotationView;
  expect(answer.headers.etag).toBe(made.etag);
  expect(made).toMatchObject({ ...NOTE, view, value: null, shareId: null, createdAt: '2026-11-21T10:00:00.000Z' });
  expect(answer.headers.location).toBe(`${PATH}/${made.annotationId}`);
  await request(app).get(`${PATH}/${made.annotationId}`).expect('ETag', made.etag).expect(200, made);
  await request(app)
    .get(PATH)
    .expect(200, { annotations: [made] });
});

test.each([
  ['point', 1, null],
  ['distance', 2, { amount: 5.25, sigma: 0.02, unit: 'm' }],
  ['scale', 2, { amount: 12.5, sigma: 0.01, unit: 'm' }],
  ['polyline', 200, { amount: 12, sigma: null, unit: 'unit' }],
  ['area', 3, { amount: 100, sigma: 1, unit: 'm2' }],
  ['volume', 4, { amount: -3.5, sigma: 0.5, unit: 'm3' }],
  ['height', 2, { amount: -1.25, sigma: 0.02, unit: 'm' }],
])('a %s with its value is kept', async (kind, count, value) => {
  const { app } = site();
  expect(await create(app, { kind, vertices: polygon(count), value })).toMatchObject({ kind, value, text: '' });
});

test.each([
  ['no kind', { vertices: [[0, 0, 0]] }, 'kind'],
  ['another kind', { ...NOTE, kind: 'angle' }, 'kind'],
  ['a note without words', { ...NOTE, text: '' }, 'text'],
  ['words without end', { ...NOTE, text: 'x'.repeat(2001) }, 'text'],
  ['a distance of one point', { kind: 'distance', vertices: polygon(1) }, 'vertices'],
  ['an area of two points', { kind: 'area', vertices: polygon(2) }, 'vertices'],
  ['too many points', { kind: 'polyline', vertices: polygon(201) }, 'vertices'],
  ['a point in a plane', { kind: 'point', vertices: [[1, 2]] }, 'vertices.0'],
  ['a place in words', { kind: 'point', vertices: [[1, 2, 'here']] }, 'vertices.0.2'],
  ['a place far away', { kind: 'point', vertices: [[1, 2, 1e8]] }, 'vertices.0.2'],
  ['a value of a note', { ...NOTE, value: { amount: 1, unit: 'm' } }, 'value'],
  ['a negative length', { kind: 'distance', vertices: polygon(2), value: { amount: -1, unit: 'm' } }, 'value.amount'],
  ['an area in metres', { kind: 'area', vertices: polygon(3), value: { amount: 1, unit: 'm' } }, 'value.unit'],
  ['a view without a target', { ...NOTE, view: { eye: [0, 0, 0], up: [0, 0, 1], fieldOfViewDeg: 60 } }, 'view.target'],
  ['something unknown', { ...NOTE, colour: 'red' }, 'colour'],
])('%s is refused by the name of the field', async (_what, body, field) => {
  const { app } = site();
  const answer = await request(app).post(PATH).send(body).expect(400);
  expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
  expect(JSON.stringify((answer.body as { errors: object }).errors)).not.toMatch(
    /Invalid|Too (small|big)|discriminator|is not valid/,
  );
});

test('a change that counts on another version is refused, and changes nothing', async () => {
  const { app } = site();
  const made = await create(app);
  const path = `${PATH}/${made.annotationId}`;
  const next = { ...NOTE, text: 'two cracks' };
  const changed = await request(app).put(path).set('If-Match', made.etag).send(next).expect(200);
  const { etag } = changed.body as AnnotationView;
  expect(etag).not.toBe(made.etag);
  expect(changed.headers.etag).toBe(etag);
  for (const stale of [made.etag, '"7", "8"', 'nonsense']) {
    const refused = await request(app).put(path).set('If-Match', stale).send(NOTE).expect(412);
    expect(refused.body).toMatchObject({ code: 'PRECONDITION_FAILED' });
    await request(app).delete(path).set('If-Match', stale).expect(412);
  }
  const { body } = await request(app).get(path).expect(200);
  expect(body).toMatchObject({ text: 'two cracks', etag });
  await request(app).put(path).set('If-Match', '*').send(NOTE).expect(200);
  await request(app).put(path).send(next).expect(200);
  const now = ((await request(app).get(path)).body as AnnotationView).etag;
  await request(app).delete(path).set('If-Match', `"1", ${now}`).expect(204);
  await request(app).get(path).expect(404);
  await request(app).put(path).set('If-Match', '*').send(NOTE).expect(404);
  await request(app).delete(path).expect(404);
});

test('a job has a thousand annotations at most', async () => {
  const { app, storage } = site();
  const place = { tenant: 'local', jobId: 'job123456', createdAtMs: 1, body: NOTE };
  for (let index = 0; index < 999; index += 1) await storage.annotations.create({ ...place, id: `n${index}` }, 1000);
  const last = await create(app);
  const refused = await request(app).post(PATH).send(NOTE).expect(409);
  expect(refused.body).toMatchObject({ code: 'TOO_MANY_ANNOTATIONS' });
  await request(app).delete(`${PATH}/${last.annotationId}`).expect(204);
  await create(app);
});

test('a job that is erased, or not there, has none', async () => {
  const { app, job } = site();
  await create(app);
  job(jobRecord({ erasedAtMs: 1 }), null);
  for (const send of [request(app).get(PATH), request(app).post(PATH).send(NOTE)])
    expect((await send.expect(410)).body).toMatchObject({ code: 'JOB_ERASED' });
  await request(app).get('/v1/jobs/unknown123/annotations').expect(404);
  await request(app).post('/v1/jobs/unknown123/annotations').send(NOTE).expect(404);
});
