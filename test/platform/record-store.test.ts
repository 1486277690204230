import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createRecordStore, type RecordStore } from '../../platform/record-store';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../local/s3/harness';
import { testAttempt } from '../helpers/records';
import { jobRecord, NOW_MS } from '../server/helpers';

let s3: RunningS3;
let client: S3Client;
let records: RecordStore;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  records = createRecordStore({ s3: client, bucket: BUCKET });
});
afterAll(async () => {
  await s3?.close();
  await removeFolder(s3.root);
});

const put = (key: string, body: string): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
const read = async (jobId: string): Promise<unknown> => (await records.read(jobId))?.record ?? null;

test('of many claims of one id exactly one succeeds, and its record stays', async () => {
  const claims = await Promise.all(
    ['a', 'b', 'c', 'd'].map((email) => records.claim(jobRecord({ request: { ...jobRecord().request, email } }))),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
  const winner = ['a', 'b', 'c', 'd'][claims.indexOf(true)];
  expect(await read('job123456')).toMatchObject({ jobId: 'job123456', request: { email: winner } });
});

test('a record that has changed since it was read is not replaced', async () => {
  await records.save(jobRecord({ jobId: 'replaced1' }));
  const first = (await records.read('replaced1'))!;
  const second = await records.replace(first, jobRecord({ jobId: 'replaced1', notice: 'second' }));
  expect(await records.replace(first, jobRecord({ jobId: 'replaced1', notice: 'late' }))).toBeNull();
  expect(await read('replaced1')).toMatchObject({ notice: 'second' });
  expect(await records.replace(second!, jobRecord({ jobId: 'replaced1', notice: 'third' }))).not.toBeNull();
  expect(await records.replace({ ...first, record: jobRecord({ jobId: 'vanished1' }) }, first.record)).toBeNull();
});

test('a job that is not there has no record', async () => {
  expect(await records.read('nothing12')).toBeNull();
});

test('ids come in order, from behind a given one, and folders of other names are skipped', async () => {
  for (const key of ['jobs/order0001/job.json', 'jobs/order0002/job.json', 'jobs/Order-3/job.json'])
    await put(key, '{}');
  const found: string[] = [];
  for await (const page of records.jobIds('order0001')) found.push(...page);
  expect(found.filter((jobId) => jobId.toLowerCase().startsWith('order'))).toEqual(['order0002']);
});

test('a record of an earlier version reads as one of today, with no limits, no webhook and no gates', async () => {
  const { budgetUsd: _b, maxHours: _h, webhookUrl: _w, ...request } = jobRecord().request;
  const { maxRuntimeSeconds: _m, resumedFrom: _r, memoryStep: _s, part: _q, ...attempt } = testAttempt();
  const {
    waiting: _v,
    pauseRequested: _p,
    gates: _g,
    parts: _t,
    ...record
  } = jobRecord({ jobId: 'earlier01', state: 'cancelled', endedAtMs: NOW_MS });
  const done = {
    attempt: 1,
    jobName: 'x',
    metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 },
  };
  await put(
    'jobs/earlier01/job.json',
    JSON.stringify({ ...record, request, attempts: [attempt], accepted: { sfm: done }, cancelled: { reason: 'rain' } }),
  );
  expect(await read('earlier01')).toEqual({
    ...jobRecord({ jobId: 'earlier01', state: 'cancelled', endedAtMs: NOW_MS }),
    attempts: [testAttempt({ maxRuntimeSeconds: 7200, resumedFrom: null, memoryStep: 0 })],
    accepted: [{ stage: 'sfm', part: null, ...done }],
    cancelled: { reason: 'rain', by: 'unknown', atMs: NOW_MS },
  });
});
