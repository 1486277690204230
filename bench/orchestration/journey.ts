import type { WorkflowHandle } from '@temporalio/client';
import { spread } from './percentiles';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

interface Moment {
  readonly label: string;
  readonly atMs: number;
}

/** Where the milliseconds between two calls go, by what Temporal noted in the histories of many jobs. */
export class Journey {
  /** Way -> step -> how long each took, in the order in which the steps were first seen. */
  private readonly ways = new Map<string, Map<string, number[]>>();

  /** Adds one job's way, named such as "stage gap to Create", from `fromMs` to the call that came at `toMs`. */
  add(way: string, history: History, fromMs: number, toMs: number): void {
    const steps = this.ways.get(way) ?? new Map<string, number[]>();
    this.ways.set(way, steps);
    const seen = new Map<string, number>();
    let lastMs = fromMs;
    const passed = moments(history).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    for (const { label, atMs } of [...passed, { label: 'the call arrives', atMs: toMs }]) {
      const times = (seen.get(label) ?? 0) + 1;
      seen.set(label, times);
      const step = times === 1 ? label : `${label} (${times})`;
      steps.set(step, [...(steps.get(step) ?? []), atMs - lastMs]);
      lastMs = atMs;
    }
  }

  /** A line a step: what happened, and the milliseconds since the step before (median, 99th percentile, how often). */
  get lines(): string[] {
    return [...this.ways].flatMap(([way, steps]) => [
      `${way}:`,
      ...[...steps].map(([step, durationsMs]) => {
        const { p50, p99, count } = spread(durationsMs);
        return `  ${String(p50).padStart(6)} ${String(p99).padStart(6)}  ${step} (${count})`;
      }),
    ]);
  }
}

/** What a history tells, in order of time; an activity's start is written when it has ended, with its true time. */
function moments({ events = [] }: History): Moment[] {
  const activityTypes = new Map(
    (events ?? []).map((event) => [
      String(event.eventId),
      event.activityTaskScheduledEventAttributes?.activityType?.name,
    ]),
  );
  const all = (events ?? []).map((event): Moment => {
    const activity = event.activityTaskStartedEventAttributes ?? event.activityTaskCompletedEventAttributes;
    const name = activityTypes.get(String(activity ? activity.scheduledEventId : event.eventId));
    const what = event.activityTaskStartedEventAttributes ? 'starts' : activity ? 'is done' : 'is scheduled';
    const atMs = Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
    return { label: name === undefined ? eventName(event) : `${name} ${what}`, atMs };
  });
  return all.toSorted((a, b) => a.atMs - b.atMs);
}

/** Such as `workflowTaskStarted`: the one field of attributes that an event has. */
const eventName = (event: object): string =>
  Object.keys(event)
    .find((key) => key.endsWith('EventAttributes'))
    ?.replace('EventAttributes', '') ?? 'event';
