import assert from 'node:assert/strict';
import type { WorkflowHandle } from '@temporalio/client';
import { failure, type Failure } from '../../contracts/job/failures';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import type { BudgetAlert } from '../../contracts/messages/budget-alert';
import type { ScheduleDefinition } from '../../contracts/schedules/definition';
import { announcementWorkflowId } from '../../contracts/webhooks/delivery';
import { completed, type FakeCloud } from '../helpers/workflows/fake-cloud';
import { inState, parked, stagesOf, TEST_POLICY, type JobRun, type RunJobOptions } from '../helpers/workflows/run-job';
import { testRequest } from '../helpers/records';
import { waitFor } from '../helpers/wait-for';

/** A path through the workflows whose history is kept in `histories/<name>.json`. */
export interface RecordedPath {
  readonly name: string;
  readonly options?: Omit<RunJobOptions, 'jobId'>;
  /** Done to the running job. */
  readonly act?: (run: JobRun) => Promise<void>;
  /** How the run ends, in Temporal's words. */
  readonly status: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** SageMaker jobs asked for, in order: what tells this path from the others. */
  readonly stages: readonly string[];
  /** The run to record; default: the job's own. */
  readonly workflow?: (run: JobRun) => Promise<WorkflowHandle>;
}

const RETRY_WINDOW_SECONDS = 3600;
const ALL_STAGES = ['sfm 1', 'training 1', 'compression 1'] as const;

const failedWith = (why: Failure) => ({ status: 'Failed' as const, failure: why });
const trainsUntilStopped = (cloud: FakeCloud): void => void (cloud.script.training = () => null);
const trainingFails =
  (times: number) =>
  (cloud: FakeCloud): void =>
    void (cloud.script.training = (attempt) =>
      attempt <= times ? failedWith(failure('CONTAINER_FAILED', 'exit code: 1')) : completed);
const partlyRegistered = (cloud: FakeCloud): void =>
  void (cloud.reports.sfm = () => ({ metrics: { photos: 100, registered: 45, points: 3000, reprojectionErrorPx: 1 } }));
const sfmFails =
  (why: Failure, times: number) =>
  (cloud: FakeCloud): void =>
    void (cloud.script.sfm = (attempt) => (attempt <= times ? failedWith(why) : completed));

const ALERT: BudgetAlert = {
  tenant: 'acme',
  name: 'Acme',
  email: 'money@acme.example',
  month: '2026-11',
  percent: 80,
  spentUsd: 8.25,
  budgetUsd: 10,
};
const SCHEDULE: ScheduleDefinition = {
  name: 'every morning',
  cron: '0 6 * * *',
  timeZone: 'Europe/Berlin',
  everySeconds: null,
  overlap: 'skip',
  onlyWhenChanged: false,
  request: testRequest(),
};

