import { REQUIRED_METRICS } from '../generated/reports';
import { sentence } from '../job/failures';
import type { StageMachines } from '../machines/choice';
import { MIN_COVERED_PERCENT, MIN_DECODED_PSNR_DB, type CompressionSettings } from '../generated/settings';
import { ACCEPTED, HOUR_SECONDS, rejected, type StageDefinition } from './definition';

const MACHINES: StageMachines = {
  instanceType: 'ml.c6i.4xlarge',
  volumeGb: 50,
  maxRuntimeSeconds: HOUR_SECONDS,
  fallbacks: [],
  larger: 'ml.c6i.8xlarge',
};

const SETTINGS: CompressionSettings = {
  shBands: 3,
  targetRatio: 15,
  minRatio: 4,
  spz: 1,
  html: 1,
  phoneGaussians: 500_000,
  streamAbove: 250_000,
  topdown: 1,
  orthophoto: 1,
  pointCloud: 1,
  tiles: 1,
  epsg: 0,
  groundResolutionMm: 0,
  seed: 0,
};
/** A preview is looked at; the files on the map take as long as all the rest of the stage. */
const PREVIEW: CompressionSettings = { ...SETTINGS, shBands: 1, orthophoto: 0, pointCloud: 0, tiles: 0 };

/** A scene that browsers load quickly. */
export const compression = {
  title: 'Compression for the web',
  kind: 'processing',
  program: 'compression',
  inputs: { model: 'training' },
  // Where the scene lies, and how accurately.
  beside: {
    'scene.json': { stage: 'sfm', file: 'scene.json' },
    'sfm-report.json': { stage: 'sfm', file: 'report.json' },
  },
  machines: { preview: MACHINES, laptop: MACHINES, standard: MACHINES, high: MACHINES, survey: MACHINES },
  settings: {
    preview: PREVIEW,
    laptop: { ...SETTINGS, shBands: 2 },
    standard: SETTINGS,
    high: SETTINGS,
    survey: SETTINGS,
  },
  options: {
    shBands: {},
    targetRatio: {},
    spz: {},
    html: {},
    phoneGaussians: {},
    streamAbove: {},
    topdown: {},
    orthophoto: {},
    pointCloud: {},
    tiles: {},
    epsg: {},
    groundResolutionMm: {},
  },
  fit: (own, { training }) => ({ ...own, shBands: Math.min(own.shBands, training.shDegree) }),
  metrics: REQUIRED_METRICS.compression,
  gate({ gaussians, decodedPsnr, coveredShare }, { earlier }) {
    const trained = earlier('training').reduce((sum, model) => sum + model.gaussians, 0);
    if (gaussians !== trained)
      return rejected('SOG_INCOMPLETE', sentence('SOG_INCOMPLETE', { found: gaussians, expected: trained }));
    // Reports of images before 0.2 know nothing of these two.
    if (typeof decodedPsnr === 'number' && decodedPsnr < MIN_DECODED_PSNR_DB)
      return rejected(
        'DELIVERY_DIFFERS',
        sentence('DELIVERY_DIFFERS', { psnr: Math.floor(decodedPsnr), needed: MIN_DECODED_PSNR_DB }),
      );
    if (typeof coveredShare === 'number' && 100 * coveredShare < MIN_COVERED_PERCENT)
      return rejected(
        'DELIVERY_EMPTY',
        sentence('DELIVERY_EMPTY', { covered: Math.floor(100 * coveredShare), needed: MIN_COVERED_PERCENT }),
      );
    return ACCEPTED;
  },
  // Memory grows with the bands of harmonics.
  ladder: [
    (settings) => ({ ...settings, shBands: Math.min(settings.shBands, 1) }),
    (settings) => ({ ...settings, shBands: 0 }),
  ],
  artifactsBelow: () => '',
  published: { 'scene.sog': 'application/octet-stream' },
  // As the job's options ask for them; of a streamed scene its index, which is listed with the result.
  publishedIfThere: {
    'scene.spz': 'application/octet-stream',
    'scene.html': 'text/html',
    'scene-phone.sog': 'application/octet-stream',
    'scene/lod-meta.json': 'application/json',
    'topdown.webp': 'image/webp',
    'topdown.json': 'application/json',
    'orthophoto.tif': 'image/tiff',
    'pointcloud.laz': 'application/vnd.laszip',
    'tiles/tileset.json': 'application/json',
  },
  // What the indexes of a streamed scene and of tiles name.
  publishedFolders: {
    'scene/': { '.json': 'application/json', '.webp': 'image/webp' },
    'tiles/': { '.glb': 'model/gltf-binary' },
  },
  resumes: false,
} as const satisfies StageDefinition<'compression'>;
