import { createErasureActivities } from '../../../activities/upkeep/erasure';
import type { JobRecord } from '../../../contracts/job/record';
import { layout } from '../../../contracts/storage/layout';
import type { S3Location } from '../../../contracts/storage/location';
import { activityEnvironment, LeftJobs, newJobId, runningAttempt, testRecord } from '../../helpers/workflows/left-jobs';
import { BUCKET } from '../../helpers/local-sagemaker';
import { testAttempt, testBatch, testPhotos, testRequest } from '../../helpers/records';
import { waitFor } from '../../helpers/wait-for';

let left: LeftJobs;

beforeAll(async () => {
  left = await LeftJobs.start();
});
afterAll(() => left?.stop());

const bury = (jobId: string): Promise<void> =>
  activityEnvironment().run(createErasureActivities(left.deps).buryRecord, { jobId, pollIntervalMs: 50 });
const mayDelete = (jobId: string, location: S3Location): Promise<boolean> =>
  activityEnvironment().run(createErasureActivities(left.deps).mayDeletePhotos, { jobId, location });
const deletePhotos = (jobId: string, location: S3Location): Promise<number> =>
  activityEnvironment().run(createErasureActivities(left.deps).deletePhotos, { jobId, location });

const photosAt = (key: string, bucket = BUCKET): S3Location => ({ bucket, key });

/** An ended job whose record is full of what a person might want forgotten. */
async function endedJob(changes: Partial<JobRecord> = {}): Promise<JobRecord> {
  const jobId = newJobId();
  const record = testRecord({
    jobId,
    state: 'cancelled',
    endedAtMs: 1000,
    request: testRequest({ location: photosAt(`uploads/local/${jobId}/`), webhookUrl: 'https://pilot.example/hook' }),
    photos: testPhotos({ accepted: 17, rejected: [{ name: 'DJI_GARDEN.jpg', reason: 'blurred' }] }),
    attempts: [
      testAttempt({
        jobName: `own-${jobId}-training-a01`,
        status: 'Failed',
        failure: { code: 'CONTAINER_FAILED', message: 'DJI_GARDEN.jpg' },
      }),
    ],
    cancelled: { reason: 'not of my garden', by: 'Pat', atMs: 900 },
    notice: 'of the garden',
    ...changes,
  });
  await left.save(record);
  return record;
}

test('erasing a job takes it out of its batch, which stays readable; with the last one the address goes', async () => {
  const { batches } = left.deps;
  const batchId = newJobId();
  const jobIds = [newJobId(), newJobId()];
  await batches.claim(testBatch(jobIds, { batchId }));
  const erase = async (jobId: string | undefined): Promise<void> => {
    const request = testRequest({ batch: { id: batchId, mails: false } });
    await endedJob({ jobId: jobId ?? '', request });
    await bury(jobId ?? '');
  };
  await erase(jobIds[0]);
  const after = await batches.read(batchId);
  expect(after).toMatchObject({ email: 'pilot@example.com', name: 'Village' });
  expect(after?.members.map(({ request }) => request === null)).toEqual([true, false]);
  const tombstone = await left.deps.records.read(jobIds[0] ?? '');
  expect(tombstone?.record.request.batch).toEqual({ id: batchId, mails: false });
  await erase(jobIds[1]);
  const text = (await left.cloud.get(layout.batch(batchId))).toString();
  expect(text).not.toMatch(/pilot|uploads/);
  expect(await batches.read(batchId)).toMatchObject({ members: jobIds.map((jobId) => ({ jobId, request: null })) });
});

test('a tombstone keeps the id, the times and the money, and nothing that tells of a person or a place', async () => {
  const record = await endedJob();
  await bury(record.jobId);
  const text = (await left.cloud.get(layout.record(record.jobId))).toString();
  for (const secret of ['pilot', 'example', 'uploads', 'DJI', 'garden', 'Pat', BUCKET + '"'])
    expect(text).not.toContain(secret);
  expect(JSON.parse(text)).toMatchObject({
    jobId: record.jobId,
    state: 'cancelled',
    createdAtMs: record.createdAtMs,
    endedAtMs: 1000,
    erasedAtMs: expect.any(Number),
    attempts: [{ billedSeconds: 60, costUsd: 0.0123 }],
  });
});

test('burying twice changes nothing, and a job without a record is no error', async () => {
  const { jobId } = await endedJob();
  await bury(jobId);
  const first = await left.read(jobId);
  await bury(jobId);
  expect(await left.read(jobId)).toEqual(first);
  await bury(newJobId());
});

test('a job whose workflow is open is refused, and its record stays', async () => {
  const record = await endedJob({ state: 'parked' });
  await left.openRun(record.jobId);
  await expect(bury(record.jobId)).rejects.toMatchObject({ type: 'JOB_NOT_ENDED', nonRetryable: true });
  expect((await left.read(record.jobId)).erasedAtMs).toBeNull();
});

test('a machine that still runs is stopped and waited for, since it would write again', async () => {
  const jobId = newJobId();
  const jobName = await left.machine({ jobId, runId: 'terminated-just-now' });
  await endedJob({ jobId, state: 'running', attempts: [runningAttempt(jobName)] });
  await expect(bury(jobId)).rejects.toMatchObject({ type: 'STILL_RUNNING', nonRetryable: false });
  expect((await left.read(jobId)).erasedAtMs).toBeNull();
  await waitFor('the machine to be off', async () => (await left.statusOf(jobName)) === 'Stopped');
  await bury(jobId);
  expect(await left.read(jobId)).toMatchObject({
    state: 'failed',
    attempts: [{ status: 'Stopped', failure: null }],
    erasedAtMs: expect.any(Number),
  });
});

