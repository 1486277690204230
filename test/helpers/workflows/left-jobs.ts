import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from '@temporalio/activity';
import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { createNoteDeed } from '../../../activities/deeds';
import { TAG } from '../../../activities/machines/create-requests';
import { machineJobName, workflowId } from '../../../contracts/machines/names';
import { newJobRecord, type Attempt, type JobRecord, type JobRequest } from '../../../contracts/job/record';
import { WORKFLOW_TYPE } from '../../../contracts/job/temporal-names';
import { layout } from '../../../contracts/storage/layout';
import { createBatchStore } from '../../../platform/batch-store';
import { createRecordStore } from '../../../platform/record-store';
import type { Stage } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';
import { BUCKET, LocalSageMaker } from '../local-sagemaker';
import { MemoryAudit } from '../memory-audit';
import { testAttempt, testRequest } from '../records';
import { startTemporal } from '../temporal';
import { waitFor } from '../wait-for';

/** What a job's machine is in these tests: it runs until it is stopped, or ends at once. */
export type Image = 'endless' | 'brief';

/** Jobs as crashes and operators leave them: real SageMaker jobs, records and runs, and no worker that serves them. */
export class LeftJobs {
  /** What upkeep and schedules have noted of jobs. */
  readonly deeds = new MemoryAudit();
  private simpleWorkflows: Promise<WorkflowBundle> | undefined;

  private constructor(
    readonly cloud: LocalSageMaker,
    readonly temporal: TestWorkflowEnvironment,
  ) {}

  static async start(): Promise<LeftJobs> {
    const [cloud, temporal] = await Promise.all([
      LocalSageMaker.start(
        { endless: { sh: 'trap "exit 0" TERM; while :; do sleep 0.1; done' }, brief: { sh: 'exit 0' } },
        { stopGraceSeconds: 5 },
      ),
      startTemporal(),
    ]);
    return new LeftJobs(cloud, temporal);
  }

  async stop(): Promise<void> {
    await this.temporal?.teardown();
    await this.cloud?.close();
  }

  get deps() {
    const { sagemaker, s3 } = this.cloud;
    const records = createRecordStore({ s3, bucket: BUCKET });
    const batches = createBatchStore({ s3, bucket: BUCKET });
    const note = createNoteDeed(this.deeds);
    return { sagemaker, client: this.temporal.client, s3, bucket: BUCKET, records, batches, note };
  }

  /** A run of the job's workflow, open: no worker serves its queue. */
  openRun(jobId: string): Promise<WorkflowHandleWithFirstExecutionRunId> {
    return this.temporal.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(jobId),
      taskQueue: 'nobody',
      args: [],
    });
  }

  /** A notification that is still being tried, as Temporal's visibility knows it. */
  async openDelivery(id: string): Promise<WorkflowHandle> {
    const handle = await this.temporal.client.workflow.start(WORKFLOW_TYPE.delivery, {
      workflowId: id,
      taskQueue: 'nobody',
      args: [],
    });
    await waitFor(
      `${id} to be listed`,
      async () => (await this.temporal.client.workflow.count(`WorkflowId = '${id}'`)).count === 1,
    );
    return handle;
  }

  /** A run that was terminated. */
  async terminatedRun(jobId: string): Promise<WorkflowHandleWithFirstExecutionRunId> {
    const run = await this.openRun(jobId);
    await run.terminate('a test');
    return run;
  }

  /** A run that completed with this result; it did nothing else. */
  async completedRun(jobId: string, result: unknown): Promise<void> {
    const { workflow } = this.temporal.client;
    await this.withSimpleWorkflows(jobId, (taskQueue) =>
      workflow.execute('completesAtOnce', { workflowId: workflowId(jobId), taskQueue, args: [result] }),
    );
  }

  /** A run that an operator has reset: another run id, and still open. Returns the first run's id. */
  async resetRun(jobId: string): Promise<string> {
    const { workflow, workflowService } = this.temporal.client;
    return this.withSimpleWorkflows(jobId, async (taskQueue) => {
      const run = await workflow.start('staysOpen', { workflowId: workflowId(jobId), taskQueue });
      const taskCompleted = await waitFor('its first workflow task', async () =>
        (await run.fetchHistory()).events?.find((event) => event.workflowTaskCompletedEventAttributes),
      );
      await workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: workflowId(jobId), runId: run.firstExecutionRunId },
        reason: 'a test',
        workflowTaskFinishEventId: taskCompleted.eventId ?? null,
        requestId: randomUUID(),
      });
      return run.firstExecutionRunId;
    });
  }

  private async withSimpleWorkflows<T>(jobId: string, work: (taskQueue: string) => Promise<T>): Promise<T> {
    this.simpleWorkflows ??= bundleWorkflowCode({
      workflowsPath: require.resolve('./simple-workflows'),
      logger: new DefaultLogger('ERROR'),
    });
    const taskQueue = `simple-${jobId}`;
    const worker = await Worker.create({
      connection: this.temporal.nativeConnection,
      taskQueue,
      workflowBundle: await this.simpleWorkflows,
    });
    return worker.runUntil(() => work(taskQueue));
  }

  /** A SageMaker job as the pipeline makes it; returns its name. */
  async machine(of: {
    deployment?: string;
    jobId: string;
    stage?: Stage;
    runId: string;
    image?: Image;
    name?: string;
  }): Promise<string> {
    const { deployment = 'own', jobId, stage = 'training', runId, image = 'endless' } = of;
    const name = of.name ?? machineJobName({ deployment, jobId, stage, attempt: 1 });
    const tags = { [TAG.deployment]: deployment, [TAG.job]: jobId, [TAG.run]: runId, [TAG.attempt]: '1' };
    const more = { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    if (STAGE[stage].kind === 'training') await this.cloud.createTrainingJob(name, image, more);
    else await this.cloud.createProcessingJob(name, image, more);
    return name;
  }

  async statusOf(name: string, stage: Stage = 'training'): Promise<string | undefined> {
    if (STAGE[stage].kind === 'training') return (await this.cloud.describeTrainingJob(name)).TrainingJobStatus;
    return (await this.cloud.describeProcessingJob(name)).ProcessingJobStatus;
  }

  async save(record: JobRecord): Promise<void> {
    await this.cloud.put({ [layout.record(record.jobId)]: JSON.stringify(record) });
  }

  async read(jobId: string): Promise<JobRecord> {
    return JSON.parse((await this.cloud.get(layout.record(jobId))).toString()) as JobRecord;
  }
}

export const newJobId = (): string => `j${randomBytes(5).toString('hex')}`;

export const DAY_MS = 24 * 3600 * 1000;

/** A job's record, last written an hour ago; a test names only what it is about. */
export function testRecord(changes: Partial<JobRecord> & { request?: JobRequest } = {}): JobRecord {
  const record = newJobRecord(
    newJobId(),
    testRequest({ location: { bucket: BUCKET, key: 'uploads/local/x/' } }),
    Date.now() - 3_700_000,
  );
  return { ...record, updatedAtMs: record.createdAtMs, ...changes };
}

/** A ledger line of a machine that nobody has seen the end of. */
export const runningAttempt = (jobName: string, stage: Stage = 'training'): Attempt =>
  testAttempt({ stage, jobName, status: 'Running', startedAtMs: null, endedAtMs: null, billedSeconds: 0, costUsd: 0 });

/** Where an activity runs; `info` may hold the heartbeat of an earlier try. */
export const activityEnvironment = (info: Partial<Context['info']> = {}): MockActivityEnvironment =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
