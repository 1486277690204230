import { z } from 'zod';
import { PRESETS } from './presets';
import { byStage, STAGES } from './stage';
import { list, object } from '../messages/read-only';

/** What the API publishes of presets and options, so that a form can be made from it. */

const stagePlan = object({
  instanceType: z.string().describe('The machine that is rented first'),
  maxRuntimeSeconds: z.number(),
});

export const PRESET_VIEW = object({
  name: z.enum(PRESETS),
  title: z.string(),
  maxPhotos: z.int(),
  stages: object(byStage(() => stagePlan)),
  options: z.record(z.string(), z.number()).describe('Value of each option in this preset'),
}).meta({ id: 'Preset' });

export const OPTION_VIEW = object({
  name: z.string(),
  stage: z.enum(STAGES),
  meaning: z.string(),
  schema: object({ type: z.enum(['integer', 'number']), minimum: z.number(), maximum: z.number() }).describe(
    'As JSON Schema',
  ),
}).meta({ id: 'Option', description: 'A setting of the preset that a job may change' });

export const PRESET_LIST = object({ presets: list(PRESET_VIEW), default: z.enum(PRESETS) });
export const OPTION_LIST = object({ options: list(OPTION_VIEW) });

export type PresetView = z.infer<typeof PRESET_VIEW>;
export type OptionView = z.infer<typeof OPTION_VIEW>;
