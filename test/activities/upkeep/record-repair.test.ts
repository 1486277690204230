import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { StopProcessingJobCommand } from '@aws-sdk/client-sagemaker';
import { createRecordRepairActivities, type RecordRepairInput } from '../../../activities/upkeep/record-repair';
import type { RecordWalk } from '../../../activities/upkeep/record-walk';
import { failure } from '../../../contracts/job/failures';
import { costUsd } from '../../../contracts/machines/prices';
import { layout } from '../../../contracts/storage/layout';
import { activityEnvironment, LeftJobs, newJobId, runningAttempt, testRecord } from '../../helpers/workflows/left-jobs';
import { BUCKET } from '../../helpers/local-sagemaker';

let left: LeftJobs;

beforeAll(async () => {
  left = await LeftJobs.start();
});
afterAll(() => left?.stop());

const repair = (changes: Partial<RecordRepairInput> = {}, heartbeatDetails?: RecordWalk): Promise<RecordWalk> =>
  activityEnvironment({ heartbeatDetails }).run(createRecordRepairActivities(left.deps).repairRecords, {
    deployment: 'own',
    minAgeMs: 0,
    unstartedAgeMs: 3_600_000,
    ...changes,
  });

test('the record of a terminated job gets its end, and its ledger what the machine has cost', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const jobName = await left.machine({ jobId, runId, image: 'brief' });
  const { BillableTimeInSeconds: seconds = 0 } = await left.cloud.trainingJobEnd(jobName);
  await left.save(testRecord({ jobId, state: 'running', step: 'training', attempts: [runningAttempt(jobName)] }));
  expect((await repair()).jobIds).toContain(jobId);
  const record = await left.read(jobId);
  expect(record).toMatchObject({ state: 'failed', step: 'training', failure: { code: 'STOPPED_FROM_OUTSIDE' } });
  expect(record.endedAtMs).toBeGreaterThan(Date.now() - 60_000);
  expect(record.attempts).toMatchObject([
    { jobName, status: 'Completed', billedSeconds: seconds, costUsd: costUsd('ml.g4dn.xlarge', seconds) },
  ]);
  expect(seconds).toBeGreaterThan(0);
  expect((await repair()).changed).toBe(0);
  expect(left.deeds.entries.get(jobId)).toMatchObject([
    { operation: 'completeRecord', by: { kind: 'upkeep' }, details: { from: 'running', to: 'failed' } },
  ]);
});

test('a job whose machine still runs is left to the round after it has stopped', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const jobName = await left.machine({ jobId, stage: 'sfm', runId });
  await left.save(testRecord({ jobId, state: 'running', step: 'sfm', attempts: [runningAttempt(jobName, 'sfm')] }));
  expect((await repair()).jobIds).not.toContain(jobId);
  expect((await left.read(jobId)).state).toBe('running');
  await left.deps.sagemaker.send(new StopProcessingJobCommand({ ProcessingJobName: jobName }));
  await left.cloud.processingJobEnd(jobName);
  expect((await repair()).jobIds).toContain(jobId);
  expect((await left.read(jobId)).attempts).toMatchObject([
    { status: 'Stopped', failure: { code: 'STOPPED_FROM_OUTSIDE' } },
  ]);
});

test('a parked job that was terminated keeps the failure that it was parked for', async () => {
  const jobId = newJobId();
  await left.terminatedRun(jobId);
  const parkedUntilMs = Date.now() + 3_600_000;
  await left.save(
    testRecord({ jobId, state: 'parked', failure: failure('TOO_FEW_POINTS', 'only 31 points'), parkedUntilMs }),
  );
  await repair();
  expect(await left.read(jobId)).toMatchObject({
    state: 'failed',
    failure: { code: 'TOO_FEW_POINTS' },
    parkedUntilMs: null,
  });
});

test('a ledger that is not closed is closed, also where the job has its end', async () => {
  const jobId = newJobId();
  const never = runningAttempt(`own-${jobId}-training-a01`);
  await left.save(
    testRecord({
      jobId,
      state: 'failed',
      endedAtMs: 1,
      failure: failure('PLATFORM_ERROR', 'it broke'),
      attempts: [never],
    }),
  );
  await repair();
  expect(await left.read(jobId)).toMatchObject({
    state: 'failed',
    endedAtMs: 1,
    failure: { code: 'PLATFORM_ERROR' },
    attempts: [{ status: 'Stopped', costUsd: 0 }],
  });
});

