import type { Logger } from '../../platform/logger';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { JobLookup } from '../jobs/lookup';
import type { Streaming } from '../events/streaming';
import { chosenAttempt, type LogQuery } from './attempts';
import type { LogCursor } from './log-cursor';
import { LogListener } from './log-listener';
import type { LogStore } from './log-store';
import { LogTail } from './log-tail';

/**
 * Listens to the log of an attempt, from its newest lines on, or behind those that the listener has; null where it has
 * all of a log that is over. Throws LOG_NOT_FOUND, what JobLookup throws, and OVERLOADED.
 */
export type ListenToLog = (
  caller: Caller,
  jobId: string,
  query: LogQuery,
  after: LogCursor | null,
) => Promise<LogListener | null>;

interface LogStreamsDeps {
  readonly lookup: Pick<JobLookup, 'record'>;
  readonly store: LogStore;
  readonly logger: Logger;
  readonly now: () => number;
  readonly streaming: Pick<Streaming, 'lookEveryMs'>;
}

/** Logs that are read on at once: each holds a megabyte. */
const MAX_TAILS = 60;
/** CloudWatch takes some ten readings a second from an account, of which the workers need one now and then. */
const READINGS_APART_MS = 125;

/** One reader for each log that somebody listens to, however many do. */
export function createLogStreams({ lookup, store, logger, streaming, now }: LogStreamsDeps): ListenToLog {
  const tails = new Map<string, LogTail>();
  const pauseMs = (): number => Math.max(streaming.lookEveryMs, tails.size * READINGS_APART_MS);

  return async (caller, jobId, query, after) => {
    const chosen = chosenAttempt(await lookup.record(caller, jobId), query);
    const { stage, part, attempt, jobName } = chosen;
    const attemptNow = async (): Promise<typeof chosen | null> => {
      try {
        return chosenAttempt(await lookup.record(caller, jobId), { stage, attempt, ...(part !== null && { part }) });
      } catch (error) {
        if (error instanceof Problem && error.code !== 'UNAVAILABLE') return null;
        throw error;
      }
    };
    let tail = tails.get(jobName);
    if (tail === undefined) {
      if (tails.size >= MAX_TAILS)
        throw new Problem('OVERLOADED', `${MAX_TAILS} logs are being followed; read this one with "after" meanwhile`);
      tail = new LogTail(jobId, chosen, { store, logger, attemptNow, now, pauseMs });
      tails.set(jobName, tail);
    }
    const joined = tail;
    const listener = new LogListener(joined, after, () => {
      if (joined.listenerCount === 0 && tails.get(jobName) === joined) tails.delete(jobName);
    });
    if (after === null) return listener;
    // Only a listener that comes again may have all.
    await listener.firstReading();
    if (!listener.hasAll) return listener;
    listener.close();
    return null;
  };
}
