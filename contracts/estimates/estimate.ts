import { MODEL, type ModelMachine } from './model';
import type { Calibration, CountRange, Estimate, Range, StageCalibration, StageEstimate } from './estimate-schema';
import { costUsd } from '../machines/prices';
import { stageSettings, type JobOptions } from '../stages/options';
import type { PresetName } from '../stages/presets';
import { byStage, STAGES, type Stage } from '../stages/stage';
import { STAGE } from '../stages/stages';

/** Types alone: workflows, which must not load zod, use these. */
export type * from './estimate-schema';

/** What an estimate is asked for. */
export interface EstimatedJob {
  readonly photos: CountRange;
  /** Millions of pixels of a photo; null = nobody knows. */
  readonly megapixels: number | null;
  readonly preset: PresetName;
  readonly options: JobOptions;
}

/** A completed attempt of the ledger that did the same: whole scene, no smaller settings, from the beginning. */
export interface ComparableAttempt {
  readonly photos: number;
  readonly options: JobOptions;
  readonly billedSeconds: number;
}

/** Fewest comparable attempts of a stage, preset and machine type that are believed more than the model. */
export const MIN_ATTEMPTS = 10;
/** Quantiles of a ledger's attempts that make the range: one of ten is shorter, one longer. */
const QUANTILES: Range = { low: 0.1, high: 0.9 };

/** The deployment without a ledger. */
export const uncalibrated = (localCores: number | null): Calibration => ({
  stages: byStage(() => null),
  localCores,
});

/** Compares completed attempts of a stage with the model; null where there are too few. */
export function calibrated(
  stage: Stage,
  preset: PresetName,
  attempts: readonly ComparableAttempt[],
  localCores: number | null,
): StageCalibration | null {
  if (attempts.length < MIN_ATTEMPTS) return null;
  const machine = machineOf(stage, preset, localCores);
  const ratios = attempts
    .map(({ photos, options, billedSeconds }) => {
      const work = {
        photos: { low: photos, high: photos },
        megapixels: null,
        settings: stageSettings(preset, options),
      };
      return billedSeconds / middle(MODEL[stage](work, machine));
    })
    .sort((a, b) => a - b);
  return { low: quantile(ratios, QUANTILES.low), high: quantile(ratios, QUANTILES.high), attempts: attempts.length };
}

/** Time and cost of a job, if nothing has to be done twice. */
export function estimate(job: EstimatedJob, calibration: Calibration): Estimate {
  const stages = STAGES.map((stage) => stageEstimate(stage, job, calibration));
  const machineSeconds = sum(stages.map(({ seconds }) => seconds));
  return {
    photos: job.photos,
    preset: job.preset,
    seconds: sum([machineSeconds, ...STAGES.map(() => machineStart(calibration)), aroundStages(job.photos)]),
    machineSeconds,
    usd: sum(stages.map(({ usd }) => usd)),
    stages,
    basis: stages.every(({ basis }) => basis === 'ledger') ? 'ledger' : 'model',
  };
}

function stageEstimate(
  stage: Stage,
  { photos, megapixels, preset, options }: EstimatedJob,
  { stages, localCores }: Calibration,
): StageEstimate {
  const machine = machineOf(stage, preset, localCores);
  const settings = stageSettings(preset, options);
  const ratio = stages[stage];
  // A ledger does not know how large its photos were: beside it the model is asked without.
  const middleAt = (count: number): number =>
    middle(MODEL[stage]({ photos: { low: count, high: count }, megapixels: null, settings }, machine));
  const expected =
    ratio === null
      ? MODEL[stage]({ photos, megapixels, settings }, machine)
      : { low: ratio.low * middleAt(photos.low), high: ratio.high * middleAt(photos.high) };
  // An attempt that takes longer is stopped.
  const { maxRuntimeSeconds } = STAGE[stage].machines[preset];
  const seconds = {
    low: Math.min(maxRuntimeSeconds, expected.low),
    high: Math.min(maxRuntimeSeconds, expected.high),
  };
  const { instanceType } = machine;
  return {
    stage,
    instanceType,
    seconds,
    usd: { low: costUsd(instanceType, seconds.low), high: costUsd(instanceType, seconds.high) },
    exceedsLimit: expected.high > maxRuntimeSeconds,
    basis: ratio === null ? 'model' : 'ledger',
    attempts: ratio?.attempts ?? 0,
  };
}

/**
 * From Create to the first second that is billed, and from the last one to the next stage: a container starts within
 * five minutes (the product's target; image and photos are loaded), on one's own machine at once.
 */
export const machineStart = ({ localCores }: Pick<Calibration, 'localCores'>): Range =>
  localCores === null ? { low: 60, high: 300 } : { low: 1, high: 5 };

/** Intake reads the header of each photo, a few at a time; publishing copies what there is. */
export const aroundStages = ({ low, high }: CountRange): Range => ({ low: 2 + 0.005 * low, high: 20 + 0.1 * high });

const machineOf = (stage: Stage, preset: PresetName, localCores: number | null): ModelMachine => ({
  instanceType: STAGE[stage].machines[preset].instanceType,
  localCores,
});

export const sum = (ranges: readonly Range[]): Range =>
  ranges.reduce((all, { low, high }) => ({ low: all.low + low, high: all.high + high }), { low: 0, high: 0 });

/** The geometric mean: a range that is three times too long and one that is three times too short are as wrong. */
const middle = ({ low, high }: Range): number => Math.sqrt(low * high);

/** Of sorted values, with linear interpolation between two of them (the usual "type 7"). */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}
