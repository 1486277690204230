import type { Estimate, Range } from './estimate-schema';
import { sum } from './estimate';
import { STAGE } from '../stages/stages';
import type { PresetName } from '../stages/presets';
import { STAGES, type Stage } from '../stages/stage';

/** What a job is doing, as far as the time that is left depends on it. */
export interface Progressing {
  readonly preset: PresetName;
  readonly estimate: Estimate;
  /** Stages whose results are there. */
  readonly done: readonly Stage[];
  /** The machine that works; null between two of them, and before the first. */
  readonly machine: {
    readonly stage: Stage;
    /** That it has worked so far. */
    readonly seconds: number;
    /** Whether it began in the middle, with a checkpoint. */
    readonly resumed: boolean;
    readonly phase: string | null;
    /** Of the phase, from 0 to 1; null = nobody knows. */
    readonly fraction: number | null;
  } | null;
}

/** The phase of a stage that is nearly all of it, so that its fraction tells the time that is left. */
const MAIN_PHASE: Partial<Readonly<Record<Stage, string>>> = { training: 'train' };
/** Below this nothing follows from a fraction. */
const LEAST_FRACTION = 0.05;
/** What comes after the main phase, and that Gaussians become more meanwhile. */
const FRACTION_DOUBT: Range = { low: 0.8, high: 1.5 };
/** A stage that is past its range may take so much of its time again. */
const OVERRUN = 0.25;

/**
 * Seconds until the result is published: the estimates of the stages that are open, less what the running one has
 * worked, narrowed by the fraction of its main phase. Never below 0.
 */
export function secondsLeft({ preset, estimate, done, machine }: Progressing): Range {
  const open = STAGES.filter((stage) => !done.includes(stage));
  // What is not a machine's work (starts, intake, publishing) is shared out evenly among the stages and the end.
  const share = (count: number): Range => ({
    low: ((estimate.seconds.low - estimate.machineSeconds.low) * count) / (STAGES.length + 1),
    high: ((estimate.seconds.high - estimate.machineSeconds.high) * count) / (STAGES.length + 1),
  });
  const stages = open.map((stage) => {
    const expected = estimate.stages.find((of) => of.stage === stage)?.seconds ?? { low: 0, high: 0 };
    return machine?.stage === stage && machine.seconds > 0 ? stageLeft(expected, machine, preset) : expected;
  });
  const starts = open.filter((stage) => machine?.stage !== stage || machine.seconds === 0).length;
  return sum([...stages, share(starts + 1)]);
}

function stageLeft(expected: Range, machine: NonNullable<Progressing['machine']>, preset: PresetName): Range {
  const { stage, seconds, resumed, phase, fraction } = machine;
  const byEstimate = {
    low: Math.max(0, expected.low - seconds),
    high: Math.max(expected.high - seconds, seconds * OVERRUN),
  };
  if (resumed || phase === null || phase !== MAIN_PHASE[stage] || fraction === null || fraction < LEAST_FRACTION)
    return byEstimate;
  const left = (share: number): number => (seconds * (1 - share)) / share;
  const byFraction = {
    low: FRACTION_DOUBT.low * left(fraction),
    high: FRACTION_DOUBT.high * left(Math.min(fraction, timeShare(fraction, preset))),
  };
  const both = {
    low: Math.max(byEstimate.low, byFraction.low),
    high: Math.min(byEstimate.high, byFraction.high),
  };
  // Where they contradict each other, what this machine does says more than what others did.
  return both.low <= both.high ? both : byFraction;
}

/** Share of the time of training that is over after a share of its iterations, if time grows with pixels. */
function timeShare(iterations: number, preset: PresetName): number {
  let begin = 0;
  let over = 0;
  let all = 0;
  for (const { scale, share } of STAGE.training.settings[preset].resolutionStages) {
    over += Math.min(share, Math.max(0, iterations - begin)) * scale * scale;
    all += share * scale * scale;
    begin += share;
  }
  return over / all;
}
