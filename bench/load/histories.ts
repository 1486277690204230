import type { Client, WorkflowHandle } from '@temporalio/client';
import { workflowId } from '../../contracts/machines/names';
import { percentile } from '../orchestration/percentiles';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

/** What jobs are to Temporal, one that ended early beside one that ended late. */
export interface HistoryFigures {
  /** Of the job's own history, medians of the first and of the last quarter of jobs. */
  readonly eventsFirstQuarter: number;
  readonly eventsLastQuarter: number;
  readonly kbFirstQuarter: number;
  readonly kbLastQuarter: number;
  /** Billed by Temporal Cloud, workflows of mails and events included; heartbeats and queries are not in histories. */
  readonly actionsAJob: number;
}

/** Of so many jobs, spread over the run, all is read. */
const READ_JOBS = 40;

/** Reads histories of jobs in the order of their starts. */
export async function readHistories(client: Client, jobIds: readonly string[]): Promise<HistoryFigures> {
  const every = Math.max(1, Math.floor(jobIds.length / READ_JOBS));
  const read = jobIds.filter((_, index) => index % every === 0);
  const figures: { events: number; kb: number; actions: number }[] = [];
  for (const jobId of read) {
    const described = await client.workflow.getHandle(workflowId(jobId)).describe();
    const actions = await actionsOf(client, workflowId(jobId), 1);
    figures.push({ events: described.historyLength, kb: (described.historySize ?? 0) / 1024, actions });
  }
  const quarter = Math.max(1, Math.floor(figures.length / 4));
  const [first, last] = [figures.slice(0, quarter), figures.slice(-quarter)];
  return {
    eventsFirstQuarter: median(first.map(({ events }) => events)),
    eventsLastQuarter: median(last.map(({ events }) => events)),
    kbFirstQuarter: Math.round(median(first.map(({ kb }) => kb))),
    kbLastQuarter: Math.round(median(last.map(({ kb }) => kb))),
    actionsAJob: median(figures.map(({ actions }) => actions)),
  };
}

/** Actions of a workflow and of its children, as docs.temporal.io/cloud/actions counts them. */
async function actionsOf(client: Client, id: string, ofStart: number): Promise<number> {
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  let actions = ofStart;
  for (const event of events ?? []) {
    actions += ofEvent(event);
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    // A child is counted here, by the start and by its own execution.
    if (child) actions += await actionsOf(client, child, 2);
  }
  return actions;
}

/** Each try of an activity, timers, messages and changes of search attributes, but for those of the SDK itself. */
function ofEvent(event: Event): number {
  if (event.activityTaskStartedEventAttributes) return event.activityTaskStartedEventAttributes.attempt ?? 1;
  const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  if (fields) return 'TemporalChangeVersion' in fields ? 0 : 1;
  const isOne =
    event.timerStartedEventAttributes ??
    event.workflowExecutionSignaledEventAttributes ??
    event.workflowExecutionUpdateAcceptedEventAttributes;
  return isOne ? 1 : 0;
}

const median = (values: readonly number[]): number => percentile(values, 0.5);
