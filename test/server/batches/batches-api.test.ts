import request from 'supertest';
import type { BatchRecord } from '../../../contracts/batch/record';
import type { BatchList, BatchView, StartedBatch } from '../../../contracts/batch/view-schema';
import { failure } from '../../../contracts/job/failures';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { tombstone } from '../../../contracts/storage/retention';
import { testAttempt, testRequest } from '../../helpers/records';
import { NOW_MS, openRun, testApp } from '../helpers';

type App = ReturnType<typeof testApp>;

const body = {
  name: 'Village',
  email: 'pilot@example.com',
  preset: 'preview',
  options: { maxGaussians: 5000 },
  budgetUsd: 3,
  jobs: [
    { s3Url: 's3://photos/church/' },
    { s3Url: 's3://photos/mill.zip', name: 'The mill', preset: 'high', options: { shBands: 0 }, budgetUsd: null },
    { s3Url: 's3://photos/school/' },
  ],
};

async function started(test: App, changes: object = {}): Promise<StartedBatch> {
  const answer = await request(test.app)
    .post('/v1/batches')
    .send({ ...body, ...changes })
    .expect(202);
  const batch = answer.body as StartedBatch;
  expect(answer.headers.location).toBe(batch.statusUrl);
  return batch;
}
const recordOf = (test: App, { batchId }: StartedBatch): BatchRecord =>
  test.batches.batches.get(batchId) as BatchRecord;
const get = async (test: App, { batchId }: StartedBatch): Promise<BatchView> =>
  (await request(test.app).get(`/v1/batches/${batchId}`).expect(200)).body as BatchView;

/** Puts a job of the batch there, as its workflow would have left it. */
function jobOf(test: App, { batchId, jobs }: StartedBatch, number: number, changes: Partial<JobRecord>): JobRecord {
  const asked = testRequest({ name: `Member ${number}`, batch: { id: batchId, mails: false } });
  const record = { ...newJobRecord(jobs[number] ?? '', asked, NOW_MS), ...changes };
  test.job(record, record.endedAtMs === null ? openRun({ state: record.state }) : null);
  return record;
}

test('a batch starts with a job id for each photo set, and what a job leaves out is as it stands beside them', async () => {
  const test = testApp();
  const batch = await started(test);
  expect(new Set(batch.jobs).size).toBe(3);
  const { members, concurrency, mailPerJob } = recordOf(test, batch);
  expect({ concurrency, mailPerJob }).toEqual({ concurrency: 4, mailPerJob: false });
  expect(members.map(({ jobId }) => jobId)).toEqual(batch.jobs);
  expect(members.map((member) => member.request)).toMatchObject([
    { location: { key: 'church/' }, name: null, preset: 'preview', options: { maxGaussians: 5000 }, budgetUsd: 3 },
    { name: 'The mill', preset: 'high', options: { maxGaussians: 5000, shBands: 0 }, budgetUsd: null },
    { location: { key: 'school/' }, preset: 'preview', options: { maxGaussians: 5000 }, budgetUsd: 3 },
  ]);
  expect(test.batchRuns.started.map(({ batchId }) => batchId)).toEqual([batch.batchId]);
  expect(JSON.stringify(await get(test, batch))).not.toContain('pilot@example.com');
});

