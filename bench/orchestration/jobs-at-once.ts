import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_POLICY } from '../../contracts/job/policy';
import { waitFor } from '../../test/helpers/wait-for';
import { cpuSeconds } from '../api/cpu-time';
import { atAPace } from './at-a-pace';
import type { BenchStack } from './bench-stack';
import { cancelToStopMs } from './cancels';
import { observeHeartbeats, type HeartbeatsSeen } from './heartbeats';
import type { Journey } from './journey';
import { peakMemory, type MemoryPeak } from './process-memory';

interface JobsAtOnce {
  readonly memory: MemoryPeak;
  readonly heartbeats: HeartbeatsSeen;
  /** Of the worker, for each hour that one job is watched. */
  readonly cpuSecondsAWatchedHour: number;
  /** From the signal to the Stop, while all the other jobs run. */
  readonly cancelToStopMs: readonly number[];
}

const PATIENCE_MS = 180_000;
/** Cancelled while all others run, to measure; the rest is cancelled to end them. */
const MEASURED_CANCELS = 10;

/** Has `jobs` jobs run at once for `holdSeconds`, and looks at the one worker that watches them all. */
export async function measureJobsAtOnce(
  bench: BenchStack,
  jobs: number,
  holdSeconds: number,
  journey: Journey,
  say: (line: string) => void,
): Promise<JobsAtOnce> {
  const jobIds: string[] = [];
  // Their start is part of the peak.
  const [memory, { heartbeats, cancelToStop, cpuSecondsAWatchedHour }] = await meanwhile(
    (signal) => peakMemory(bench.stack.pid('worker'), signal),
    async () => {
      await atAPace(Array.from({ length: jobs }), { atOnce: 4 }, async () => {
        const { jobId } = await bench.startJob({ sfm: 'until stopped', training: 0, compression: 0 });
        await waitFor(
          'its container to run',
          async () => (await bench.machine(jobId, 'sfm'))?.containerStartedAtMs,
          PATIENCE_MS,
        );
        if (jobIds.push(jobId) % 50 === 0) say(`${jobIds.length} jobs run`);
      });
      let cpuHeld = 0;
      const [seen, cancels] = await meanwhile(
        (signal) => observeHeartbeats(bench, jobIds, DEFAULT_POLICY.heartbeatTimeoutMs, signal),
        async () => {
          const cpuBefore = await cpuSeconds(bench.stack.pid('worker'));
          await delay(holdSeconds * 1000);
          cpuHeld = (await cpuSeconds(bench.stack.pid('worker'))) - cpuBefore;
          return atAPace(jobIds.slice(0, MEASURED_CANCELS), { atOnce: 2, everyMs: 1000 }, (jobId) =>
            cancelToStopMs(bench, jobId, 'sfm', journey),
          );
        },
      );
      const watchedHours = (jobs * holdSeconds) / 3600;
      return { heartbeats: seen, cancelToStop: cancels, cpuSecondsAWatchedHour: cpuHeld / watchedHours };
    },
  );
  say(`ending ${Math.max(0, jobs - MEASURED_CANCELS)} jobs`);
  await atAPace(jobIds.slice(MEASURED_CANCELS), { atOnce: 8 }, (jobId) => cancelToStopMs(bench, jobId, 'sfm'));
  return { memory, heartbeats, cpuSecondsAWatchedHour, cancelToStopMs: cancelToStop };
}

/** Has `look` look until `work` has ended. */
function meanwhile<L, W>(look: (signal: AbortSignal) => Promise<L>, work: () => Promise<W>): Promise<[L, W]> {
  const ended = new AbortController();
  return Promise.all([look(ended.signal), work().finally(() => ended.abort())]);
}
