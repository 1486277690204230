import type { SfmSettings, TrainingSettings } from '../generated/settings';
import type { StageSettings } from './settings';
import type { Stage } from './stage';

export const PRESETS = ['preview', 'standard', 'high', 'survey'] as const;
export type PresetName = (typeof PRESETS)[number];

/** Machine, disk and longest run of one stage. `maxRuntimeSeconds` goes into every Create. */
export interface StageMachine {
  readonly instanceType: string;
  readonly volumeGb: number;
  readonly maxRuntimeSeconds: number;
}

/** The machines that a stage may run on. */
export interface StageMachines extends StageMachine {
  /** Other instance types that do as well, in order, for when there is none of the first. */
  readonly fallbacks: readonly string[];
  /** The last rung of the memory ladder: an instance type with more memory. */
  readonly larger: string | null;
}

/** Quality against speed: settings and machines of the three stages, and how many photos are taken. */
export interface Preset {
  readonly title: string;
  readonly maxPhotos: number;
  readonly settings: StageSettings;
  readonly machines: Readonly<Record<Stage, StageMachines>>;
}

const HOUR = 3600;
/** Only GPUs have fallbacks: they are what AWS runs out of, and a g5 costs twice as much an hour, but takes less of them. */
const MACHINES: Preset['machines'] = {
  sfm: {
    instanceType: 'ml.c6i.2xlarge',
    volumeGb: 100,
    maxRuntimeSeconds: 2 * HOUR,
    fallbacks: [],
    larger: 'ml.c6i.4xlarge',
  },
  training: {
    instanceType: 'ml.g4dn.xlarge',
    volumeGb: 100,
    maxRuntimeSeconds: 2 * HOUR,
    fallbacks: ['ml.g5.xlarge'],
    larger: 'ml.g5.xlarge',
  },
  compression: {
    instanceType: 'ml.c6i.4xlarge',
    volumeGb: 50,
    maxRuntimeSeconds: HOUR,
    fallbacks: [],
    larger: 'ml.c6i.8xlarge',
  },
};

/**
 * Less than this many points: no GPU is rented. This share of the photos or less registered: the same; up to half of
 * them a person decides (contracts/stages/gates).
 */
const GATES = { minPoints: 1000, minRegisteredShare: 0.4 } as const;

/** COLMAP's defaults, but for what a preset changes. */
const COLMAP: SfmSettings = {
  maxImageSize: 3200,
  maxNumFeatures: 8192,
  firstOctave: -1,
  numOctaves: 4,
  octaveResolution: 3,
  defaultFocalLengthFactor: 1.2,
  guidedMatching: false,
  maxRatio: 0.8,
  maxDistance: 0.7,
  crossCheck: true,
  maxNumMatches: 32768,
  trainingImageSize: 1600,
  ...GATES,
  seed: 0,
};

const TRAINING: TrainingSettings = {
  maxIterations: 10_000,
  maxSeconds: 0,
  maxGaussians: 1_000_000,
  shDegree: 3,
  dssimWeight: 0.2,
  imageSize: 1600,
  resolutionStages: [
    { scale: 0.25, share: 0.2 },
    { scale: 0.5, share: 0.25 },
    { scale: 1, share: 0.55 },
  ],
  plateauPatience: 4,
  plateauMinDeltaDb: 0.05,
  evaluationEvery: 8,
  minPoints: GATES.minPoints,
  checkpointSeconds: 120,
  seed: 0,
  rasterizer: 'auto',
};

export const PRESET: Readonly<Record<PresetName, Preset>> = {
  preview: {
    title: 'Preview: minutes on a laptop without a GPU',
    maxPhotos: 300,
    settings: {
      sfm: { ...COLMAP, maxImageSize: 1600, maxNumFeatures: 4096, firstOctave: 0, trainingImageSize: 800 },
      // At 400 pixels most structure is smaller than a pixel: a strong SSIM term fits noise (docs/decisions.md).
      training: {
        ...TRAINING,
        maxIterations: 1000,
        maxGaussians: 10_000,
        shDegree: 1,
        dssimWeight: 0.05,
        imageSize: 400,
        checkpointSeconds: 60,
      },
      compression: { shBands: 1, minRatio: 4, seed: 0 },
    },
    machines: MACHINES,
  },
  standard: {
    title: 'Standard: under 2 USD and 3 hours',
    maxPhotos: 1000,
    settings: {
      sfm: { ...COLMAP, firstOctave: 0 },
      training: TRAINING,
      compression: { shBands: 3, minRatio: 4, seed: 0 },
    },
    machines: MACHINES,
  },
  high: {
    title: 'High: more Gaussians and iterations, longer training',
    maxPhotos: 1000,
    settings: {
      sfm: { ...COLMAP, maxImageSize: 4096, maxNumFeatures: 12_288, firstOctave: 0 },
      training: { ...TRAINING, maxIterations: 30_000, maxGaussians: 2_000_000 },
      compression: { shBands: 3, minRatio: 4, seed: 0 },
    },
    machines: { ...MACHINES, training: { ...MACHINES.training, maxRuntimeSeconds: 6 * HOUR } },
  },
  survey: {
    title: 'Survey: the survey parameters of COLMAP, unchanged',
    maxPhotos: 1000,
    settings: {
      sfm: { ...COLMAP, maxImageSize: 4096, maxNumFeatures: 16_384, guidedMatching: true },
      training: TRAINING,
      compression: { shBands: 3, minRatio: 4, seed: 0 },
    },
    machines: { ...MACHINES, sfm: { ...MACHINES.sfm, maxRuntimeSeconds: 4 * HOUR } },
  },
};

export const DEFAULT_PRESET: PresetName = 'standard';
