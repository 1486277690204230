import { createRetentionActivities } from '../../../activities/upkeep/retention';
import type { RecordWalk } from '../../../activities/upkeep/record-walk';
import { firstOpenStage, type JobRecord } from '../../../contracts/job/record';
import type { Retention } from '../../../contracts/storage/retention';
import { afterRetry, refusal } from '../../../contracts/job/commands';
import { layout } from '../../../contracts/storage/layout';
import { activityEnvironment, DAY_MS, LeftJobs, newJobId, testRecord } from '../../helpers/workflows/left-jobs';
import { testAttempt, testPhotos } from '../../helpers/records';

let left: LeftJobs;

beforeAll(async () => {
  left = await LeftJobs.start();
});
afterAll(() => left?.stop());

const expire = (retention: Partial<Retention>): Promise<RecordWalk> =>
  activityEnvironment().run(createRetentionActivities(left.deps).expireFiles, {
    deployment: 'own',
    retention: { intermediatesDays: 0, resultsDays: 0, ...retention },
  });

/** A job that ended `daysAgo` with files of every kind; its record and the names of its files. */
async function endedJob(
  daysAgo: number,
  changes: Partial<JobRecord> = {},
): Promise<{ record: JobRecord; kept: string[]; intermediates: string[]; results: string[] }> {
  const jobId = newJobId();
  const sfm = testAttempt({ stage: 'sfm', jobName: `own-${jobId}-sfm-a01`, instanceType: 'ml.c6i.2xlarge' });
  const training = testAttempt({ attempt: 2, jobName: `own-${jobId}-training-a02` });
  const record = testRecord({
    jobId,
    state: 'succeeded',
    endedAtMs: Date.now() - daysAgo * DAY_MS,
    attempts: [sfm, training],
    accepted: [
      {
        stage: 'sfm',
        part: null,
        attempt: 1,
        jobName: sfm.jobName,
        metrics: { photos: 18, registered: 18, points: 3000, reprojectionErrorPx: 0.6 },
      },
    ],
    result: { files: [{ name: 'scene.sog', bytes: 1 }] },
    ...changes,
  });
  const intermediates = [
    `${layout.unpackedFolder(jobId)}DJI_0001.jpg`,
    `${layout.configFolder(jobId, 'sfm', 1)}settings.json`,
    `${layout.outputFolder(jobId, 'sfm', 1)}report.json`,
    `${layout.outputFolder(jobId, 'training', 2)}${training.jobName}/output/model/model.ply`,
    `${layout.checkpointFolder(jobId, 'training', 2)}step-100`,
  ];
  const results = [`${layout.resultFolder(jobId)}scene.sog`, `${layout.resultFolder(jobId)}poster.jpg`];
  const kept = [
    layout.manifest(jobId),
    layout.delivery(jobId, 'mail-1'),
    layout.record(jobId),
    `uploads/local/${jobId}/DJI_0001.jpg`,
  ];
  await left.cloud.put(Object.fromEntries([...intermediates, ...results, ...kept].map((key) => [key, 'x'])));
  await left.save(record);
  return { record, kept, intermediates, results };
}

const filesOf = async ({ jobId }: JobRecord): Promise<string[]> =>
  [...(await left.cloud.keys(layout.jobFolder(jobId))), ...(await left.cloud.keys(`uploads/local/${jobId}/`))].sort();

test('intermediates go when their time is over; record, list of photos, notes on notifications, results and uploads stay', async () => {
  const { record, kept, results } = await endedJob(15);
  expect(await expire({ intermediatesDays: 14 })).toMatchObject({ changed: 1, jobIds: [record.jobId] });
  expect(await filesOf(record)).toEqual([...kept, ...results].sort());
  const after = await left.read(record.jobId);
  expect(after).toEqual({
    ...JSON.parse(JSON.stringify(record)),
    expiredAtMs: { intermediates: expect.any(Number), results: null },
  });
  expect((await expire({ intermediatesDays: 14 })).changed).toBe(0);
  expect(left.deeds.entries.get(record.jobId)).toMatchObject([
    { operation: 'expireFiles', by: { kind: 'upkeep' }, details: { results: null } },
  ]);
});

