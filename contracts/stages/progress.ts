import { isRecord } from '../messages/parsed';
import type { GatheredQuality } from './quality';

/** The newest progress line in the log of a running program. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly metrics: Readonly<Record<string, number | string>>;
}

/** Heartbeat details of a watch; the API reads them from `describe()`, the next watcher continues from them. */
export interface WatchHeartbeat {
  readonly jobName: string;
  /** SageMaker's SecondaryStatus for training jobs, else the job's status. */
  readonly status: string;
  readonly progress: Progress | null;
  /** Milliseconds since 1970 at which the container started to work; null before. */
  readonly startedAtMs: number | null;
  /** Where the log was read up to. */
  readonly logStream: string | null;
  readonly logToken: string | null;
  /** How quality has grown so far; missing before training tells it, and from workers of before. */
  readonly quality?: readonly GatheredQuality[];
}

/** A progress line of the container contract, or null for a line of log text. */
export function parseProgressLine(line: string): Progress | null {
  if (!line.startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.spaceport !== 'progress') return null;
  const { phase, done, total, metrics } = value;
  if (typeof phase !== 'string' || typeof done !== 'number' || typeof total !== 'number') return null;
  const numbers = isRecord(metrics)
    ? Object.entries(metrics).filter((entry): entry is [string, number | string] =>
        ['number', 'string'].includes(typeof entry[1]),
      )
    : [];
  return { phase, done, total, metrics: Object.fromEntries(numbers) };
}

export function isWatchHeartbeat(value: unknown): value is WatchHeartbeat {
  return isRecord(value) && typeof value.jobName === 'string' && typeof value.status === 'string';
}