test('a job that Temporal has forgotten has failed; one that was never started fails after its hour, and not before', async () => {
  const forgotten = testRecord({ state: 'running', step: 'sfm' });
  const unstarted = testRecord({ state: 'queued' });
  const claimedJustNow = testRecord({ state: 'queued', updatedAtMs: Date.now() });
  await Promise.all([forgotten, unstarted, claimedJustNow].map((record) => left.save(record)));
  await repair();
  expect(await left.read(forgotten.jobId)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL_ERROR' } });
  const { state, failure: why } = await left.read(unstarted.jobId);
  expect({ state, why }).toMatchObject({
    state: 'failed',
    why: { code: 'INTERNAL_ERROR', message: expect.stringContaining('never started') },
  });
  expect(await left.read(claimedJustNow.jobId)).toMatchObject({ state: 'queued', failure: null });
});

test('a run that completed has the whole record as its result', async () => {
  const record = testRecord({ state: 'running', step: 'publish' });
  const whole = {
    ...record,
    state: 'succeeded' as const,
    endedAtMs: 5,
    result: { files: [{ name: 'scene.sog', bytes: 9 }] },
  };
  await left.completedRun(record.jobId, whole);
  await left.save(record);
  await repair();
  expect(await left.read(record.jobId)).toEqual(whole);
});

test('jobs that run, young records, and runs that have just closed are left alone', async () => {
  const running = testRecord({ state: 'running' });
  await left.openRun(running.jobId);
  const young = testRecord({ state: 'running', updatedAtMs: Date.now() });
  const justClosed = testRecord({ state: 'running' });
  await left.terminatedRun(justClosed.jobId);
  await Promise.all([running, young, justClosed].map((record) => left.save(record)));
  await repair({ minAgeMs: 600_000 });
  for (const record of [running, young, justClosed])
    expect(await left.read(record.jobId)).toEqual(JSON.parse(JSON.stringify(record)));
});

test("another deployment's record in the same bucket is not touched", async () => {
  const jobId = newJobId();
  const record = testRecord({ jobId, state: 'running', attempts: [runningAttempt(`other-${jobId}-sfm-a01`, 'sfm')] });
  await left.save(record);
  await repair();
  expect((await left.read(jobId)).state).toBe('running');
});

test('a record that changes while SageMaker is asked is left as it then is', async () => {
  const jobId = newJobId();
  await left.terminatedRun(jobId);
  await left.save(testRecord({ jobId, state: 'running' }));
  const byAnother = testRecord({ jobId, state: 'running', notice: 'written by a later run' });
  const written = { done: false };
  left.cloud.s3Faults.before = async (operation) => {
    if (operation !== 'PutObject' || written.done) return;
    written.done = true;
    await left.save(byAnother);
  };
  const walk = await repair();
  left.cloud.s3Faults.before = undefined;
  expect(written.done).toBe(true);
  expect(walk.jobIds).not.toContain(jobId);
  expect(walk.leftAlone).toBe(0);
  expect(await left.read(jobId)).toEqual(byAnother);
});

test('a retry that begins while SageMaker is asked keeps the record', async () => {
  const jobId = newJobId();
  await left.terminatedRun(jobId);
  await left.save(testRecord({ jobId, state: 'running', attempts: [runningAttempt(`own-${jobId}-training-a01`)] }));
  left.deps.sagemaker.middlewareStack.add(
    (next) => async (args) => {
      await left.openRun(jobId).catch(() => undefined);
      return next(args);
    },
    { step: 'initialize', name: 'retry-now' },
  );
  const walk = await repair();
  left.deps.sagemaker.middlewareStack.remove('retry-now');
  expect(walk.jobIds).not.toContain(jobId);
  expect((await left.read(jobId)).state).toBe('running');
});

test('a record that cannot be read does not keep the others from being repaired', async () => {
  const broken = newJobId();
  await left.cloud.put({ [layout.record(broken)]: '{ "jobId":' });
  const other = testRecord({ state: 'running' });
  await left.save(other);
  const walk = await repair();
  expect(walk.leftAlone).toBe(1);
  expect((await left.read(other.jobId)).state).toBe('failed');
  await left.deps.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: layout.record(broken) }));
});

test('a round that was interrupted continues after the last job that it had looked at', async () => {
  const [first, second] = [
    testRecord({ jobId: 'zzzzzzzz1', state: 'running' }),
    testRecord({ jobId: 'zzzzzzzz2', state: 'running' }),
  ];
  await left.save(first);
  await left.save(second);
  const walk = await repair(
    {},
    { examined: 40, changed: 3, jobIds: ['a', 'b', 'c'], leftAlone: 0, lastJobId: first.jobId },
  );
  expect(walk).toEqual({
    examined: 41,
    changed: 4,
    jobIds: ['a', 'b', 'c', second.jobId],
    leftAlone: 0,
    lastJobId: second.jobId,
  });
  expect((await left.read(first.jobId)).state).toBe('running');
});
