import type { CountRange, Range } from './estimate-schema';
import type { StageSettings } from '../generated/settings';
import type { Stage } from '../stages/stage';

/** The work of a stage, as far as its time depends on it. */
export interface StageWork {
  readonly photos: CountRange;
  /** Millions of pixels of a photo; null = nobody knows. */
  readonly megapixels: number | null;
  /** Of all stages: what one costs depends on what the others make. */
  readonly settings: StageSettings;
}

/** What a stage runs on. */
export interface ModelMachine {
  readonly instanceType: string;
  /** Cores of the one machine that runs all stages; null where they are rented at AWS. */
  readonly localCores: number | null;
}

/**
 * Seconds of a stage by its settings and photos, where there is no ledger to compare with. It is the shape that matters
 * more than the height: a ledger's seconds are compared with these, and the ratio carries over to other counts of
 * photos and other options (`estimate.ts`). Where each number comes from stands beside it.
 */
export const MODEL: Readonly<Record<Stage, (work: StageWork, machine: ModelMachine) => Range>> = {
  sfm: sfmSeconds,
  training: trainingSeconds,
  compression: compressionSeconds,
};

/** vCPUs (AWS, "Amazon SageMaker pricing"); two of them are one core. */
const VCPUS: Readonly<Record<string, number>> = {
  'ml.c6i.2xlarge': 8,
  'ml.c6i.4xlarge': 16,
  'ml.c6i.8xlarge': 32,
  'ml.g4dn.xlarge': 4,
  'ml.g5.xlarge': 4,
};
const OTHER_VCPUS = 4;

/** Share of its cores that a program with parallel and serial phases keeps busy, at worst and at best. */
const BUSY: Range = { low: 0.45, high: 0.9 };
/** A program, its libraries and its inputs are loaded: imports are 1.3 s of brighton's 19 (docs/registration.md). */
const START_SECONDS: Range = { low: 2, high: 10 };

/** Clock seconds of so many seconds of one core. */
function onCores({ low, high }: Range, { instanceType, localCores }: ModelMachine): Range {
  const cores = localCores ?? (VCPUS[instanceType] ?? OTHER_VCPUS) / 2;
  const share = (busy: number): number => Math.max(1, cores * busy);
  return { low: START_SECONDS.low + low / share(BUSY.high), high: START_SECONDS.high + high / share(BUSY.low) };
}

/**
 * CPU seconds a photo with 4096 features from 1600 pixels: 1.06 of brighton, 2.2 of banana, 3.4 of seneca-48, whose
 * photos fit together less and less well (docs/registration.md, "Speed").
 */
const SFM_SECONDS_A_PHOTO: Range = { low: 1, high: 3.5 };
const SFM_FEATURES = 4096;
/** From there to the survey preset's 5.9 s a photo with four times the features (the same page). */
const SFM_GROWTH = 1.25;
/** Decoding of a JPEG by libjpeg, CPU seconds for a million pixels: 0.12 s for 12 (measured). */
const DECODE_SECONDS_A_MEGAPIXEL = 0.01;
/** Of drones and phones of today. */
const USUAL_MEGAPIXELS: Range = { low: 12, high: 48 };

function sfmSeconds({ photos, megapixels, settings: { sfm } }: StageWork, machine: ModelMachine): Range {
  const growth = (sfm.maxNumFeatures / SFM_FEATURES) ** SFM_GROWTH;
  const each = (seconds: number, pixels: number): number => seconds * growth + pixels * DECODE_SECONDS_A_MEGAPIXEL;
  return onCores(
    {
      low: photos.low * each(SFM_SECONDS_A_PHOTO.low, megapixels ?? USUAL_MEGAPIXELS.low),
      high: photos.high * each(SFM_SECONDS_A_PHOTO.high, megapixels ?? USUAL_MEGAPIXELS.high),
    },
    machine,
  );
}

/**
 * GPU seconds of an iteration at 1.9 million pixels (1600 x 1200) and a million Gaussians. An A10G (g5) took 61 ms at
 * 1.55 million and full resolution (a public measurement, 286 photos); less resolution and fewer Gaussians come first.
 */
const A10G_SECONDS: Range = { low: 0.012, high: 0.05 };
/** A T4 (g4dn) has half the bandwidth and a quarter of the arithmetic of an A10G. */
const T4_FACTOR: Range = { low: 2, high: 3 };
/** What an iteration takes on a GPU however small it is: kernels are started one after the other. */
const GPU_LEAST_SECONDS = 0.004;
/**
 * CPU seconds of an iteration at 400x300 with 10 000 Gaussians: 0.012 to 0.019 with AVX-512 on two cores that others were
 * busy on, by steps of the presets preview, laptop and standard (docs/benchmarks.md, "Presets in CPU seconds"). AVX2 takes
 * a quarter more, any x86-64 twice as much, and older processors more again.
 */
const CPU_SECONDS: Range = { low: 0.01, high: 0.04 };
const CPU_REFERENCE = { megapixels: 0.12, gaussians: 10_000 };
const GPU_REFERENCE = { megapixels: 1.92, gaussians: 1_000_000 };
/**
 * Time grows with pixels, and slower with Gaussians for a pixel: 90 663 at 800 pixels, three times as many for a pixel as
 * the reference, cost 1.5 times as much for one (docs/benchmarks.md).
 */
const GAUSSIANS_GROWTH = 0.4;
/** Of the iterations that are allowed, a plateau may end training after this share. */
const PLATEAU_SHARE = 0.6;
/** A photo of training is loaded once, and looked at once for each evaluation of every eighth. */
const LOAD_SECONDS_A_PHOTO: Range = { low: 0.02, high: 0.15 };

