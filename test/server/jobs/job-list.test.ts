import request from 'supertest';
import { failure } from '../../../contracts/job/failures';
import type { JobRecord } from '../../../contracts/job/record';
import type { JobListEntry } from '../../../contracts/job/view';
import { tombstone } from '../../../contracts/storage/retention';
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
  const page = (await request(test.app).get('/').expect(200)).text;
  expect(page).toContain('<a class="name" href="/jobs/failed123">Barn &lt;b&gt; 7</a>');
  expect(page).toContain('Too little of the place could be reconstructed');
  expect(page).toContain('<td class="number">18</td>');
});

test('a job that is retried shows no reason, though its record still does', async () => {
  const test = testApp();
  test.job(failed, openRun({ state: 'queued' }));
  expect(await list(test)).toMatchObject([{ state: 'queued', failure: null }]);
});

test('a run that was ended from outside says so, where its record does not yet', async () => {
  const test = testApp();
  test.job(jobRecord(), openRun({ status: 'TERMINATED', state: 'running', closedAtMs: NOW_MS }));
  expect(await list(test)).toMatchObject([{ state: 'failed', failure: { code: 'STOPPED_FROM_OUTSIDE' } }]);
});

test('a list needs no record: what the storage does not tell, in time or at all, is left open', async () => {
  const test = testApp();
  test.job(failed, closed);
  test.job(jobRecord(), openRun());
  const read = test.store.read.bind(test.store);
  test.store.read = (jobId) => (jobId === 'failed123' ? new Promise(() => undefined) : read(jobId));
  expect(await list(test)).toMatchObject([
    { jobId: 'failed123', state: 'failed', name: null, photos: null, failure: null },
    { jobId: 'job123456', name: 'flight' },
  ]);
  const away = testApp();
  away.job(failed, closed);
  away.store.read = () => Promise.reject(new Error('connection refused'));
  expect(await list(away)).toMatchObject([{ jobId: 'failed123', name: null }]);
});

test('an erased job, and one of another tenant, keep their names to themselves', async () => {
  const test = testApp();
  test.job(tombstone(failed, NOW_MS), closed);
  test.job(jobRecord({ request: { ...jobRequest, tenant: 'acme' } }), openRun());
  expect((await list(test)).map(({ name, photos }) => [name, photos])).toEqual([
    [null, null],
    [null, null],
  ]);
  expect((await request(test.app).get('/').expect(200)).text).toContain('href="/jobs/failed123">failed123</a>');
});

/** A hundred open jobs, and how many of their records are read at once. */
function manyJobs() {
  let nowMs = NOW_MS;
  const test = testApp({ now: () => nowMs });
  const counts = { reads: 0, atOnce: 0, most: 0, lists: 0 };
  for (let number = 0; number < 100; number += 1) test.job(jobRecord({ jobId: `job${1000000 + number}` }), openRun());
  const read = test.store.read.bind(test.store);
  test.store.read = async (jobId) => {
    counts.reads += 1;
    counts.atOnce += 1;
    counts.most = Math.max(counts.most, counts.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    counts.atOnce -= 1;
    return read(jobId);
  };
  const runsOf = test.runs.list.bind(test.runs);
  test.runs.list = (tenant, filter) => {
    counts.lists += 1;
    return runsOf(tenant, filter);
  };
  return { test, counts, later: (milliseconds: number) => void (nowMs += milliseconds) };
}

test('records are read a few at a time, and not again while nothing has happened', async () => {
  const { test, counts, later } = manyJobs();
  expect((await list(test, '?limit=100')).every(({ name }) => name === 'flight')).toBe(true);
  expect(counts.reads).toBe(100);
  expect(counts.most).toBeLessThanOrEqual(8);
  await list(test, '?limit=100');
  expect(counts.reads).toBe(100);
  test.job(jobRecord({ jobId: 'job1000000', state: 'parked', failure: failed.failure }), openRun({ state: 'parked' }));
  expect((await list(test, '?limit=100'))[0]).toMatchObject({ state: 'parked', failure: { code: 'TOO_FEW_POINTS' } });
  expect(counts.reads).toBe(101);
  later(60_000);
  await list(test, '?limit=100');
  expect(counts.reads).toBe(201);
});

test('lists of one question that are asked for at once are one list, and too many questions are answered 503', async () => {
  const { test, counts } = manyJobs();
  const same = await Promise.all(Array.from({ length: 40 }, () => list(test, '?limit=50')));
  expect(same.every((jobs) => jobs.length === 50)).toBe(true);
  expect(counts.lists).toBeLessThan(20);

  const { promise: held, resolve: release } = Promise.withResolvers<null>();
  const runsOf = test.runs.list.bind(test.runs);
  test.runs.list = async (tenant, filter) => {
    await held;
    return runsOf(tenant, filter);
  };
  const answers = Array.from({ length: 60 }, (_, index) =>
    request(test.app)
      .get(`/v1/jobs?limit=${index + 1}`)
      .then(({ status, headers }) => {
        if (status === 503) release(null); // the last of them has come
        return [status, headers['retry-after']];
      }),
  );
  const seen = await Promise.all(answers);
  expect(seen).toContainEqual([503, '2']);
  expect(seen.filter(([status]) => status === 200).length).toBeGreaterThanOrEqual(54);
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
