/**
 * `npm run bench:orchestration`: how quickly the product reacts, and what 300 jobs at once cost its worker. Runs the
 * local product with containers that only wait. One line of JSON on stdout, everything else on stderr.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { DEFAULT_POLICY, type Policy } from '../../contracts/job/policy';
import { BenchStack } from './bench-stack';
import { measureCancels } from './cancels';
import { measureHistoryEvents } from './history-events';
import { measureJobsAtOnce } from './jobs-at-once';
import { Journey } from './journey';
import { spread } from './percentiles';
import { measureStartsAndGaps } from './starts-and-gaps';

const USAGE = `npm run bench:orchestration -- [OPTION...]
  --jobs N           taken through all stages one after the other, for start and stage gap (50)
  --cancels N        cancelled in every stage (30)
  --at-once N        running at once in one worker, with the product's own polling and heartbeats (300; 45 MB of memory each)
  --hold-seconds N   how long they run (180)`;

const POLL_INTERVAL_MS = 500;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '50' },
      cancels: { type: 'string', default: '30' },
      'at-once': { type: 'string', default: '300' },
      'hold-seconds': { type: 'string', default: '180' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const quick = await withStack({ pollIntervalMs: POLL_INTERVAL_MS }, async (bench) => {
    const journey = new Journey();
    say(`${values.jobs} jobs, one every few seconds`);
    const { startToCreateMs, stageGapMs } = await measureStartsAndGaps(bench, Number(values.jobs), journey);
    say(`${values.cancels} cancels`);
    const cancelToStopMs = await measureCancels(bench, Number(values.cancels), journey);
    tell(journey);
    return {
      startToCreate: spread(startToCreateMs),
      stageGap: spread(stageGapMs),
      cancelToStop: spread(cancelToStopMs),
    };
  });
  const { pollIntervalMs, heartbeatTimeoutMs } = DEFAULT_POLICY;
  const jobsAtOnce = Number(values['at-once']);
  const many = await withStack({ pollIntervalMs, heartbeatTimeoutMs }, async (bench) => {
    say('histories of one smooth and one retried job');
    const events = await measureHistoryEvents(bench);
    say(`${jobsAtOnce} jobs at once`);
    const journey = new Journey();
    const atOnce = await measureJobsAtOnce(bench, jobsAtOnce, Number(values['hold-seconds']), journey, say);
    tell(journey);
    return { events, ...atOnce };
  });
  const cancelUnderLoad = spread(many.cancelToStopMs);
  process.stdout.write(
    `${JSON.stringify({
      stageGapP99Ms: quick.stageGap.p99 - POLL_INTERVAL_MS,
      stageGapWithPollP99Ms: quick.stageGap.p99,
      stageGapWithPollP50Ms: quick.stageGap.p50,
      pollIntervalMs: POLL_INTERVAL_MS,
      stageGaps: quick.stageGap.count,
      cancelToStopP99Ms: quick.cancelToStop.p99,
      cancelToStopP50Ms: quick.cancelToStop.p50,
      cancels: quick.cancelToStop.count,
      startToCreateP99Ms: quick.startToCreate.p99,
      startToCreateP50Ms: quick.startToCreate.p50,
      starts: quick.startToCreate.count,
      jobsAtOnce,
      workerRssMb: many.memory.rssMb,
      workerPssMb: many.memory.pssMb,
      workerCpuSecondsAWatchedHour: Number(many.cpuSecondsAWatchedHour.toFixed(1)),
      cancelUnderLoadP99Ms: cancelUnderLoad.p99,
      lateHeartbeats: many.heartbeats.late,
      heartbeatsSeen: many.heartbeats.seen,
      longestSilenceMs: many.heartbeats.longestSilenceMs,
      heartbeatTimeoutMs,
      historyEvents: many.events.retried,
      historyEventsSmooth: many.events.smooth,
      historyEventsWhileWatched: many.events.whileWatched,
      watchedSeconds: many.events.watchedSeconds,
      node: process.version,
      cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    })}\n`,
  );
}

/** Aborts at Ctrl-C: the stack is then stopped as after a measurement. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));

async function withStack<T>(policy: Partial<Policy>, measure: (bench: BenchStack) => Promise<T>): Promise<T> {
  const { signal } = interruption;
  const bench = await BenchStack.start(policy, signal);
  const broken = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    void bench.stack.died.then(({ name, how, logFile }) => reject(new Error(`${name} ${how}; see ${logFile}`)));
  });
  try {
    return await Promise.race([measure(bench), broken]);
  } finally {
    await bench.stop();
  }
}

const tell = (journey: Journey): void =>
  say(['milliseconds since the step before (median, 99 %):', ...journey.lines].join('\n'));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  // Work that was under way when the bench was interrupted would continue without a stack.
  process.exit(1);
});
