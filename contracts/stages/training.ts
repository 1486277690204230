import { REQUIRED_METRICS } from '../generated/reports';
import { sentence } from '../job/failures';
import type { StageMachines } from '../machines/choice';
import { MIN_GAUSSIANS, type TrainingSettings } from '../generated/settings';
import { ACCEPTED, HOUR_SECONDS, rejected, smaller, type StageDefinition } from './definition';

/** GPUs are what AWS runs out of: a g5 costs twice as much an hour, but needs fewer of them. */
const MACHINES: StageMachines = {
  instanceType: 'ml.g4dn.xlarge',
  volumeGb: 100,
  maxRuntimeSeconds: 2 * HOUR_SECONDS,
  fallbacks: ['ml.g5.xlarge'],
  larger: 'ml.g5.xlarge',
};

const SETTINGS: TrainingSettings = {
  maxIterations: 10_000,
  iterationsPerPhoto: 130,
  maxSeconds: 0,
  maxGaussians: 1_000_000,
  pixelsPerGaussian: 90,
  shDegree: 3,
  dssimWeight: 0.2,
  imageSize: 1600,
  refitShare: 0.12,
  resolutionStages: [
    { scale: 0.25, share: 0.2 },
    { scale: 0.5, share: 0.25 },
    { scale: 1, share: 0.55 },
  ],
  plateauPatience: 4,
  plateauMinDeltaDb: 0.05,
  evaluationEvery: 8,
  minPoints: 1000,
  checkpointSeconds: 120,
  seed: 0,
  rasterizer: 'auto',
};

/** Gaussians that look like the photos. */
export const training = {
  title: 'Training the 3D model',
  kind: 'training',
  program: 'gaussian-splatting',
  inputs: { sfm: 'sfm' },
  beside: {},
  machines: {
    preview: MACHINES,
    laptop: MACHINES,
    standard: MACHINES,
    high: { ...MACHINES, maxRuntimeSeconds: 6 * HOUR_SECONDS },
    survey: MACHINES,
  },
  settings: {
    // At 400 pixels most structure is smaller than a pixel: a strong SSIM term fits noise (docs/decisions.md).
    preview: {
      ...SETTINGS,
      maxIterations: 10_000,
      iterationsPerPhoto: 65,
      maxGaussians: 100_000,
      shDegree: 1,
      dssimWeight: 0.05,
      imageSize: 400,
      checkpointSeconds: 60,
    },
    // Twice the iterations cost twice the time and are no better on held-out photos (docs/benchmarks.md).
    laptop: {
      ...SETTINGS,
      maxIterations: 20_000,
      iterationsPerPhoto: 100,
      maxGaussians: 100_000,
      pixelsPerGaussian: 40,
      shDegree: 2,
      imageSize: 800,
      checkpointSeconds: 60,
    },
    standard: SETTINGS,
    high: {
      ...SETTINGS,
      maxIterations: 30_000,
      iterationsPerPhoto: 400,
      maxGaussians: 2_000_000,
      pixelsPerGaussian: 45,
    },
    survey: SETTINGS,
  },
  options: {
    imageSize: { minimum: 200, maximum: 4096 },
    maxIterations: { minimum: 10, maximum: 100_000 },
    iterationsPerPhoto: { minimum: 0, maximum: 10_000 },
    maxGaussians: { minimum: 1000, maximum: 4_000_000 },
    pixelsPerGaussian: { minimum: 0, maximum: 10_000 },
  },
  fit: (own) => own,
  metrics: REQUIRED_METRICS.training,
  gate({ gaussians, iterations }, { settings: { maxGaussians } }) {
    // A cap that is small itself is not held against the model.
    const needed = Math.min(MIN_GAUSSIANS, Math.floor(maxGaussians / 2));
    if (gaussians < needed) return rejected('MODEL_TOO_SMALL', sentence('MODEL_TOO_SMALL', { gaussians, needed }));
    return iterations < 1 ? rejected('NOT_TRAINED', sentence('NOT_TRAINED', {})) : ACCEPTED;
  },
  // Memory grows with the number of Gaussians and the photo size.
  ladder: [
    (settings) => ({ ...settings, imageSize: smaller(settings.imageSize, 0.75) }),
    (settings) => ({
      ...settings,
      maxGaussians: smaller(settings.maxGaussians, 0.5),
      pixelsPerGaussian: settings.pixelsPerGaussian * 2,
    }),
  ],
  // SageMaker's place for a training job's model (OutputDataConfig with CompressionType NONE).
  artifactsBelow: (jobName) => `${jobName}/output/model/`,
  published: {
    'model.ply': 'application/octet-stream',
    'cameras.json': 'application/json',
    'poster.jpg': 'image/jpeg',
  },
  publishedIfThere: { 'poster.webp': 'image/webp', 'poster.avif': 'image/avif' },
  publishedFolders: { 'held-out/': { '.webp': 'image/webp' } },
  resumes: true,
} as const satisfies StageDefinition<'training'>;
