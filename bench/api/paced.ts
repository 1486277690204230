import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../orchestration/percentiles';

/** How requests that came at even intervals were answered. */
export interface Paced {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the requests after the first `warmUp` ones. */
  readonly warmP99Ms: number;
  /** Answers with a status of 200 to 299. */
  readonly answered: number;
  /** Other answers, and requests without one. */
  readonly errors: number;
}

/**
 * Sends `count` requests, `perSecond` of them at even intervals, whether or not earlier ones have been answered (an open
 * loop, as many callers together are). Times are from when a request was due to the last byte of its answer, so that
 * a server or a client that stands still is not taken for quick.
 * @param send the index-th request
 * @param warmUp requests that find nothing kept or compiled yet
 */
export async function paced(
  perSecond: number,
  count: number,
  send: (index: number) => Promise<Response>,
  warmUp = 0,
): Promise<Paced> {
  const times: number[] = [];
  const warmTimes: number[] = [];
  let errors = 0;
  const startMs = performance.now();
  const answer = async (index: number, dueMs: number): Promise<void> => {
    try {
      const response = await send(index);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`status ${String(response.status)}`);
      const tookMs = performance.now() - dueMs;
      times.push(tookMs);
      if (index >= warmUp) warmTimes.push(tookMs);
    } catch {
      errors += 1;
    }
  };
  const answers: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const dueMs = startMs + (index * 1000) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    answers.push(answer(index, dueMs));
  }
  await Promise.all(answers);
  return {
    p50Ms: Math.round(percentile(times, 0.5)),
    p99Ms: Math.round(percentile(times, 0.99)),
    warmP99Ms: Math.round(percentile(warmTimes, 0.99)),
    answered: times.length,
    errors,
  };
}
