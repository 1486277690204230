import { Connection, type WorkflowService } from '@temporalio/client';
import type { WorkflowRun } from './evidence';

type Events = NonNullable<
  NonNullable<Awaited<ReturnType<WorkflowService['getWorkflowExecutionHistory']>>['history']>['events']
>;

const NAMESPACE = 'default';
const PAGE = 1000;

/** Temporal over gRPC. */
export class TemporalEvidence {
  private constructor(private readonly connection: Connection) {}

  static async connect(address: string): Promise<TemporalEvidence> {
    return new TemporalEvidence(await Connection.connect({ address }));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Ids of the workflows that are open; a schedule starts upkeep again and again. */
  async openWorkflows(): Promise<string[]> {
    const found = await this.list(`ExecutionStatus = 'Running' AND WorkflowType != 'upkeep'`);
    return found.map(({ workflowId }) => workflowId);
  }

  async runs(): Promise<WorkflowRun[]> {
    const runs: WorkflowRun[] = [];
    for (const { workflowId, runId, startedAtMs } of await this.list(`WorkflowType != 'upkeep'`)) {
      const events = await this.history(workflowId, runId);
      runs.push({
        workflowId,
        runId,
        startedAtMs,
        status: statusAfter(events),
        states: statesIn(events),
        mostTries: mostTriesIn(events),
      });
    }
    return runs.sort((a, b) => a.startedAtMs - b.startedAtMs);
  }

  private async list(query: string): Promise<{ workflowId: string; runId: string; startedAtMs: number }[]> {
    const found: { workflowId: string; runId: string; startedAtMs: number }[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await this.connection.workflowService.listWorkflowExecutions({
        namespace: NAMESPACE,
        query,
        pageSize: PAGE,
        nextPageToken,
      });
      for (const { execution, startTime } of page.executions)
        found.push({
          workflowId: execution?.workflowId ?? '',
          runId: execution?.runId ?? '',
          startedAtMs: Number(startTime?.seconds ?? 0) * 1000 + (startTime?.nanos ?? 0) / 1e6,
        });
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
    return found;
  }

  private async history(workflowId: string, runId: string): Promise<Events> {
    const events: Events = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await this.connection.workflowService.getWorkflowExecutionHistory({
        namespace: NAMESPACE,
        execution: { workflowId, runId },
        maximumPageSize: PAGE,
        nextPageToken,
      });
      events.push(...(page.history?.events ?? []));
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
    return events;
  }
}

/** A history ends with the event that closed the run. */
function statusAfter(events: Events): string {
  const last = events.at(-1) ?? {};
  const ends = ['Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut', 'ContinuedAsNew'] as const;
  return ends.find((end) => (last[`workflowExecution${end}EventAttributes`] ?? null) !== null) ?? 'Running';
}

function statesIn(events: Events): string[] {
  return events.flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const data = upsert?.searchAttributes?.indexedFields?.JobState?.data;
    return data ? [JSON.parse(Buffer.from(data).toString()) as string] : [];
  });
}

const mostTriesIn = (events: Events): number =>
  Math.max(0, ...events.map(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? 0));
