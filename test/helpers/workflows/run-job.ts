import { randomBytes } from 'node:crypto';
import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundle } from '@temporalio/worker';
import {
  firstOpenStage,
  newJobRecord,
  reopenFrom,
  type JobRecord,
  type JobRequest,
} from '../../../contracts/job/record';
import { workflowId } from '../../../contracts/machines/names';
import type { JobState } from '../../../contracts/job/state';
import { taskQueue, WORKFLOW_TYPE } from '../../../contracts/job/temporal-names';
import type { PipelineInput } from '../../../workflows/job/input';
import { DEFAULT_POLICY, type Policy } from '../../../contracts/job/policy';
import { createWorkers } from '../../../workers/workers';
import { testBundle } from './bundle';
import { FakeCloud } from './fake-cloud';
import { SharedWorkers } from './shared-workers';
import { testRequest } from '../records';
import { startTemporal } from '../temporal';
import { waitFor } from '../wait-for';

/** The product's policy with waits of milliseconds: the development server cannot skip time. */
export const TEST_POLICY: Policy = {
  ...DEFAULT_POLICY,
  pollIntervalMs: 20,
  capacityRetryMs: 30,
  retryInitialMs: 10,
  retryMaximumMs: 50,
  heartbeatTimeoutMs: 5000,
  stopMarginMs: 1000,
};

export interface RunJobOptions {
  /** Default: one at random. Two jobs of one id need two Temporal servers. */
  readonly jobId?: string;
  readonly retryWindowSeconds?: number;
  readonly request?: Partial<JobRequest>;
  /** What the server had put into the record. */
  readonly record?: Partial<JobRecord>;
  readonly policy?: Partial<Policy>;
  /** The run gets workers of its own. */
  readonly maxWatchedJobs?: number;
  readonly prepare?: (cloud: FakeCloud) => void;
}

export interface JobRun {
  readonly jobId: string;
  readonly deployment: string;
  readonly cloud: FakeCloud;
  readonly handle: WorkflowHandle;
  /** Resolves with the record of the end, or with the error that the run ended with. */
  readonly end: () => Promise<JobRecord | Error>;
  /** Starts a second job with the same cloud and the same workers. */
  readonly another: () => Promise<JobRun>;
  /** Starts a new run of this job, from its record as it was saved last, as a retry after its end does. */
  readonly again: () => Promise<JobRun>;
}

/** A Temporal server and the workflows' bundle: once a suite. */
export interface WorkflowSuite {
  readonly temporal: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundle;
  /** What serves the runs that need no workers of their own. */
  readonly workers: SharedWorkers;
}

/** Starts both before the tests of a file, ends them after. Call it once, at the top, and its result in the tests. */
export function workflowSuite(server: Parameters<typeof startTemporal>[0] = {}): () => WorkflowSuite {
  let suite: WorkflowSuite | undefined;
  beforeAll(async () => {
    const [temporal, bundle] = await Promise.all([startTemporal(server), testBundle()]);
    suite = { temporal, bundle, workers: new SharedWorkers(temporal, bundle) };
  });
  afterAll(async () => {
    await suite?.workers.stop();
    await suite?.temporal.teardown();
  });
  return () => {
    if (suite === undefined) throw new Error('the suite has not begun');
    return suite;
  };
}

/** Workers of its own for a FakeCloud while `work` runs; shut down afterwards. */
export async function withWorkers(
  { temporal, bundle }: Pick<WorkflowSuite, 'temporal' | 'bundle'>,
  deployment: string,
  cloud: FakeCloud,
  work: () => Promise<void>,
  maxWatchedJobs = 10,
): Promise<void> {
  const config = { deployment, temporalNamespace: 'default', maxWatchedJobs };
  const workers = await createWorkers(config, temporal.nativeConnection, cloud.activities(temporal.client), bundle);
  const polling = workers.map((worker) => worker.run());
  try {
    await work();
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(polling);
  }
}

/** `runJob` for the tests of a file. */
export const jobRunner =
  (suite: () => WorkflowSuite) =>
  (options: RunJobOptions, check: (run: JobRun) => Promise<void>): Promise<void> =>
    runJob(suite(), options, check);

/** Runs one job against a FakeCloud of its own; no run of it is open afterwards. */
export async function runJob(
  suite: WorkflowSuite,
  {
    jobId = randomJobId(),
    retryWindowSeconds = 0,
    request,
    record: known,
    policy,
    maxWatchedJobs,
    prepare,
  }: RunJobOptions,
  check: (run: JobRun) => Promise<void>,
): Promise<void> {
  const own = maxWatchedJobs !== undefined;
  const deployment = own ? `t${jobId}` : suite.workers.deployment;
  const handles: WorkflowHandle[] = [];
  const cloud = new FakeCloud();
  prepare?.(cloud);
  const startNew = (id: string): Promise<JobRun> =>
    start({ ...newJobRecord(id, testRequest({ retryWindowSeconds, ...request }), Date.now()), ...known });
  const startAgain = (id: string): Promise<JobRun> => {
    const last = cloud.saved.findLast((saved) => saved.jobId === id);
    if (last === undefined) throw new Error('no record was saved');
    return start(reopenFrom(last, firstOpenStage(last) ?? 'compression'));
  };
  const start = async (record: JobRecord): Promise<JobRun> => {
    const { jobId: id } = record;
    if (!own) await suite.workers.serve(id, cloud);
    const input: PipelineInput = {
      deployment,
      record,
      policy: { ...TEST_POLICY, ...policy },
      publicUrl: 'http://localhost',
    };
    const handle = await suite.temporal.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(id),
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
    });
    handles.push(handle);
    return {
      jobId: id,
      deployment,
      cloud,
      handle,
      end: () => endOf(handle),
      another: () => startNew(randomJobId()),
      again: () => startAgain(id),
    };
  };
  const work = async (): Promise<void> => {
    try {
      await check(await startNew(jobId));
      await waitFor('the mail to be sent', () => cloud.mails.length > 0);
    } finally {
      await Promise.all(handles.map(endOpenRun));
    }
  };
  await (own ? withWorkers(suite, deployment, cloud, work, maxWatchedJobs) : work());
}

/** Ends a run that a test has left open, so that it does not take time from the next. */
export async function endOpenRun(handle: WorkflowHandle): Promise<void> {
  await handle.terminate('its test is over').catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
}

const randomJobId = (): string => randomBytes(6).toString('hex');

async function endOf(handle: WorkflowHandle): Promise<JobRecord | Error> {
  try {
    return (await handle.result()) as JobRecord;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause !== undefined) return error.cause;
    throw error;
  }
}

/** The SageMaker jobs that were asked for, in order: `sfm 1`, `training 1`, ... */
export const stagesOf = (cloud: FakeCloud): string[] =>
  cloud.submitted.map(({ stage, attempt }) => `${stage} ${attempt}`);

/** Waits until the job is in a state, and returns the record that was saved then. */
export const inState = ({ cloud, jobId }: JobRun, state: JobState): Promise<JobRecord> =>
  waitFor(`the job to be ${state}`, () => {
    const record = cloud.saved.findLast((saved) => saved.jobId === jobId);
    return record?.state === state ? record : null;
  });

export const parked = (run: JobRun): Promise<JobRecord> => inState(run, 'parked');
