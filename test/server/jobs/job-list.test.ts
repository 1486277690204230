import request from 'supertest';
import { failure } from '../../../contracts/job/failures';
import type { JobRecord } from '../../../contracts/job/record';
import type { JobListEntry } from '../../../contracts/job/view';
import { tombstone } from '../../../contracts/storage/retention';
import { InvalidCursorError } from '../../../server/storage/jobs/cursor';
import { testPhotos } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, request as jobRequest, testApp } from '../helpers';

const list = async ({ app }: ReturnType<typeof testApp>, query = ''): Promise<JobListEntry[]> =>
  ((await request(app).get(`/v1/jobs${query}`).expect(200)).body as { jobs: JobListEntry[] }).jobs;

const failed = jobRecord({
  jobId: 'failed123',
  state: 'failed',
  request: { ...jobRequest, location: { bucket: 'photos', key: 'farm/Barn <b> 7.tar.gz' } },
  photos: testPhotos({ accepted: 18 }),
  failure: failure('TOO_FEW_POINTS', 'only 12 points'),
});
const closed = openRun({ status: 'FAILED', state: 'failed', closedAtMs: NOW_MS });

test('a list tells the name, the photos and the reason of a failure', async () => {
  const test = testApp();
  test.job(failed, closed);
  test.job(jobRecord({ request: { ...jobRequest, name: 'North field' } }), openRun());
  expect(await list(test)).toMatchObject([
    {
      jobId: 'failed123',
      name: 'Barn <b> 7',
      photos: 18,
      failure: { code: 'TOO_FEW_POINTS', message: 'only 12 points' },
    },
    { jobId: 'job123456', name: 'North field', photos: null, failure: null },
  ]);
});

test('a job that is retried shows no reason, though its record still does', async () => {
  const test = testApp();
  test.job(failed, openRun({ state: 'queued', startedAtMs: failed.updatedAtMs + 1 }));
  expect(await list(test)).toMatchObject([{ state: 'queued', failure: null }]);
});

test('an erased job, and one of another tenant, are not on the list', async () => {
  const test = testApp();
  test.job(tombstone(failed, NOW_MS), closed);
  test.job(jobRecord({ request: { ...jobRequest, tenant: 'acme' } }), openRun());
  expect(await list(test)).toEqual([]);
});

test('a new job is on the list at once, and starts all the same where the database does not answer', async () => {
  const test = testApp();
  const start = () =>
    request(test.app).post('/v1/jobs').send({ s3Url: 's3://photos/north/', email: 'a@example.com' }).expect(202);
  const { body } = await start();
  expect(await list(test)).toMatchObject([
    { jobId: (body as { jobId: string }).jobId, name: 'north', state: 'queued' },
  ]);
  test.storage.jobs.upsert = () => Promise.reject(new Error('connection refused'));
  await start();
  expect(test.runs.started).toHaveLength(2);
});

test('a list that the database does not give is UNAVAILABLE, and a cursor that is none is named', async () => {
  const test = testApp();
  test.storage.jobs.list = () => Promise.reject(new Error('connection refused'));
  expect((await request(test.app).get('/v1/jobs').expect(503)).body).toMatchObject({ code: 'UNAVAILABLE' });
  test.storage.jobs.list = () => Promise.reject(new InvalidCursorError('must be the nextCursor of an earlier answer'));
  expect((await request(test.app).get('/v1/jobs?cursor=x').expect(400)).body).toMatchObject({
    errors: [{ field: 'cursor', message: 'must be the nextCursor of an earlier answer' }],
  });
});

test('a name is one line of up to a hundred characters, and part of what an Idempotency-Key stands for', async () => {
  const test = testApp();
  const body = { s3Url: 's3://photos/a/', email: 'a@example.com' };
  const start = (name: unknown, key = `key-${String(name)}`) =>
    request(test.app)
      .post('/start-job')
      .set('Idempotency-Key', encodeURIComponent(key).slice(0, 100))
      .send({ ...body, name });
  for (const bad of ['', '  ', 'x'.repeat(101), 'two\nlines', 'a\u202eb', 7])
    expect((await start(bad).expect(400)).body).toMatchObject({
      errors: [{ field: 'name', message: 'must be one line of 1 to 100 characters' }],
    });
  await start('  North field ', 'k').expect(202);
  expect(test.runs.started.at(-1)).toMatchObject({ request: { name: 'North field' } });
  await start('North field', 'k').expect(200);
  await start(null, 'k').expect(422);
  await start(undefined, 'n').expect(202);
  await start(null, 'n').expect(200);
  expect((test.runs.started.at(-1) as JobRecord).request.name).toBeNull();
});
