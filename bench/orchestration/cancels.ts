import { setTimeout as delay } from 'node:timers/promises';
import { SIGNAL } from '../../contracts/messages/signals';
import { STAGES, type Stage } from '../../contracts/stages/stage';
import { waitFor } from '../../test/helpers/wait-for';
import { atAPace } from './at-a-pace';
import type { BenchStack, Machine, StageWork } from './bench-stack';
import type { Journey } from './journey';

const PATIENCE_MS = 180_000;
/** When the signal is sent: as soon as the Create has come, once the container runs, and well into the watch. */
const MOMENTS = [
  { isHere: (_machine: Machine): boolean => true, laterMs: 0 },
  { isHere: ({ containerStartedAtMs }: Machine): boolean => containerStartedAtMs !== undefined, laterMs: 0 },
  { isHere: ({ containerStartedAtMs }: Machine): boolean => containerStartedAtMs !== undefined, laterMs: 1300 },
];

/** Cancels jobs in every stage and at different moments. Returns the milliseconds from each signal to its Stop call. */
export function measureCancels(bench: BenchStack, cancels: number, journey: Journey): Promise<number[]> {
  return atAPace(Array.from({ length: cancels }), { atOnce: 4, everyMs: 2000 }, async (_item, index) => {
    const stage = STAGES[index % STAGES.length]!;
    const { isHere, laterMs } = MOMENTS[Math.floor(index / STAGES.length) % MOMENTS.length]!;
    const { jobId } = await bench.startJob(untilStoppedIn(stage));
    await waitFor(
      `the machine of ${stage}`,
      async () => {
        const machine = await bench.machine(jobId, stage);
        return machine !== null && isHere(machine);
      },
      PATIENCE_MS,
    );
    await delay(laterMs);
    return cancelToStopMs(bench, jobId, stage, journey);
  });
}

/**
 * Cancels a job, waits for its end, and returns the milliseconds from the signal to the Stop call of its machine.
 * `journey` learns the way.
 */
export async function cancelToStopMs(
  bench: BenchStack,
  jobId: string,
  stage: Stage,
  journey?: Journey,
): Promise<number> {
  const workflow = bench.workflow(jobId);
  const sentAtMs = Date.now();
  await workflow.signal(SIGNAL.cancel, { reason: 'bench' });
  await workflow.result().catch(() => undefined);
  const { status } = await workflow.describe();
  const machine = await bench.machine(jobId, stage);
  if (status.name !== 'CANCELLED' || machine?.status !== 'Stopped' || machine.stopRequestedAtMs === undefined)
    throw new Error(`${jobId} was cancelled in ${stage}, and is ${status.name}; its machine is ${machine?.status}`);
  journey?.add('cancel to Stop', await workflow.fetchHistory(), sentAtMs, machine.stopRequestedAtMs);
  return machine.stopRequestedAtMs - sentAtMs;
}

const untilStoppedIn = (stage: Stage): StageWork => ({
  sfm: 0.2,
  training: 0.2,
  compression: 0.2,
  [stage]: 'until stopped',
});