test('a repeated Idempotency-Key is the same batch, finishes a start that was cut off, and refuses another body', async () => {
  const test = testApp();
  const send = (changes: object = {}) =>
    request(test.app)
      .post('/v1/batches')
      .set('Idempotency-Key', 'village-1')
      .send({ ...body, ...changes });
  test.batchRuns.away = true;
  await send().expect(503);
  test.batchRuns.away = false;
  const first = await send().expect(200);
  const again = await send().expect(200);
  expect(again.body).toEqual(first.body);
  expect(test.batchRuns.started).toHaveLength(1);
  expect((await send({ concurrency: 9 }).expect(422)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test.each([
  [{ jobs: [] }, 'jobs'],
  [{ jobs: Array.from({ length: 501 }, () => ({ s3Url: 's3://photos/x/' })) }, 'jobs'],
  [{ jobs: [{ s3Url: 's3://photos/x/' }, { name: 'nowhere' }] }, 'jobs.1.s3Url'],
  [{ jobs: [{ s3Url: 's3://photos/x/', options: { shBands: 9 } }] }, 'jobs.0.options.shBands'],
  [{ jobs: [{ s3Url: 's3://photos/x/', mail: 1 }] }, 'jobs.0.mail'],
  [{ concurrency: 0 }, 'concurrency'],
  [{ concurrency: 51 }, 'concurrency'],
])('what is wrong is named: %j', async (changes, field) => {
  const test = testApp();
  const { body: problem } = await request(test.app)
    .post('/v1/batches')
    .send({ ...body, ...changes })
    .expect(400);
  expect(problem).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
  expect(test.batches.batches.size).toBe(0);
});

test('one place that photos may not come from refuses the whole batch and says which', async () => {
  const test = testApp();
  const jobs = [{ s3Url: 's3://photos/x/' }, { s3Url: 's3://spaceport/batches/abc/' }];
  const { body: problem } = await request(test.app)
    .post('/v1/batches')
    .send({ ...body, jobs })
    .expect(403);
  expect(problem).toMatchObject({ code: 'INPUT_FORBIDDEN', errors: [{ field: 'jobs.1' }] });
  expect(test.batches.batches.size).toBe(0);
});

test('a batch tells its jobs by state and cost; one that is no job yet is pending, and one that is erased says nothing', async () => {
  const test = testApp();
  const batch = await started(test);
  jobOf(test, batch, 0, { state: 'running', attempts: [testAttempt({ costUsd: 0.5 })] });
  const ended = jobOf(test, batch, 1, {
    state: 'failed',
    endedAtMs: NOW_MS,
    attempts: [testAttempt({ costUsd: 0.25 })],
    failure: failure('TOO_FEW_POINTS', 'only 12 points'),
  });
  expect(await get(test, batch)).toMatchObject({
    name: 'Village',
    state: 'running',
    jobs: 3,
    counts: { pending: 1, running: 1, failed: 1, succeeded: 0 },
    costUsd: 0.75,
    members: [
      { name: 'Member 0', state: 'running' },
      { name: 'Member 1', state: 'failed', failure: { code: 'TOO_FEW_POINTS', message: 'only 12 points' } },
      { name: 'school', input: 's3://photos/school/', state: 'pending', statusUrl: null },
    ],
  });
  const buried = tombstone(ended, NOW_MS);
  test.store.records.set(buried.jobId, buried);
  await test.storage.jobs.upsert([{ record: buried, state: 'failed', asOfMs: NOW_MS }]);
  const { members, costUsd } = await get(test, batch);
  expect(costUsd).toBe(0.75);
  expect(members[1]).toMatchObject({ name: null, input: null, state: 'failed', erased: true, statusUrl: null });
});

test('jobs and lists name the batch, and a list of jobs is narrowed to it', async () => {
  const test = testApp();
  const batch = await started(test);
  jobOf(test, batch, 0, { state: 'running' });
  test.job(newJobRecord('single1234', testRequest(), NOW_MS), openRun());
  const { body: page } = await request(test.app).get(`/v1/jobs?batch=${batch.batchId}`).expect(200);
  expect((page as { jobs: object[] }).jobs).toMatchObject([{ jobId: batch.jobs[0], batchId: batch.batchId }]);
  const { body: job } = await request(test.app).get(`/v1/jobs/${batch.jobs[0]}`).expect(200);
  expect(job).toMatchObject({ batchId: batch.batchId });
  const { body: single } = await request(test.app).get('/v1/jobs/single1234').expect(200);
  expect(single).toMatchObject({ batchId: null });
});

test('the list of batches tells how each stands', async () => {
  const test = testApp();
  const [running, waiting, ended, cancelled] = [
    await started(test),
    await started(test),
    await started(test),
    await started(test),
  ];
  jobOf(test, running, 0, { state: 'parked' });
  for (const number of [0, 1, 2]) jobOf(test, waiting, number, { state: number === 0 ? 'parked' : 'succeeded' });
  for (const number of [0, 1, 2]) jobOf(test, ended, number, { state: 'succeeded', endedAtMs: NOW_MS });
  jobOf(test, cancelled, 0, { state: 'cancelled', endedAtMs: NOW_MS });
  await test.batches.change(cancelled.batchId, (record) => ({
    ...record,
    cancelled: { reason: 'enough', by: 'Ada', atMs: NOW_MS },
    endedAtMs: NOW_MS,
  }));
  const { body: page } = await request(test.app).get('/v1/batches').expect(200);
  const states = new Map((page as BatchList).batches.map(({ batchId, state, counts }) => [batchId, { state, counts }]));
  expect(states.get(running.batchId)).toMatchObject({ state: 'running', counts: { pending: 2, parked: 1 } });
  expect(states.get(waiting.batchId)).toMatchObject({ state: 'waiting', counts: { parked: 1, succeeded: 2 } });
  expect(states.get(ended.batchId)).toMatchObject({ state: 'ended', counts: { succeeded: 3 } });
  expect(states.get(cancelled.batchId)).toMatchObject({ state: 'ended', counts: { pending: 0, cancelled: 3 } });
});

test('a cancel is handed over with its reason; a batch that has ended has nothing to cancel', async () => {
  const test = testApp();
  const batch = await started(test);
  const cancel = (status: number) =>
    request(test.app).post(`/v1/batches/${batch.batchId}/cancel`).send({ reason: 'wrong village' }).expect(status);
  expect((await cancel(202)).body).toEqual({ batchId: batch.batchId, state: 'cancelling' });
  expect(test.batchRuns.cancelled).toEqual([{ reason: 'wrong village', by: 'the API' }]);
  await test.batches.change(batch.batchId, (record) => ({ ...record, endedAtMs: NOW_MS }));
  expect((await cancel(409)).body).toMatchObject({ code: 'BATCH_ENDED' });
});

test('a retry is handed over, but not while jobs are being cancelled, nor where all have succeeded', async () => {
  const test = testApp();
  const batch = await started(test);
  const retry = (status: number) => request(test.app).post(`/v1/batches/${batch.batchId}/retry`).expect(status);
  const cancelled = { reason: 'enough', by: 'Ada', atMs: NOW_MS };
  await test.batches.change(batch.batchId, (record) => ({ ...record, cancelled }));
  expect((await retry(409)).body).toMatchObject({ code: 'BATCH_CANCELLING' });
  await test.batches.change(batch.batchId, (record) => ({ ...record, endedAtMs: NOW_MS }));
  expect((await retry(202)).body).toEqual({ batchId: batch.batchId, state: 'running' });
  for (const number of [0, 1, 2]) jobOf(test, batch, number, { state: 'succeeded', endedAtMs: NOW_MS });
  expect((await retry(409)).body).toMatchObject({ code: 'NOTHING_TO_RETRY' });
  expect(test.batchRuns.retried).toEqual([batch.batchId]);
});

test.each(['', '/cancel', '/retry'])('a batch that is not there is not found: %s', async (rest) => {
  const { app } = testApp();
  const send =
    rest === '' ? request(app).get('/v1/batches/nothing123') : request(app).post(`/v1/batches/nothing123${rest}`);
  expect((await send.expect(404)).body).toMatchObject({ code: 'BATCH_NOT_FOUND' });
});
