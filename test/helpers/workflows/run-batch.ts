import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { batchWorkflowId, type BatchRecord } from '../../../contracts/batch/record';
import type { JobRecord } from '../../../contracts/job/record';
import type { Policy } from '../../../contracts/job/policy';
import { workflowId } from '../../../contracts/machines/names';
import { taskQueue, WORKFLOW_TYPE } from '../../../contracts/job/temporal-names';
import type { BatchInput } from '../../../workflows/batch/input';
import { testBatch } from '../records';
import { waitFor } from '../wait-for';
import { FakeCloud } from './fake-cloud';
import { endOpenRun, TEST_POLICY, withWorkers, type WorkflowSuite } from './run-job';

export interface RunBatchOptions {
  readonly jobs: number;
  readonly concurrency?: number;
  readonly mailPerJob?: boolean;
  readonly retryWindowSeconds?: number;
  readonly policy?: Partial<Policy>;
  /** Done with other workers, after those of the test have ended. */
  readonly afterRestart?: (run: BatchRunInTest) => Promise<void>;
  readonly prepare?: (cloud: FakeCloud, jobIds: readonly string[]) => void;
}

export interface BatchRunInTest {
  readonly batchId: string;
  readonly deployment: string;
  readonly cloud: FakeCloud;
  readonly jobIds: readonly string[];
  readonly handle: WorkflowHandle;
  /** As a retry of the batch does it: told to the open run, or to a new one. */
  readonly retry: () => Promise<void>;
  readonly record: () => BatchRecord;
  /** Waits until each job is in its state, in order; `null` = it is no job. */
  readonly standing: (...states: readonly (JobRecord['state'] | null)[]) => Promise<void>;
}

/** Runs a batch against a FakeCloud of its own; it is not open afterwards. */
export async function runBatch(
  suite: WorkflowSuite,
  { jobs, concurrency = 2, mailPerJob = false, retryWindowSeconds = 0, policy, prepare, afterRestart }: RunBatchOptions,
  check: (run: BatchRunInTest) => Promise<void>,
): Promise<void> {
  const batchId = randomBytes(6).toString('hex');
  const deployment = afterRestart === undefined ? suite.workers.deployment : `t${batchId}`;
  const jobIds = Array.from({ length: jobs }, (_, index) => `${batchId}${String(index).padStart(2, '0')}`);
  const cloud = new FakeCloud();
  const { members, ...record } = testBatch(jobIds, {
    batchId,
    concurrency,
    mailPerJob,
    setBy: { kind: 'key', keyId: 'key1' },
  });
  await cloud.batches.claim({
    ...record,
    members: members.map(({ jobId, request }) => ({ jobId, request: request && { ...request, retryWindowSeconds } })),
  });
  prepare?.(cloud, jobIds);
  const input: BatchInput = {
    deployment,
    policy: { ...TEST_POLICY, batchPollMs: 50, ...policy },
    publicUrl: 'http://localhost',
    batchId,
    concurrency,
  };
  const options = {
    workflowId: batchWorkflowId(batchId),
    taskQueue: taskQueue(deployment, 'control'),
    args: [input],
  };
  const stateOf = (jobId: string): string | null => cloud.records.records.get(jobId)?.state ?? null;
  const { client } = suite.temporal;
  const run: BatchRunInTest = {
    batchId,
    deployment,
    cloud,
    jobIds,
    handle: await client.workflow.start(WORKFLOW_TYPE.batch, options),
    retry: async () =>
      void (await client.workflow.signalWithStart(WORKFLOW_TYPE.batch, { ...options, signal: 'retry' })),
    record: () => cloud.batches.batches.get(batchId) as BatchRecord,
    standing: async (...states) => {
      await waitFor(`the jobs to be ${states.join(', ')}`, () =>
        states.every((state, index) => stateOf(jobIds[index] ?? '') === state),
      );
    },
  };
  if (afterRestart !== undefined) {
    await withWorkers(suite, deployment, cloud, () => check(run));
    await withWorkers(suite, deployment, cloud, () => afterRestart(run));
    return;
  }
  await suite.workers.serve(batchId, cloud);
  try {
    await check(run);
  } finally {
    const ids = [run.handle.workflowId, ...jobIds.map(workflowId)];
    await Promise.all(ids.map((id) => endOpenRun(client.workflow.getHandle(id))));
  }
}
