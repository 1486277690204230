import { z } from 'zod';
import { list, object } from '../messages/read-only';
import { PRESETS } from '../stages/presets';
import { STAGES, type Stage } from '../stages/stage';

/** What is said of a job's time and cost before it runs; types that workflows may use are in `estimate.ts`. */

const seconds = z.number().min(0);
const usd = z.number().min(0);

/** Nine of ten such jobs come to no more than `high`, and one of ten to less than `low`, where it is from a ledger. */
const range = (value: z.ZodNumber) => object({ low: value, high: value });

const basis = z.enum(['ledger', 'model']).meta({
  description:
    '`ledger`: from machines of this deployment that did the same; `model`: from figures of other machines, since there ' +
    'are fewer than ten of these. Of all stages together: `ledger` where that is so of each',
});

export const COUNT_RANGE = object({ low: z.int().min(1), high: z.int().min(1) });

const stageEstimate = object({
  stage: z.enum(STAGES),
  instanceType: z.string().describe('The machine that is asked for first'),
  seconds: range(seconds).describe('That the machine is billed for'),
  usd: range(usd),
  exceedsLimit: z.boolean().describe('It may need longer than its machine may run: it would be stopped then'),
  basis,
  attempts: z.int().min(0).describe('Of this deployment that it was compared with; 0 of a model'),
}).meta({ id: 'StageEstimate' });

export const ESTIMATE = object({
  photos: COUNT_RANGE.describe('How many it is for; a range where the photos are in an archive'),
  preset: z.enum(PRESETS),
  seconds: range(seconds).describe('From start to published, without waiting for a free machine or a person'),
  machineSeconds: range(seconds).describe('That machines are billed for'),
  usd: range(usd).describe("At AWS's prices, also where the machine is one's own and costs nothing"),
  stages: list(stageEstimate),
  basis,
}).meta({ id: 'Estimate', description: 'Time and cost of a job, if nothing has to be done twice' });

/** The same beside what came. */
export const COMPARED_ESTIMATE = object({
  ...ESTIMATE.unwrap().shape,
  actual: object({
    seconds: seconds.describe('From start to end, with all waiting'),
    machineSeconds: seconds.describe('Of all attempts'),
    usd,
  })
    .nullable()
    .describe('What it came to; null until the job has ended'),
}).meta({ id: 'ComparedEstimate', description: 'What was expected of a job at its start, and what came' });

const stageCalibration = object({ low: z.number(), high: z.number(), attempts: z.int() });

/**
 * How this deployment's machines compare with the model: the model's seconds times `low` and `high`. It does not depend
 * on photos, so that a job carries it from its start until its photos are known.
 */
export const CALIBRATION = object({
  /** Null where there are too few attempts: the model is taken as it is. */
  stages: object(
    Object.fromEntries(STAGES.map((stage) => [stage, stageCalibration.nullable()])) as {
      [S in Stage]: z.ZodNullable<typeof stageCalibration>;
    },
  ),
  /** Cores of the one machine that runs all stages; null where they are rented at AWS. */
  localCores: z.number().nullable(),
});

export type Range = z.infer<ReturnType<typeof range>>;
export type CountRange = z.infer<typeof COUNT_RANGE>;
export type StageEstimate = z.infer<typeof stageEstimate>;
export type Estimate = z.infer<typeof ESTIMATE>;
export type ComparedEstimate = z.infer<typeof COMPARED_ESTIMATE>;
export type StageCalibration = z.infer<typeof stageCalibration>;
export type Calibration = z.infer<typeof CALIBRATION>;
