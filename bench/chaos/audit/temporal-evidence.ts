import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { WorkflowRun } from './evidence';

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;

/** What Temporal knows; a schedule starts upkeep again and again. */
export class TemporalEvidence {
  private readonly client: Client;

  private constructor(private readonly connection: Connection) {
    this.client = new Client({ connection });
  }

  static async connect(address: string): Promise<TemporalEvidence> {
    return new TemporalEvidence(await Connection.connect({ address }));
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Whether a workflow is open. */
  async isAnyOpen(): Promise<boolean> {
    const query = `ExecutionStatus = 'Running' AND WorkflowType != 'upkeep'`;
    return (await this.client.workflow.count(query)).count > 0;
  }

  async runs(): Promise<WorkflowRun[]> {
    const runs: WorkflowRun[] = [];
    for await (const info of this.client.workflow.list({ query: `WorkflowType != 'upkeep'` })) {
      const { workflowId, runId, startTime } = info;
      const { events } = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
      runs.push({
        workflowId,
        runId,
        startedAtMs: startTime.getTime(),
        status: statusAfter(events ?? []),
        states: statesIn(events ?? []),
        mostTries: mostTriesIn(events ?? []),
      });
    }
    return runs.sort((a, b) => a.startedAtMs - b.startedAtMs);
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
