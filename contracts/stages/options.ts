import { isRecord, parsed, type FieldProblem, type Parsed } from '../messages/parsed';
import { PRESET, type PresetName } from './presets';
import type { StageSettings } from './settings';
import type { Stage } from './stage';

/**
 * What a request or a retry may change of a preset: an allow-list with ranges. Nothing else of a caller's input
 * reaches a container, an image name or an output path.
 */
export interface JobOptions {
  readonly maxNumFeatures?: number;
  readonly imageSize?: number;
  readonly maxIterations?: number;
  readonly maxGaussians?: number;
  readonly shBands?: number;
}

interface OptionRule {
  readonly stage: Stage;
  readonly minimum: number;
  readonly maximum: number;
  readonly meaning: string;
}

export const OPTION_RULES: Readonly<Record<keyof JobOptions, OptionRule>> = {
  maxNumFeatures: { stage: 'sfm', minimum: 512, maximum: 32_768, meaning: 'SIFT features a photo' },
  imageSize: { stage: 'training', minimum: 200, maximum: 4096, meaning: 'long side in pixels that training uses' },
  maxIterations: { stage: 'training', minimum: 10, maximum: 100_000, meaning: 'training iterations' },
  maxGaussians: {
    stage: 'training',
    minimum: 1000,
    maximum: 4_000_000,
    meaning: 'hard cap on the number of Gaussians',
  },
  shBands: {
    stage: 'compression',
    minimum: 0,
    maximum: 3,
    meaning: 'bands of spherical harmonics kept by compression',
  },
};

const OPTION_NAMES = Object.keys(OPTION_RULES) as (keyof JobOptions)[];

/** Options from an unknown value; none at all means the preset as it is. */
export function parseJobOptions(value: unknown): Parsed<JobOptions> {
  if (value === undefined || value === null) return { ok: true, value: {} };
  if (!isRecord(value)) return { ok: false, problems: [{ field: '', message: 'must be an object' }] };
  const problems: FieldProblem[] = [];
  const options: { -readonly [K in keyof JobOptions]: number } = {};
  for (const [name, given] of Object.entries(value)) {
    const rule = Object.hasOwn(OPTION_RULES, name) ? OPTION_RULES[name as keyof JobOptions] : undefined;
    if (rule === undefined) problems.push({ field: name, message: `is unknown; known are ${OPTION_NAMES.join(', ')}` });
    else if (typeof given !== 'number' || !Number.isInteger(given) || given < rule.minimum || given > rule.maximum)
      problems.push({ field: name, message: `must be a whole number from ${rule.minimum} to ${rule.maximum}` });
    else options[name as keyof JobOptions] = given;
  }
  return parsed(options, problems);
}

/** A preset's settings with a job's options applied. */
export function stageSettings(preset: PresetName, options: JobOptions): StageSettings {
  const { sfm, training, compression } = PRESET[preset].settings;
  const imageSize = options.imageSize ?? training.imageSize;
  return {
    sfm: {
      ...sfm,
      maxNumFeatures: options.maxNumFeatures ?? sfm.maxNumFeatures,
      trainingImageSize: Math.max(sfm.trainingImageSize, imageSize),
    },
    training: {
      ...training,
      imageSize,
      maxIterations: options.maxIterations ?? training.maxIterations,
      maxGaussians: options.maxGaussians ?? training.maxGaussians,
    },
    compression: { ...compression, shBands: Math.min(options.shBands ?? compression.shBands, training.shDegree) },
  };
}
