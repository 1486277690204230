import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

export const HISTORIES_FOLDER = path.join(__dirname, 'histories');

/** Temporal's own History message: what `WorkflowHandle.fetchHistory()` gives. */
type History = Parameters<typeof historyToJSON>[0];

/** Temporal's JSON of a history, as far as it is looked at here. */
export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}
export interface RecordedEvent {
  readonly eventType: string;
  readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}

/**
 * A history as it is kept: Temporal's JSON with an event a line, without the places and programs that recorded it.
 * They take no part in a replay, nor do the inputs of activities: those of `saveRecord`, the whole record each time,
 * would be half of every file and are left out.
 */
export function recordedHistory(history: History): string {
  const { events } = JSON.parse(historyToJSON(history), withoutMachine) as RecordedHistory;
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

/** Random or counted up by the server, and of no use to anybody who reads a history. */
const NOISE: ReadonlySet<string> = new Set(['taskId', 'requestId', 'workerVersion', 'meteringMetadata']);

function withoutMachine(key: string, value: unknown): unknown {
  if (NOISE.has(key)) return undefined;
  // Workers and clients are called `pid@host`, sticky queues after them; stack traces name folders.
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  if (key === 'taskQueue' && isSticky(value)) return { ...value, name: 'sticky' };
  if (key === 'activityTaskScheduledEventAttributes' && isSave(value)) return { ...value, input: undefined };
  return value;
}

const isSticky = (queue: unknown): queue is object => (queue as { kind?: unknown }).kind === 'TASK_QUEUE_KIND_STICKY';
const isSave = (scheduled: unknown): scheduled is object =>
  (scheduled as NonNullable<RecordedEvent['activityTaskScheduledEventAttributes']>).activityType.name === 'saveRecord';
