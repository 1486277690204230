import { z } from 'zod';
import { STAGES } from '../stages/stage';
import { object } from './read-only';

/** What the API shows of what programs print. */

const LOG_LINE = object({ at: z.iso.datetime(), text: z.string() }).meta({ id: 'LogLine' });

const lines = z.array(LOG_LINE).readonly();

export const LOG_VIEW = object({
  jobId: z.string(),
  stage: z.enum(STAGES),
  part: z.int().min(0).nullable().describe('The part of the scene; null = the whole'),
  attempt: z.int().min(1),
  lines,
  next: z.string().nullable().describe('For `after` of the next page; null when nothing can follow'),
}).meta({ id: 'LogPage' });

/** The data of an event of a log's stream. */
export const LOG_EVENT = object({
  lines,
  isGap: z.literal(true).optional().describe('Lines before these are left out; pages have them'),
});

/** Lines of a log that follow each other. */
export type LogView = z.infer<typeof LOG_VIEW>;
export type LogLineView = z.infer<typeof LOG_LINE>;
export type LogEvent = z.infer<typeof LOG_EVENT>;
