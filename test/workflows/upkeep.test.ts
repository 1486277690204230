import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { createErasureActivities } from '../../activities/upkeep/erasure';
import { createWorkflowRunActivities } from '../../activities/workflow-runs';
import { createRecordRepairActivities } from '../../activities/upkeep/record-repair';
import { createRetentionActivities } from '../../activities/upkeep/retention';
import { createStrayActivities } from '../../activities/upkeep/strays';
import { erasureWorkflowId, taskQueue, WORKFLOW_TYPE, upkeepScheduleId } from '../../contracts/job/temporal-names';
import { layout } from '../../contracts/storage/layout';
import type { ErasureInput } from '../../workflows/erasure/input';
import type { UpkeepInput } from '../../workflows/upkeep/input';
import { scheduleUpkeep } from '../../workers/upkeep-schedule';
import { testBundle } from '../helpers/workflows/bundle';
import type { HousekeepingActivities } from '../../workers/activities';
import type { UpkeepReport } from '../../workflows/upkeep/upkeep';
import { DAY_MS, LeftJobs, newJobId, runningAttempt, testRecord } from '../helpers/workflows/left-jobs';
import { BUCKET } from '../helpers/local-sagemaker';
import { testRequest } from '../helpers/records';
import { TEST_POLICY } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const POLICY = { ...TEST_POLICY, upkeepIntervalMs: 1000, upkeepAgeMs: 1 };
const RETENTION = { intermediatesDays: 14, resultsDays: 0 };

let left: LeftJobs;
let bundle: WorkflowBundle;

beforeAll(async () => {
  [left, bundle] = await Promise.all([LeftJobs.start(), testBundle()]);
});
afterAll(() => left?.stop());

/** The product's housekeeping over real endpoints, while `work` runs; `broken` takes the place of single activities. */
async function withWorker(
  deployment: string,
  work: () => Promise<void>,
  broken: Partial<HousekeepingActivities> = {},
): Promise<void> {
  const { deps } = left;
  const worker = await Worker.create({
    connection: left.temporal.nativeConnection,
    taskQueue: taskQueue(deployment, 'control'),
    workflowBundle: bundle,
    activities: {
      ...createStrayActivities(deps),
      ...createRecordRepairActivities(deps),
      ...createRetentionActivities(deps),
      ...createErasureActivities(deps),
      ...createWorkflowRunActivities({ client: left.temporal.client }),
      ...broken,
    },
  });
  await worker.runUntil(work());
}

async function withSchedule(deployment: string, work: () => Promise<void>): Promise<void> {
  const { client } = left.temporal;
  await scheduleUpkeep(client, { deployment, policy: POLICY, retention: RETENTION });
  try {
    await work();
  } finally {
    await client.schedule.getHandle(upkeepScheduleId(deployment)).delete();
  }
}

/** One round, started by hand. */
const startRound = (deployment: string): Promise<WorkflowHandle> => {
  const input: UpkeepInput = { deployment, policy: POLICY, retention: RETENTION };
  return left.temporal.client.workflow.start(WORKFLOW_TYPE.upkeep, {
    workflowId: `${deployment}-round`,
    taskQueue: taskQueue(deployment, 'control'),
    args: [input],
  });
};

const erase = (deployment: string, jobId: string): Promise<WorkflowHandle> => {
  const input: ErasureInput = {
    deployment,
    policy: POLICY,
    jobId,
    location: { bucket: BUCKET, key: `uploads/local/${jobId}/` },
  };
  return left.temporal.client.workflow.start(WORKFLOW_TYPE.erasure, {
    workflowId: erasureWorkflowId(jobId),
    taskQueue: taskQueue(deployment, 'control'),
    args: [input],
  });
};

