import type { Client } from '@temporalio/client';
import { TASK_QUEUE, taskQueue, WORKFLOW_TYPE, type TaskQueue } from '../../contracts/job/temporal-names';

/** Tasks of one kind in one queue. */
export interface QueueFigures {
  readonly queue: TaskQueue;
  readonly kind: 'workflow' | 'activity';
  readonly backlogTasks: number;
  /** Of the oldest task; 0 where there is none. */
  readonly backlogAgeSeconds: number;
  /** As far as Temporal remembers them: some minutes. */
  readonly pollers: number;
}

/** What Temporal knows of a deployment's work. Both reject where it does not answer within a few seconds. */
export interface TemporalFigures {
  queues(): Promise<readonly QueueFigures[]>;
  /** Null where no round of upkeep is known that was done. */
  upkeepEndedAtMs(): Promise<number | null>;
}

/** Below the ten seconds that Prometheus waits by default. */
const WITHIN_MS = 5000;

/** temporal.api.enums.v1.TaskQueueType */
const KIND = { workflow: 1, activity: 2 } as const;
const QUEUES = Object.keys(TASK_QUEUE) as TaskQueue[];
/** Workflows run on `control` alone. */
const ASKED = [
  { queue: 'control', kind: 'workflow' } as const,
  ...QUEUES.map((queue) => ({ queue, kind: 'activity' }) as const),
];

export function createTemporalFigures(client: Client, deployment: string): TemporalFigures {
  const { namespace } = client.options;
  const query =
    `WorkflowType = '${WORKFLOW_TYPE.upkeep}' AND TaskQueue = '${taskQueue(deployment, 'control')}'` +
    ` AND ExecutionStatus = 'Completed'`;
  return {
    queues: () =>
      client.withDeadline(Date.now() + WITHIN_MS, () =>
        Promise.all(
          ASKED.map(async ({ queue, kind }) => {
            const { stats, pollers } = await client.workflowService.describeTaskQueue({
              namespace,
              taskQueue: { name: taskQueue(deployment, queue) },
              taskQueueType: KIND[kind],
              reportStats: true,
            });
            const { seconds, nanos } = stats?.approximateBacklogAge ?? {};
            return {
              queue,
              kind,
              backlogTasks: Number(stats?.approximateBacklogCount ?? 0),
              backlogAgeSeconds: Number(seconds ?? 0) + (nanos ?? 0) / 1e9,
              pollers: pollers.length,
            };
          }),
        ),
      ),

    upkeepEndedAtMs: () =>
      client.withDeadline(Date.now() + WITHIN_MS, async () => {
        // Newest first.
        const { executions } = await client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 });
        const seconds = executions[0]?.closeTime?.seconds;
        return seconds === undefined || seconds === null ? null : Number(seconds) * 1000;
      }),
  };
}
