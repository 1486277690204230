import { Worker, type NativeConnection, type WorkflowBundle, type WorkerOptions } from '@temporalio/worker';
import { namingFullDisk } from '../activities/disk-full';
import { WORKER_SHUTDOWN_SECONDS } from '../contracts/deployment/times';
import { taskQueue, type TaskQueue } from '../contracts/job/temporal-names';
import type { Config } from '../platform/config';
import type { Tracer } from '../platform/tracing/tracer';
import type { QueuedActivities } from './activities';
import { tracedActivities, traceSinks } from './tracing';

/** A watch hears of the shutdown between two polls and leaves its checkpoint; then another worker continues. */
const SHUTDOWN_GRACE = '2 seconds';
const SHUTDOWN_FORCE = `${WORKER_SHUTDOWN_SECONDS} seconds` as const;
/** After a worker's death its cached workflows wait so long for it before another one takes them. */
const STICKY_TIMEOUT = '3 seconds';
/** What 300 running jobs need, with room; 0.4 MB each (Node 24, SDK 1.24). */
const MAX_CACHED_WORKFLOWS = 400;
const CONTROL_SLOTS = 50;
/** Unpacking and reading headers of large sets: few at once, or they starve each other. */
const INTAKE_SLOTS = 4;
/** A mail server or a receiver that keeps us waiting delays other notifications at most. */
const DELIVERY_SLOTS = 20;

/** One worker a task queue, each with its own slots, so that a full `watch` queue never delays a Stop. */
export async function createWorkers(
  config: Pick<Config, 'deployment' | 'temporalNamespace' | 'maxWatchedJobs'>,
  connection: NativeConnection,
  activities: QueuedActivities,
  workflowBundle: WorkflowBundle,
  ofDeployment: Pick<WorkerOptions, 'dataConverter' | 'workerDeploymentOptions'> = {},
  tracer: Tracer | null = null,
): Promise<Worker[]> {
  const worker = (queue: TaskQueue, slots: number, more: Partial<WorkerOptions> = {}): Promise<Worker> =>
    Worker.create({
      connection,
      namespace: config.temporalNamespace,
      taskQueue: taskQueue(config.deployment, queue),
      activities: activities[queue],
      maxConcurrentActivityTaskExecutions: slots,
      shutdownGraceTime: SHUTDOWN_GRACE,
      shutdownForceTime: SHUTDOWN_FORCE,
      maxHeartbeatThrottleInterval: '1 second',
      interceptors: {
        activity: [
          tracedActivities(tracer),
          () => ({ inbound: { execute: (input, next) => namingFullDisk(() => next(input)) } }),
        ],
      },
      ...ofDeployment,
      ...more,
    });
  return [
    await worker('control', CONTROL_SLOTS, {
      workflowBundle,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      sinks: traceSinks(tracer),
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    }),
    await worker('watch', config.maxWatchedJobs),
    await worker('photos', INTAKE_SLOTS),
    await worker('delivery', DELIVERY_SLOTS),
  ];
}