/** Photos that are learned from: every eighth is only measured with. */
const TRAINING_SHARE = 7 / 8;
/** Fewest Gaussians and iterations that photos are worth (containers/gaussian-splatting, budget.py). */
const LEAST = { gaussians: 2000, iterations: 300 };
/** Part of the pixels that show again what another photo shows: 0.57 of seneca-48, 0.67 of brighton, 0.85 of banana. */
const REPEATED_SHARE: Range = { low: 0.5, high: 0.9 };

/** Iterations, and most Gaussians, that so many photos are worth. */
function trainingBudget(photos: number, share: number, settings: StageSettings['training']): Budget {
  const { maxIterations, iterationsPerPhoto, maxGaussians, pixelsPerGaussian, imageSize } = settings;
  const repeated = photos * TRAINING_SHARE * imageSize * imageSize * 0.75 * share;
  const iterations = Math.max(LEAST.iterations, photos * TRAINING_SHARE * iterationsPerPhoto);
  return {
    iterations: iterationsPerPhoto === 0 ? maxIterations : Math.min(maxIterations, iterations),
    gaussians:
      pixelsPerGaussian === 0
        ? maxGaussians
        : Math.min(maxGaussians, Math.max(LEAST.gaussians, repeated / pixelsPerGaussian)),
  };
}

interface Budget {
  readonly iterations: number;
  readonly gaussians: number;
}

function trainingSeconds({ photos, settings: { training } }: StageWork, machine: ModelMachine): Range {
  const { imageSize, resolutionStages, maxSeconds } = training;
  const budget = {
    low: trainingBudget(photos.low, REPEATED_SHARE.low, training),
    high: trainingBudget(photos.high, REPEATED_SHARE.high, training),
  };
  const megapixels = (imageSize * imageSize * 0.75) / 1e6;
  // Progressive resolution: the average of an iteration's pixels over the whole run.
  const pixelShare = resolutionStages.reduce((sum, { scale, share }) => sum + share * scale * scale, 0);
  const size =
    (most: Budget) =>
    (reference: typeof GPU_REFERENCE): number =>
      ((megapixels * pixelShare) / reference.megapixels) *
      (most.gaussians / megapixels / (reference.gaussians / reference.megapixels)) ** GAUSSIANS_GROWTH;
  const iteration = {
    low: iterationSeconds(size(budget.low), machine).low,
    high: iterationSeconds(size(budget.high), machine).high,
  };
  const total = {
    low: PLATEAU_SHARE * budget.low.iterations * iteration.low + photos.low * LOAD_SECONDS_A_PHOTO.low,
    high: budget.high.iterations * iteration.high + photos.high * LOAD_SECONDS_A_PHOTO.high,
  };
  const most = maxSeconds > 0 ? maxSeconds : Infinity;
  return {
    low: START_SECONDS.low + Math.min(most, total.low),
    high: START_SECONDS.high + Math.min(most, total.high),
  };
}

function iterationSeconds(size: (reference: typeof GPU_REFERENCE) => number, machine: ModelMachine): Range {
  const { instanceType, localCores } = machine;
  if (localCores !== null) {
    const work = size(CPU_REFERENCE);
    const share = (busy: number): number => Math.max(1, localCores * busy);
    return { low: (CPU_SECONDS.low * work) / share(BUSY.high), high: (CPU_SECONDS.high * work) / share(BUSY.low) };
  }
  const factor = instanceType.startsWith('ml.g4dn') ? T4_FACTOR : { low: 1, high: 1 };
  const work = size(GPU_REFERENCE);
  return {
    low: factor.low * Math.max(GPU_LEAST_SECONDS, A10G_SECONDS.low * work),
    high: factor.high * Math.max(GPU_LEAST_SECONDS, A10G_SECONDS.high * work),
  };
}

/** CPU seconds for a million Gaussians without harmonics: four million took 150 s on two cores (docs/checks.md). */
const ENCODE_SECONDS_A_MILLION = 75;
/** Each band adds its coefficients to what the palette is made of: 9, 24 and 45 numbers a Gaussian. */
const BAND_FACTOR: readonly Range[] = [
  { low: 1, high: 1.5 },
  { low: 1.2, high: 3 },
  { low: 1.5, high: 5 },
  { low: 2, high: 8 },
];
/** Reading back and drawing the scene to check it: 25 s and 15 s for four million (the same page). */
const CHECK_SECONDS: Range = { low: 3, high: 40 };
/** Training seldom makes as many Gaussians as it may. */
const GAUSSIANS_SHARE = 0.3;

function compressionSeconds({ photos, settings: { training, compression } }: StageWork, machine: ModelMachine): Range {
  const factor = BAND_FACTOR[compression.shBands] ?? { low: 1, high: 8 };
  const gaussians = {
    low: GAUSSIANS_SHARE * trainingBudget(photos.low, REPEATED_SHARE.low, training).gaussians,
    high: trainingBudget(photos.high, REPEATED_SHARE.high, training).gaussians,
  };
  const encoding = onCores(
    {
      low: (gaussians.low / 1e6) * ENCODE_SECONDS_A_MILLION * factor.low,
      high: (gaussians.high / 1e6) * ENCODE_SECONDS_A_MILLION * factor.high,
    },
    machine,
  );
  return { low: encoding.low + CHECK_SECONDS.low, high: encoding.high + CHECK_SECONDS.high };
}
