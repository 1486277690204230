import type { WorkflowExecutionDescription } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { atAPace } from './at-a-pace';
import type { BenchStack } from './bench-stack';

/** What an observer outside saw of the watches' heartbeats. */
export interface HeartbeatsSeen {
  /** Watches that Temporal gave up on, and silences longer than the heartbeat timeout. */
  readonly late: number;
  readonly longestSilenceMs: number;
  readonly seen: number;
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

const SWEEP_EVERY_MS = 10_000;

/** Asks Temporal again and again for the last heartbeat of each job's watch, until `signal` aborts. */
export async function observeHeartbeats(
  bench: BenchStack,
  jobIds: readonly string[],
  heartbeatTimeoutMs: number,
  signal: AbortSignal,
): Promise<HeartbeatsSeen> {
  const lastMs = new Map<string, number>();
  const lostAttempts = new Map<string, number>();
  let [late, longestSilenceMs, seen] = [0, 0, 0];
  while (!signal.aborted) {
    const sweptMs = Date.now();
    await atAPace(jobIds, { atOnce: 4 }, async (jobId) => {
      if (signal.aborted) return;
      const { raw } = await bench.workflow(jobId).describe();
      const watch = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watchJob');
      if (watch === undefined) return;
      lostAttempts.set(jobId, Math.max(0, (watch.attempt ?? 1) - 1));
      const heardMs = heartbeatMs(watch);
      const before = lastMs.get(jobId) ?? heardMs;
      if (heardMs !== before) seen += 1;
      const silenceMs = Math.max(heardMs - before, Date.now() - heardMs);
      if (silenceMs > heartbeatTimeoutMs) late += 1;
      longestSilenceMs = Math.max(longestSilenceMs, silenceMs);
      lastMs.set(jobId, heardMs);
    });
    await delay(Math.max(0, sweptMs + SWEEP_EVERY_MS - Date.now()), undefined, { signal }).catch(() => undefined);
  }
  const lost = [...lostAttempts.values()].reduce((sum, attempts) => sum + attempts, 0);
  return { late: late + lost, longestSilenceMs: Math.round(longestSilenceMs), seen };
}

/** Of the last heartbeat; before the first one, of the watch's start. */
function heartbeatMs({ lastHeartbeatTime, lastStartedTime }: PendingActivity): number {
  const time = lastHeartbeatTime ?? lastStartedTime;
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
