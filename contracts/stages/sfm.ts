import { REQUIRED_METRICS } from '../generated/reports';
import { sentence } from '../job/failures';
import { photoAdvice } from '../photos/advice';
import type { StageMachines } from '../machines/choice';
import type { SfmSettings } from '../generated/settings';
import { ACCEPTED, HOUR_SECONDS, rejected, smaller, undecided, type StageDefinition } from './definition';

const MACHINES: StageMachines = {
  instanceType: 'ml.c6i.2xlarge',
  volumeGb: 100,
  maxRuntimeSeconds: 2 * HOUR_SECONDS,
  fallbacks: [],
  larger: 'ml.c6i.4xlarge',
};

/** COLMAP's defaults, but for what a preset changes, and the gates. */
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
  geoidOffsetM: 0,
  minPoints: 1000,
  minRegisteredShare: 0.4,
  seed: 0,
};

/** At this share of registered photos or less, down to `minRegisteredShare`, a person decides. */
const DECISION_SHARE = 0.5;

/**
 * Part of the distance to the scene by which heights of cameras may differ from their altitudes; beyond it a person
 * decides. docs/frame.md has the figures of real sets.
 */
const MAX_HEIGHT_ERROR_SHARE = 0.2;
/** Altitudes drift by as much within a flight: less says nothing, however low the flight was. */
const MIN_HEIGHT_ERROR_M = 5;

/** Structure from motion: where each photo was taken from, and a sparse model of the scene. */
export const sfm = {
  title: 'Camera reconstruction',
  kind: 'processing',
  program: 'sfm',
  inputs: { photos: 'photos' },
  beside: {},
  machines: {
    preview: MACHINES,
    laptop: MACHINES,
    standard: MACHINES,
    high: MACHINES,
    survey: { ...MACHINES, maxRuntimeSeconds: 4 * HOUR_SECONDS },
  },
  settings: {
    preview: { ...COLMAP, maxImageSize: 1600, maxNumFeatures: 4096, firstOctave: 0, trainingImageSize: 800 },
    laptop: { ...COLMAP, maxImageSize: 1600, maxNumFeatures: 4096, firstOctave: 0, trainingImageSize: 800 },
    standard: { ...COLMAP, firstOctave: 0 },
    high: { ...COLMAP, maxImageSize: 4096, maxNumFeatures: 12_288, firstOctave: 0 },
    survey: { ...COLMAP, maxImageSize: 4096, maxNumFeatures: 16_384, guidedMatching: true },
  },
  options: { maxNumFeatures: { minimum: 512, maximum: 32_768 }, geoidOffsetM: {} },
  fit: (own, { training }) => ({ ...own, trainingImageSize: Math.max(own.trainingImageSize, training.imageSize) }),
  metrics: REQUIRED_METRICS.sfm,
  gate({ photos, registered, frame, contradictions, ...found }, { settings: { minPoints, minRegisteredShare } }) {
    const points = found.pointsInThree ?? found.points;
    if (points < minPoints)
      return rejected('TOO_FEW_POINTS', sentence('TOO_FEW_POINTS', { points, needed: minPoints }));
    const fewFit = sentence('TOO_FEW_REGISTERED', { registered, photos });
    if (registered <= photos * minRegisteredShare) return rejected('TOO_FEW_REGISTERED', fewFit);
    if (registered <= photos * DECISION_SHARE)
      return undecided('TOO_FEW_REGISTERED', `${fewFit}: the scene will show a part of the place`);
    if (contradictions?.doubled === true)
      return undecided(
        'MODEL_DOUBLED',
        sentence('MODEL_DOUBLED', {
          contradicting: contradictions.contradictingPairs,
          judged: contradictions.judgedPairs,
        }),
      );
    const error = frame?.heightErrorM ?? 0;
    const distance = frame?.cameraDistance ?? 0;
    return error > Math.max(MIN_HEIGHT_ERROR_M, distance * MAX_HEIGHT_ERROR_SHARE)
      ? undecided('MODEL_BENT', sentence('MODEL_BENT', { error: Math.round(error), distance: Math.round(distance) }))
      : ACCEPTED;
  },
  advice: (code, metrics) => (code === 'TOO_FEW_POINTS' || code === 'TOO_FEW_REGISTERED' ? photoAdvice(metrics) : null),
  // The memory of features grows with the square of the photo size.
  ladder: [
    (settings) => ({ ...settings, guidedMatching: false, maxImageSize: smaller(settings.maxImageSize, 0.75) }),
    (settings) => ({
      ...settings,
      maxImageSize: smaller(settings.maxImageSize, 0.67),
      maxNumFeatures: smaller(settings.maxNumFeatures, 0.5),
    }),
  ],
  artifactsBelow: () => '',
  published: {},
  // The first where GPS allows; images before 0.2 make none of the others.
  publishedIfThere: {
    'georeference.json': 'application/json',
    'photos.json': 'application/json',
    'scene.json': 'application/json',
    'coverage.png': 'image/png',
  },
  publishedFolders: { 'thumbnails/': { '.webp': 'image/webp' } },
  resumes: false,
} as const satisfies StageDefinition<'sfm'>;
