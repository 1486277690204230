import { REQUIRED_METRICS } from '../generated/reports';
import { sentence } from '../job/failures';
import type { StageMachines } from '../machines/choice';
import type { CompressionSettings } from '../generated/settings';
import { ACCEPTED, HOUR_SECONDS, rejected, type StageDefinition } from './definition';

const MACHINES: StageMachines = {
  instanceType: 'ml.c6i.4xlarge',
  volumeGb: 50,
  maxRuntimeSeconds: HOUR_SECONDS,
  fallbacks: [],
  larger: 'ml.c6i.8xlarge',
};

const SETTINGS: CompressionSettings = { shBands: 3, minRatio: 4, seed: 0 };

/** A scene that browsers load quickly. */
export const compression = {
  title: 'Compression for the web',
  kind: 'processing',
  program: 'compression',
  inputs: { model: 'training' },
  machines: { preview: MACHINES, standard: MACHINES, high: MACHINES, survey: MACHINES },
  settings: { preview: { ...SETTINGS, shBands: 1 }, standard: SETTINGS, high: SETTINGS, survey: SETTINGS },
  options: { shBands: {} },
  fit: (own, { training }) => ({ ...own, shBands: Math.min(own.shBands, training.shDegree) }),
  metrics: REQUIRED_METRICS.compression,
  gate({ gaussians }, { earlier }) {
    const trained = earlier('training').reduce((sum, model) => sum + model.gaussians, 0);
    return gaussians === trained
      ? ACCEPTED
      : rejected('SOG_INCOMPLETE', sentence('SOG_INCOMPLETE', { found: gaussians, expected: trained }));
  },
  // Memory grows with the bands of harmonics.
  ladder: [
    (settings) => ({ ...settings, shBands: Math.min(settings.shBands, 1) }),
    (settings) => ({ ...settings, shBands: 0 }),
  ],
  artifactsBelow: () => '',
  published: { 'scene.sog': 'application/octet-stream' },
  resumes: false,
} as const satisfies StageDefinition<'compression'>;
