import { STAGES } from '../../contracts/stages/stage';
import { atAPace } from './at-a-pace';
import type { BenchStack, Machine } from './bench-stack';
import type { Journey } from './journey';

interface StartsAndGaps {
  /** From the POST to the first Create. */
  readonly startToCreateMs: readonly number[];
  /** From a machine's end to the next stage's Create; the wait for the next poll is part of it. */
  readonly stageGapMs: readonly number[];
}

const STAGE_SECONDS = { sfm: 1, training: 1, compression: 1 };
/**
 * Machines of the local endpoint cost processor time at their start, which at AWS is not ours: so few jobs at a time.
 */
const EVERY_MS = 4000;

/** Takes jobs from their POST to the published scene, and notes into `journey` where the time goes. */
export async function measureStartsAndGaps(bench: BenchStack, jobs: number, journey: Journey): Promise<StartsAndGaps> {
  const startToCreateMs: number[] = [];
  const stageGapMs: number[] = [];
  await atAPace(Array.from({ length: jobs }), { atOnce: jobs, everyMs: EVERY_MS }, async () => {
    const { jobId, postedAtMs } = await bench.startJob(STAGE_SECONDS);
    await bench.success(jobId);
    const machines = (await Promise.all(STAGES.map((stage) => bench.machine(jobId, stage)))) as Machine[];
    const history = await bench.workflow(jobId).fetchHistory();
    for (const [index, { createdAtMs }] of machines.entries()) {
      const fromMs = index === 0 ? postedAtMs : machines[index - 1]!.endedAtMs!;
      (index === 0 ? startToCreateMs : stageGapMs).push(createdAtMs - fromMs);
      journey.add(index === 0 ? 'POST to Create' : 'end of a stage to the next Create', history, fromMs, createdAtMs);
    }
  });
  return { startToCreateMs, stageGapMs };
}