test('a terminated job: the schedule stops its machine, and its record gets its end and its cost', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const jobName = await left.machine({ deployment: 'term', jobId, runId });
  await waitFor(
    'the machine to work',
    async () => (await left.cloud.describeTrainingJob(jobName)).TrainingStartTime !== undefined,
  );
  await left.save(testRecord({ jobId, state: 'running', step: 'training', attempts: [runningAttempt(jobName)] }));
  await withWorker('term', () =>
    withSchedule('term', async () => {
      const record = await waitFor('the record to be completed', async () => {
        const read = await left.read(jobId);
        return read.state === 'failed' && read;
      });
      expect(record).toMatchObject({ failure: { code: 'STOPPED_FROM_OUTSIDE' }, attempts: [{ status: 'Stopped' }] });
      expect(record.attempts[0]?.costUsd).toBeGreaterThan(0);
      expect(await left.statusOf(jobName)).toBe('Stopped');
    }),
  );
});

test('a round reports what it has done, and fails when a part of it does, after the other parts were done', async () => {
  const expiredJob = testRecord({ state: 'failed', endedAtMs: Date.now() - 15 * DAY_MS });
  const unpacked = `${layout.unpackedFolder(expiredJob.jobId)}a.jpg`;
  await left.cloud.put({ [unpacked]: 'x' });
  await left.save(expiredJob);
  await withWorker('parts', async () => {
    const report = (await (await startRound('parts')).result()) as UpkeepReport;
    expect(report).toMatchObject({ strays: { stopped: [] }, expired: { changed: 1, jobIds: [expiredJob.jobId] } });
    expect(await left.cloud.keys(unpacked)).toEqual([]);
  });
  const forgotten = testRecord({ state: 'running' });
  await left.save(forgotten);
  const round = { handle: null as WorkflowHandle | null };
  const broken: Partial<HousekeepingActivities> = {
    stopStrays: () => Promise.reject(ApplicationFailure.nonRetryable('SageMaker is not there')),
    repairRecords: async (input) => {
      await waitFor('the workflow to have seen the failure', async () => {
        const events = (await round.handle?.fetchHistory())?.events ?? [];
        const failedAt = events.findIndex((event) => event.activityTaskFailedEventAttributes);
        return failedAt >= 0 && events.slice(failedAt).some((event) => event.workflowTaskCompletedEventAttributes);
      });
      return createRecordRepairActivities(left.deps).repairRecords(input);
    },
  };
  await withWorker(
    'broken',
    async () => {
      round.handle = await startRound('broken');
      await expect(round.handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      expect((await left.read(forgotten.jobId)).state).toBe('failed');
      const { events } = await round.handle.fetchHistory();
      expect(events?.filter((event) => event.activityTaskCompletedEventAttributes)).toHaveLength(2);
    },
    broken,
  );
});

test("workers that start at once make one schedule; a new configuration changes it, and an operator's pause stays", async () => {
  const { client } = left.temporal;
  const config = { deployment: 'sched', policy: { ...POLICY, upkeepIntervalMs: 600_000 }, retention: RETENTION };
  await Promise.all([1, 2, 3].map(() => scheduleUpkeep(client, config)));
  const schedule = client.schedule.getHandle(upkeepScheduleId('sched'));
  await schedule.pause('a look at strays by hand');
  await waitFor('the pause', async () => (await schedule.describe()).state.paused);
  await scheduleUpkeep(client, {
    ...config,
    policy: { ...config.policy, upkeepIntervalMs: 300_000 },
    retention: { intermediatesDays: 3, resultsDays: 9 },
  });
  const { action, policies, state } = await waitFor('the new interval', async () => {
    const described = await schedule.describe();
    return described.spec.intervals?.[0]?.every === 300_000 && described;
  });
  expect(policies).toMatchObject({ overlap: 'SKIP' });
  expect(action).toMatchObject({
    workflowType: 'upkeep',
    args: [{ deployment: 'sched', retention: { intermediatesDays: 3, resultsDays: 9 } }],
  });
  expect(state).toMatchObject({ paused: true, note: 'a look at strays by hand' });
  await schedule.delete();
});

test('an erased job leaves its tombstone and nothing else; once more changes nothing', async () => {
  const jobId = newJobId();
  await left.save(
    testRecord({
      jobId,
      state: 'succeeded',
      endedAtMs: 1,
      request: testRequest({ location: { bucket: BUCKET, key: `uploads/local/${jobId}/` } }),
    }),
  );
  await left.cloud.put({
    [`uploads/local/${jobId}/a.jpg`]: 'x',
    [layout.manifest(jobId)]: 'x',
    [`${layout.resultFolder(jobId)}scene.sog`]: 'x',
  });
  await withWorker('erase', async () => {
    expect(await (await erase('erase', jobId)).result()).toEqual({ uploadedFiles: 1, jobFiles: 2 });
    const buried = await left.read(jobId);
    expect(buried.erasedAtMs).toBeGreaterThan(0);
    expect([...(await left.cloud.keys(`jobs/${jobId}`)), ...(await left.cloud.keys(`uploads/local/${jobId}`))]).toEqual(
      [layout.record(jobId)],
    );
    expect(await (await erase('erase', jobId)).result()).toEqual({ uploadedFiles: 0, jobFiles: 0 });
    expect(await left.read(jobId)).toEqual(buried);
  });
});

test('an erasure ends the notifications of the job that are still being tried, and no others', async () => {
  const [jobId, other] = [newJobId(), newJobId()];
  await left.save(testRecord({ jobId, state: 'failed', endedAtMs: 1 }));
  const open = await Promise.all(
    [`mail-${jobId}-failed-1`, `webhook-${jobId}-failed-1`, `mail-${other}-failed-1`].map((id) =>
      left.openDelivery(id),
    ),
  );
  await withWorker('hush', async () => {
    await (await erase('hush', jobId)).result();
    const cancelled = await Promise.all(
      open.map(async (handle) => (await handle.describe()).raw.workflowExtendedInfo?.cancelRequested),
    );
    expect(cancelled).toEqual([true, true, false]);
  });
});

test('an erasure continues by itself after S3 was away, and the address is gone before the first file', async () => {
  const jobId = newJobId();
  await left.save(testRecord({ jobId, state: 'succeeded', endedAtMs: 1 }));
  await left.cloud.put({ [layout.manifest(jobId)]: 'x' });
  let refused = 0;
  const recordsThen: string[] = [];
  left.cloud.s3Faults.before = async (operation) => {
    if (operation !== 'DeleteObjects' || refused === 4) return;
    refused += 1;
    recordsThen.push(JSON.stringify(await left.read(jobId)));
    throw new Error('S3 is away');
  };
  await withWorker('away', async () => {
    await (await erase('away', jobId)).result();
  });
  left.cloud.s3Faults.before = undefined;
  expect(recordsThen).toHaveLength(4);
  for (const record of recordsThen) expect(record).not.toContain('pilot@example.com');
  expect(await left.cloud.keys(`jobs/${jobId}`)).toEqual([layout.record(jobId)]);
});

test('the erasure of a job whose workflow is open is refused, and nothing is deleted', async () => {
  const jobId = newJobId();
  await left.openRun(jobId);
  await left.save(testRecord({ jobId, state: 'parked' }));
  await left.cloud.put({ [`uploads/local/${jobId}/a.jpg`]: 'x', [layout.manifest(jobId)]: 'x' });
  await withWorker('open', async () => {
    const error = await (await erase('open', jobId)).result().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: { cause: { type: 'JOB_NOT_ENDED' } } });
  });
  expect(await left.cloud.keys(`uploads/local/${jobId}/`)).toHaveLength(1);
  expect(await left.cloud.keys(`jobs/${jobId}/`)).toHaveLength(2);
  expect((await left.read(jobId)).request.email).toBe('pilot@example.com');
});
