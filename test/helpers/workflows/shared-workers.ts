import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker, WorkflowBundle } from '@temporalio/worker';
import { createWorkers } from '../../../workers/workers';
import { FakeCloud } from './fake-cloud';

type Activities = ReturnType<FakeCloud['activities']>;
type Activity = (...args: unknown[]) => unknown;

const MAX_WATCHED_JOBS = 10;

/**
 * The product's workers for all runs of a suite: starting them takes more of the processor than most runs do. Each
 * activity is done by the FakeCloud of the job or batch whose id is in its workflow's id.
 */
export class SharedWorkers {
  private readonly clouds = new Map<string, Activities>();
  private running: Promise<readonly { worker: Worker; end: Promise<void> }[]> | undefined;

  constructor(
    private readonly temporal: TestWorkflowEnvironment,
    private readonly bundle: WorkflowBundle,
    /** Names their task queues. */
    readonly deployment = `t${randomBytes(6).toString('hex')}`,
  ) {}

  /** From now on this cloud does the activities of a job, or of a batch and its jobs. */
  async serve(id: string, cloud: FakeCloud): Promise<void> {
    this.clouds.set(id, cloud.activities(this.temporal.client));
    await (this.running ??= this.start());
  }

  async stop(): Promise<void> {
    const running = (await this.running) ?? [];
    running.forEach(({ worker }) => worker.shutdown());
    await Promise.all(running.map(({ end }) => end));
  }

  private async start(): Promise<readonly { worker: Worker; end: Promise<void> }[]> {
    const config = { deployment: this.deployment, temporalNamespace: 'default', maxWatchedJobs: MAX_WATCHED_JOBS };
    const workers = await createWorkers(config, this.temporal.nativeConnection, this.activities(), this.bundle);
    return workers.map((worker) => ({ worker, end: worker.run() }));
  }

  private activities(): Activities {
    const names = new FakeCloud().activities(this.temporal.client);
    const ofQueue = (queue: keyof Activities): object =>
      Object.fromEntries(
        Object.keys(names[queue]).map((name) => [name, (...args: unknown[]) => this.find(queue, name)(...args)]),
      );
    return Object.fromEntries(Object.keys(names).map((queue) => [queue, ofQueue(queue as keyof Activities)])) as never;
  }

  private find(queue: keyof Activities, name: string): Activity {
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    const served = [...this.clouds].find(([id]) => workflowId.includes(id));
    if (served === undefined) throw new Error(`no cloud serves ${workflowId}`);
    return (served[1][queue] as Record<string, Activity>)[name] as Activity;
  }
}
