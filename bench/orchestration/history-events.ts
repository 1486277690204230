import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../test/helpers/wait-for';
import type { BenchStack } from './bench-stack';

interface HistoryEvents {
  /** Of a job in which everything goes well. */
  readonly smooth: number;
  /** Of a job with one error of the platform and one memory failure. */
  readonly retried: number;
  /** Events that a running machine's watch added, and for how long it was looked at. */
  readonly whileWatched: number;
  readonly watchedSeconds: number;
}

const PATIENCE_MS = 300_000;
const WATCHED_SECONDS = 120;

/**
 * How long histories are. Watching adds no events, which is measured here; so a job of minutes has as many as one of
 * three hours with the same number of attempts.
 */
export async function measureHistoryEvents(bench: BenchStack): Promise<HistoryEvents> {
  const retriedJob = bench.newJobId();
  await bench.planFaults([
    { kind: 'internal-server-error', jobName: `${retriedJob.jobId}-sfm-a01` },
    { kind: 'out-of-memory', jobName: `${retriedJob.jobId}-training-a01` },
  ]);
  const [{ jobId: smoothId }] = await Promise.all([
    bench.startJob({ sfm: WATCHED_SECONDS + 40, training: 1, compression: 1 }),
    bench.startJob({ sfm: 1, training: 1, compression: 1 }, retriedJob),
  ]);
  const before = await waitFor(
    'the watch to continue',
    async () => {
      const { historyLength, raw } = await bench.workflow(smoothId).describe();
      return (
        raw.pendingActivities?.some(
          ({ activityType, lastHeartbeatTime }) => activityType?.name === 'watchJob' && lastHeartbeatTime,
        ) && historyLength
      );
    },
    PATIENCE_MS,
  );
  await delay(WATCHED_SECONDS * 1000);
  const after = (await bench.workflow(smoothId).describe()).historyLength;
  const [smooth, retried] = await Promise.all(
    [smoothId, retriedJob.jobId].map((jobId) => eventsAtTheEnd(bench, jobId)),
  );
  const attempts = await Promise.all(
    (['sfm', 'training'] as const).map((stage) => bench.machine(retriedJob.jobId, stage, 2)),
  );
  if (attempts.includes(null)) throw new Error('the planned failures have not led to second attempts');
  return { smooth: smooth!, retried: retried!, whileWatched: after - before, watchedSeconds: WATCHED_SECONDS };
}

async function eventsAtTheEnd(bench: BenchStack, jobId: string): Promise<number> {
  await bench.success(jobId);
  return (await bench.workflow(jobId).describe()).historyLength;
}