export const RECORDED_PATHS: readonly RecordedPath[] = [
  { name: 'succeeded', status: 'COMPLETED', stages: ALL_STAGES },
  {
    name: 'rejected-by-gate',
    options: {
      prepare: (cloud) =>
        (cloud.reports.sfm = () => ({ verdict: { ok: false, code: 'TOO_FEW_POINTS', message: 'only 31 points' } })),
    },
    status: 'FAILED',
    stages: ['sfm 1'],
  },
  {
    name: 'cancelled-by-signal-in-training',
    options: { prepare: trainsUntilStopped },
    act: async ({ cloud, handle }) => {
      await cloud.running('training');
      await handle.signal('cancel', { reason: 'wrong field' });
    },
    status: 'CANCELLED',
    stages: ['sfm 1', 'training 1'],
  },
  {
    name: 'cancelled-by-server-in-training',
    options: { prepare: trainsUntilStopped },
    act: async ({ cloud, handle }) => {
      await cloud.running('training');
      await handle.cancel();
    },
    status: 'CANCELLED',
    stages: ['sfm 1', 'training 1'],
  },
  {
    name: 'parked-then-retried',
    options: { retryWindowSeconds: RETRY_WINDOW_SECONDS, prepare: trainingFails(1) },
    act: async (run) => {
      await parked(run);
      await run.handle.signal('retry', { options: { maxGaussians: 5000 } });
    },
    status: 'COMPLETED',
    stages: ['sfm 1', 'training 1', 'training 2', 'compression 1'],
  },
  {
    name: 'parked-then-expired',
    options: { retryWindowSeconds: 1, prepare: trainingFails(1) },
    status: 'FAILED',
    stages: ['sfm 1', 'training 1'],
  },
  {
    name: 'parked-then-cancelled',
    options: { retryWindowSeconds: RETRY_WINDOW_SECONDS, prepare: trainingFails(1) },
    act: async (run) => {
      await parked(run);
      await run.handle.executeUpdate('cancel', { args: [{ reason: 'never mind' }] });
    },
    status: 'CANCELLED',
    stages: ['sfm 1', 'training 1'],
  },
  {
    name: 'platform-error-then-new-attempt',
    options: { prepare: sfmFails(failure('PLATFORM_ERROR', 'internal error'), 1) },
    status: 'COMPLETED',
    stages: ['sfm 1', 'sfm 2', 'training 1', 'compression 1'],
  },
  {
    name: 'capacity-waited-for',
    options: { prepare: sfmFails(failure('NO_CAPACITY', 'no machine'), 1) },
    status: 'COMPLETED',
    stages: ['sfm 1', 'sfm 2', 'training 1', 'compression 1'],
  },
  {
    name: 'full-quota-waited-for',
    options: { prepare: (cloud) => ['ml.g4dn.xlarge', 'ml.g5.xlarge'].forEach((type) => cloud.full.add(type)) },
    act: async (run) => {
      await inState(run, 'waiting');
      run.cloud.full.clear();
    },
    status: 'COMPLETED',
    stages: ALL_STAGES,
  },
  {
    name: 'cancelled-while-waiting-for-a-machine',
    options: { prepare: (cloud) => ['ml.g4dn.xlarge', 'ml.g5.xlarge'].forEach((type) => cloud.full.add(type)) },
    act: async (run) => {
      await inState(run, 'waiting');
      await run.handle.signal('cancel');
    },
    status: 'CANCELLED',
    stages: ['sfm 1'],
  },
  {
    name: 'out-of-time-then-on-from-the-checkpoint',
    options: {
      prepare: (cloud) => {
        cloud.script.training = (attempt) =>
          attempt === 1 ? { status: 'Stopped', failure: failure('MAX_RUNTIME_EXCEEDED', 'stopped') } : completed;
        cloud.checkpoints.add(1);
      },
    },
    status: 'COMPLETED',
    stages: ['sfm 1', 'training 1', 'training 2', 'compression 1'],
  },
  {
    name: 'stopped-at-the-budget',
    options: { request: { budgetUsd: 0.1 }, prepare: trainsUntilStopped },
    act: async ({ cloud }) => {
      await cloud.running('training');
      cloud.atLimit = true;
    },
    status: 'FAILED',
    stages: ['sfm 1', 'training 1'],
  },
  {
    name: 'accepted-by-a-person',
    options: { retryWindowSeconds: RETRY_WINDOW_SECONDS, prepare: partlyRegistered },
    act: async (run) => {
      await inState(run, 'waiting');
      await run.handle.signal('accept', { by: 'Ada' });
    },
    status: 'COMPLETED',
    stages: ALL_STAGES,
  },
  {
    name: 'paused-then-resumed',
    options: { prepare: (cloud) => (cloud.script.sfm = () => null) },
    act: async (run) => {
      const jobName = await run.cloud.running('sfm');
      await run.handle.executeUpdate('pause');
      run.cloud.endings.set(jobName, completed);
      await inState(run, 'waiting');
      await run.handle.signal('resume');
    },
    status: 'COMPLETED',
    stages: ALL_STAGES,
  },
  {
    name: 'out-of-memory-then-smaller-settings',
    options: { prepare: sfmFails(failure('OUT_OF_MEMORY', 'the machine ran out of memory'), 1) },
    status: 'COMPLETED',
    stages: ['sfm 1', 'sfm 2', 'training 1', 'compression 1'],
  },
  {
    name: 'terminated-then-retried',
    options: { prepare: (cloud) => (cloud.script.training = (attempt) => (attempt === 1 ? null : completed)) },
    act: async ({ cloud, handle, again }) => {
      await cloud.running('training');
      await handle.terminate();
      await (await again()).end();
    },
    status: 'COMPLETED',
    stages: ['sfm 1', 'training 1', 'training 2', 'compression 1'],
  },
  {
    name: 'logs-stored-but-one',
    options: { prepare: (cloud) => (cloud.logErrors.sfm = new Error('the storage is away')) },
    status: 'COMPLETED',
    stages: ALL_STAGES,
  },
  {
    name: 'upkeep',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    workflow: (run) => runOther(run, WORKFLOW_TYPE.upkeep, { retention: { intermediatesDays: 14, resultsDays: 0 } }),
  },
  {
    name: 'budget-alert',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    workflow: (run) => runOther(run, WORKFLOW_TYPE.budgetAlert, { publicUrl: 'http://localhost', alert: ALERT }),
  },
  {
    name: 'scheduled-job',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    workflow: (run) =>
      runOther(run, WORKFLOW_TYPE.scheduledJob, { tenant: 'local', scheduleId: 'daily', definition: SCHEDULE }),
  },
  {
    name: 'announced-to-endpoints',
    status: 'COMPLETED',
    stages: ALL_STAGES,
  },
  {
    name: 'announcement',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    async workflow({ cloud, handle }) {
      const { eventId } = await waitFor('the mail', () => cloud.mails.at(-1));
      const announced = handle.client.getHandle(announcementWorkflowId(eventId));
      await announced.result();
      return announced;
    },
  },
  {
    name: 'erasure',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    workflow: (run) =>
      runOther(run, WORKFLOW_TYPE.erasure, { jobId: run.jobId, location: run.cloud.record.request.location }),
  },
  {
    name: 'delivery',
    status: 'COMPLETED',
    stages: ALL_STAGES,
    async workflow({ cloud, handle }) {
      const { eventId } = await waitFor('the mail', () => cloud.mails.at(-1));
      const mail = handle.client.getHandle(`mail-${eventId}`);
      await mail.result();
      return mail;
    },
  },
];

/** Runs a workflow that is not a job's own, after the job's end. */
async function runOther({ handle, cloud }: JobRun, type: string, input: object): Promise<WorkflowHandle> {
  const [{ deployment } = { deployment: '' }] = cloud.submitted;
  const other = await handle.client.start(type, {
    workflowId: `${type}-of-${deployment}`,
    taskQueue: taskQueue(deployment, 'control'),
    args: [{ deployment, policy: TEST_POLICY, ...input }],
  });
  await other.result();
  return other;
}

/** Takes a job along the path and gives the run to record; throws when it went another way. */
export async function follow(path: RecordedPath, run: JobRun): Promise<WorkflowHandle> {
  await path.act?.(run);
  await run.end();
  assert.equal((await run.handle.describe()).status.name, path.status, `${path.name}: how the job ended`);
  assert.deepEqual(stagesOf(run.cloud), path.stages, `${path.name}: its SageMaker jobs`);
  return (await path.workflow?.(run)) ?? run.handle;
}
