import request from 'supertest';
import type { UploadView } from '../../../server/uploads/view';
import { testApp } from '../helpers';

const body = { email: 'pilot@example.com', preset: 'preview' };
const files = [
  { name: 'a.jpg', bytes: 10 },
  { name: 'b.jpg', bytes: 20 },
];

/** An upload of two photos called Quarry, whose first `arrived` are there. */
async function uploadedTo({ app, uploads }: ReturnType<typeof testApp>, arrived: number): Promise<string> {
  const answer = await request(app).post('/v1/uploads').send({ name: 'Quarry', files }).expect(201);
  const { uploadId, missing } = answer.body as UploadView;
  for (const { key, bytes } of missing.slice(0, arrived)) uploads.objects.set(key, bytes);
  return uploadId;
}

test.each(['/start-job', '/v1/jobs'])('%s starts a job of an upload, which is complete by that', async (path) => {
  const server = testApp();
  const uploadId = await uploadedTo(server, 2);
  await request(server.app)
    .post(path)
    .send({ ...body, uploadId })
    .expect(202);
  expect(server.runs.started[0]?.request).toMatchObject({
    name: 'Quarry',
    location: { bucket: 'spaceport', key: `uploads/local/${uploadId}/photos/` },
    tenant: 'local',
  });
  expect(server.runs.started[0]?.request).not.toHaveProperty('uploadId');
  const { body: view } = await request(server.app).get(`/v1/uploads/${uploadId}`);
  expect(view).toMatchObject({ state: 'complete' });
});

test('a job that has a name of its own keeps it', async () => {
  const server = testApp();
  const uploadId = await uploadedTo(server, 2);
  await request(server.app)
    .post('/start-job')
    .send({ ...body, uploadId, name: 'North wall' })
    .expect(202);
  expect(server.runs.started[0]?.request.name).toBe('North wall');
});

test('an upload that is not complete is refused with what is missing, and no job is made', async () => {
  const server = testApp();
  const uploadId = await uploadedTo(server, 1);
  for (const key of [{}, { 'Idempotency-Key': 'k' }]) {
    const answer = await request(server.app)
      .post('/start-job')
      .set(key)
      .send({ ...body, uploadId })
      .expect(409);
    expect(answer.body).toMatchObject({
      code: 'UPLOAD_INCOMPLETE',
      errors: [{ field: 'b.jpg', message: 'has not arrived' }],
    });
  }
  expect([server.store.records.size, server.runs.started.length]).toEqual([0, 0]);
});

test("an upload that is not the caller's, or no upload at all, is not found", async () => {
  const { app, store, uploads } = testApp();
  const [manifest] = uploads.manifests.values();
  expect(manifest).toBeUndefined();
  for (const uploadId of ['0'.repeat(32), '../../jobs', '', 'x'.repeat(5000)]) {
    const answer = await request(app)
      .post('/start-job')
      .send({ ...body, uploadId })
      .expect(404);
    expect(answer.body).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
  }
  expect(store.records.size).toBe(0);
});

test('a repeated key is the same job, also when its upload is gone; another upload under it is refused', async () => {
  const server = testApp();
  const [uploadId, other] = [await uploadedTo(server, 2), await uploadedTo(server, 2)];
  const start = (sent: object) =>
    request(server.app)
      .post('/start-job')
      .set('Idempotency-Key', 'k1')
      .send({ ...body, ...sent });
  const first = await start({ uploadId }).expect(202);
  expect((await start({ uploadId }).expect(200)).body).toEqual(first.body);
  await server.uploads.remove('local', uploadId);
  expect((await start({ uploadId }).expect(200)).body).toEqual(first.body);
  expect((await start({ uploadId: other }).expect(422)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  expect((await start({ uploadId: 'f'.repeat(32) }).expect(422)).body).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  expect(server.runs.started).toHaveLength(1);
});

test.each([
  [{}, [['s3Url', 'is needed, or the uploadId of an upload']]],
  [
    { email: 'nobody' },
    [
      ['email', 'must be one mail address, such as pilot@example.com'],
      ['s3Url', 'is needed, or the uploadId of an upload'],
    ],
  ],
  [
    { s3Url: 's3://photos/a/', uploadId: '0'.repeat(32) },
    [['uploadId', 'must not stand beside s3Url: a job has one of them']],
  ],
  [{ uploadId: 7 }, [['uploadId', 'must be a text']]],
])('photos are named once: %j', async (sent, problems) => {
  const answer = await request(testApp().app)
    .post('/start-job')
    .send({ ...body, ...sent })
    .expect(400);
  const { code, errors } = answer.body as { code: string; errors: { field: string; message: string }[] };
  expect([code, errors.map(({ field, message }) => [field, message])]).toEqual(['INVALID_REQUEST', problems]);
});

test('an upload that a job works with is not removed until the job has ended', async () => {
  const server = testApp();
  const uploadId = await uploadedTo(server, 2);
  const { body: job } = await request(server.app)
    .post('/start-job')
    .send({ ...body, uploadId });
  const { jobId } = job as { jobId: string };
  const refused = await request(server.app).delete(`/v1/uploads/${uploadId}`).expect(409);
  expect(refused.body).toMatchObject({ code: 'UPLOAD_IN_USE', detail: expect.stringContaining(jobId) });
  server.runs.runs.delete(jobId);
  await request(server.app).delete(`/v1/uploads/${uploadId}`).expect(204);
});