test('results go when theirs is over, and the record says that they have expired', async () => {
  const { record, kept, intermediates } = await endedJob(31);
  await expire({ resultsDays: 30 });
  expect(await filesOf(record)).toEqual([...kept, ...intermediates].sort());
  expect(await left.read(record.jobId)).toMatchObject({
    state: 'succeeded',
    result: null,
    expiredAtMs: { intermediates: null, results: expect.any(Number) },
  });
});

test('younger jobs, jobs that have not ended, and everything under a retention of 0 are kept', async () => {
  const young = await endedJob(13);
  const parked = await endedJob(20, { state: 'parked', endedAtMs: null });
  const old = await endedJob(4000);
  expect((await expire({ intermediatesDays: 0, resultsDays: 0 })).changed).toBe(0);
  await expire({ intermediatesDays: 14, resultsDays: 14 });
  for (const { record, kept, intermediates, results } of [young, parked])
    expect(await filesOf(record)).toEqual([...kept, ...intermediates, ...results].sort());
  expect(await filesOf(old.record)).toEqual(old.kept.sort());
});

test('the files of a job that runs again are kept, although its record has not been written since', async () => {
  const { record, kept, intermediates, results } = await endedJob(15, { state: 'failed', result: null });
  await left.openRun(record.jobId);
  await expire({ intermediatesDays: 14, resultsDays: 14 });
  expect(await filesOf(record)).toEqual([...kept, ...intermediates, ...results].sort());
});

test("another deployment's files in the same bucket are kept", async () => {
  const { record, kept, intermediates, results } = await endedJob(15);
  await left.save({
    ...record,
    attempts: record.attempts.map((attempt) => ({ ...attempt, jobName: attempt.jobName.replace('own-', 'other-') })),
  });
  await expire({ intermediatesDays: 14 });
  expect(await filesOf(record)).toEqual([...kept, ...intermediates, ...results].sort());
});

test("a job whose id begins as another's keeps its files", async () => {
  const { record } = await endedJob(15);
  const neighbour = `jobs/${record.jobId}x/sfm/a01/output/report.json`;
  await left.cloud.put({ [neighbour]: 'x' });
  await expire({ intermediatesDays: 14, resultsDays: 14 });
  expect(await left.cloud.keys(`jobs/${record.jobId}x/`)).toEqual([neighbour]);
});

test('a deletion that S3 interrupts says so in the record at once, and is finished by the next round', async () => {
  const { record, kept, results } = await endedJob(15);
  left.cloud.s3Faults.before = (operation) =>
    operation === 'DeleteObjects' ? Promise.reject(new Error('S3 is away')) : Promise.resolve();
  expect(await expire({ intermediatesDays: 14 })).toMatchObject({ changed: 0, leftAlone: 1 });
  left.cloud.s3Faults.before = undefined;
  expect(await left.read(record.jobId)).toMatchObject({
    deleting: true,
    expiredAtMs: { intermediates: expect.any(Number) },
  });
  expect((await expire({ intermediatesDays: 14 })).jobIds).toEqual([record.jobId]);
  expect(await filesOf(record)).toEqual([...kept, ...results].sort());
  expect((await left.read(record.jobId)).deleting).toBe(false);
});

test('a retry after the intermediates have expired does every stage again, the intake of the photos too', async () => {
  const { record } = await endedJob(15, { state: 'failed', photos: testPhotos({ accepted: 18, rejected: [] }) });
  expect(firstOpenStage(record)).toBe('training');
  await expire({ intermediatesDays: 14 });
  const after = await left.read(record.jobId);
  expect(refusal('retry', after, { fromStage: 'training' })).toMatchObject({
    code: 'STAGE_NOT_REACHED',
    message: expect.stringMatching(/retry from sfm/),
  });
  const reopened = afterRetry(after, { fromStage: null, options: {} }, after.updatedAtMs);
  // Its new files have a time of their own.
  const expiredAtMs = { intermediates: null, results: null };
  expect(reopened).toMatchObject({ photos: null, accepted: [], expiredAtMs });
});