test('photos may be deleted where they were handed over, and nowhere else', async () => {
  const { jobId, request } = await endedJob();
  expect(await mayDelete(jobId, request.location)).toBe(true);
  for (const location of [
    photosAt(`uploads/local/${jobId}/`, 'a-bucket-of-the-pilot'),
    photosAt('flights/2026/'),
    photosAt(`jobs/${jobId}/photos/`),
    photosAt('uploads/local/'),
    photosAt('uploads/a-tenant-without-jobs/'),
    photosAt('uploads/'),
    photosAt(''),
  ])
    expect({ location, may: await mayDelete(jobId, location) }).toEqual({ location, may: false });
});

test('photos that another job uses, or a part of them, are kept until that job is erased too', async () => {
  const { jobId, request } = await endedJob();
  const partOf = await endedJob({ request: testRequest({ location: photosAt(`${request.location.key}north/`) }) });
  expect(await mayDelete(jobId, request.location)).toBe(false);
  expect(await mayDelete(partOf.jobId, partOf.request.location)).toBe(false);
  await bury(jobId);
  expect(await mayDelete(partOf.jobId, partOf.request.location)).toBe(true);
});

test('photos are not released for deletion while a record that may use them cannot be read, nor when it does use them', async () => {
  const { jobId, request } = await endedJob();
  await endedJob({ request });
  let beat: unknown;
  const env = activityEnvironment();
  env.on('heartbeat', (details) => (beat = details));
  left.cloud.s3Faults.before = (operation) =>
    operation === 'GetObject' ? Promise.reject(new Error('S3 is away')) : Promise.resolve();
  await expect(
    env.run(createErasureActivities(left.deps).mayDeletePhotos, { jobId, location: request.location }),
  ).rejects.toThrow('could not be read');
  left.cloud.s3Faults.before = undefined;
  const next = activityEnvironment({ heartbeatDetails: beat });
  expect(
    await next.run(createErasureActivities(left.deps).mayDeletePhotos, { jobId, location: request.location }),
  ).toBe(false);
});

test('a folder of photos is deleted with all that is in it, an archive alone, and neighbours stay', async () => {
  const folder = `uploads/local/${newJobId()}/`;
  const neighbour = `${folder.slice(0, -1)}2/a.jpg`;
  await left.cloud.put({
    [`${folder}a.jpg`]: 'x',
    [`${folder}b/c.jpg`]: 'x',
    [neighbour]: 'x',
    [`${folder}d.zip`]: 'x',
    [`${folder}d.zip.txt`]: 'x',
  });
  expect(await deletePhotos(newJobId(), photosAt(`${folder}d.zip`))).toBe(1);
  expect(await left.cloud.keys(folder)).toEqual([`${folder}a.jpg`, `${folder}b/c.jpg`, `${folder}d.zip.txt`]);
  expect(await deletePhotos(newJobId(), photosAt(folder))).toBe(3);
  expect(await left.cloud.keys(folder)).toEqual([]);
  expect(await left.cloud.keys(neighbour)).toEqual([neighbour]);
});

test('of an upload that the API made its manifest goes too: it has the names of all files', async () => {
  const uploadId = 'feedfeedfeedfeedfeedfeedfeedfeed';
  const photos = layout.uploadPhotosFolder('local', uploadId);
  const neighbour = layout.uploadManifest('local', uploadId.replace('f', 'e'));
  const keys = [`${photos}a.jpg`, layout.uploadManifest('local', uploadId), layout.uploadCompletion('local', uploadId)];
  await left.cloud.put(Object.fromEntries([...keys, neighbour].map((key) => [key, '{}'])));

  expect(await deletePhotos(newJobId(), photosAt(photos))).toBe(3);

  expect(await left.cloud.keys(layout.uploadFolder('local', uploadId))).toEqual([]);
  expect(await left.cloud.keys(neighbour)).toEqual([neighbour]);
});

test("deleting a job's folder leaves the tombstone and nothing else, however many files there are, and other jobs' alone", async () => {
  const { jobId } = await endedJob();
  const many = Object.fromEntries(
    Array.from({ length: 1005 }, (_, index) => [`jobs/${jobId}/sfm/a01/output/images/${index}.jpg`, '']),
  );
  await left.cloud.put({
    ...many,
    [layout.manifest(jobId)]: 'x',
    [layout.delivery(jobId, 'mail-1')]: 'x',
    [`jobs/${jobId}x/job.txt`]: 'x',
  });
  const { deleteJobFolder } = createErasureActivities(left.deps);
  expect(await activityEnvironment().run(deleteJobFolder, { jobId })).toBe(1007);
  expect(await left.cloud.keys(`jobs/${jobId}`)).toEqual([layout.record(jobId), `jobs/${jobId}x/job.txt`]);
  expect(await activityEnvironment().run(deleteJobFolder, { jobId })).toBe(0);
  for (const wrong of ['', '/', `${jobId}/sfm`])
    await expect(activityEnvironment().run(deleteJobFolder, { jobId: wrong })).rejects.toThrow(RangeError);
});
