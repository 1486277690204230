import { randomBytes } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundle } from '@temporalio/worker';
import { newJobRecord, type JobRecord } from '../../contracts/job-record';
import { workflowId } from '../../contracts/job-names';
import { taskQueue, WORKFLOW_TYPE, type PipelineInput } from '../../contracts/pipeline';
import { DEFAULT_POLICY, type Policy } from '../../contracts/policy';
import { createWorkers } from '../../workers/workers';
import { FakeCloud } from './fake-cloud';
import { waitFor } from './wait-for';

/** The product's policy with waits of milliseconds: the development server cannot skip time. */
export const TEST_POLICY: Policy = { ...DEFAULT_POLICY, pollIntervalMs: 20, capacityRetryMs: 30, retryInitialMs: 10, retryMaximumMs: 50, heartbeatTimeoutMs: 5000 };

export interface RunJobOptions {
  /** Default: one at random. Two jobs of one id need two Temporal servers. */
  readonly jobId?: string;
  readonly retryWindowSeconds?: number;
  readonly prepare?: (cloud: FakeCloud) => void;
}

export interface JobRun {
  readonly cloud: FakeCloud;
  readonly handle: WorkflowHandle;
  /** Resolves with the record of the end, or with the error that the run ended with. */
  readonly end: () => Promise<JobRecord | Error>;
}

/** A Temporal server and the workflows' bundle: once a suite. */
export interface WorkflowSuite {
  readonly temporal: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundle;
}

/** The product's workers over a FakeCloud while `work` goes on; shut down afterwards. */
export async function withWorkers({ temporal, bundle }: WorkflowSuite, deployment: string, cloud: FakeCloud, work: () => Promise<void>): Promise<void> {
  const config = { deployment, temporalNamespace: 'default', maxWatchedJobs: 10 };
  const workers = await createWorkers(config, temporal.nativeConnection, cloud.activities(temporal.client), bundle);
  const polling = workers.map((worker) => worker.run());
  try {
    await work();
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(polling);
  }
}

/** Runs one job against a FakeCloud of its own, on task queues of its own; everything is shut down afterwards. */
export async function runJob(
  suite: WorkflowSuite,
  { jobId = randomBytes(6).toString('hex'), retryWindowSeconds = 0, prepare }: RunJobOptions,
  check: (run: JobRun) => Promise<void>,
): Promise<void> {
  const deployment = `t${jobId}`;
  const cloud = new FakeCloud();
  prepare?.(cloud);
  const record = newJobRecord(
    jobId,
    { location: { bucket: 'b', key: 'uploads/local/x/' }, email: 'pilot@example.com', preset: 'preview', options: {}, retryWindowSeconds },
    Date.now(),
  );
  const input: PipelineInput = { deployment, record, policy: TEST_POLICY, publicUrl: 'http://localhost' };
  await withWorkers(suite, deployment, cloud, async () => {
    const handle = await suite.temporal.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(jobId),
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
    });
    await check({
      cloud,
      handle,
      end: async () => {
        try {
          return (await handle.result()) as JobRecord;
        } catch (error) {
          if (error instanceof WorkflowFailedError && error.cause !== undefined) return error.cause;
          throw error;
        }
      },
    });
    await waitFor('the mail to be sent', () => cloud.mails.length > 0);
  });
}

/** The SageMaker jobs that were asked for, in order: `sfm 1`, `training 1`, ... */
export const stagesOf = (cloud: FakeCloud): string[] => cloud.submitted.map(({ stage, attempt }) => `${stage} ${attempt}`);

export const parked = ({ cloud }: JobRun): Promise<JobRecord> =>
  waitFor('the job to be parked', () => (cloud.record.state === 'parked' ? cloud.record : null));
