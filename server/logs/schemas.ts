import { z } from 'zod';
import { STAGES } from '../../contracts/stages/stage';
import { LOG_START, parseCursor } from './log-cursor';

const MAX_LINES = 5000;

const number = (meaning: string) => z.coerce.number().int().min(1).max(99_999).optional().describe(meaning);
const cursor = z.string().transform((text, context) => {
  const parsed = parseCursor(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'must be the "next" of an earlier answer, or the id of an event' });
  return z.NEVER;
});
const after = (meaning: string) => z.string().optional().describe(meaning);

/** Where a field is left out, the newest attempt that fits. */
const attempt = {
  stage: z.enum(STAGES).optional().describe('That of the newest attempt where it is left out'),
  attempt: number('The newest where it is left out'),
  part: number('Of the scene, where a stage is done in parts'),
};

export const LOG_QUERY = z.strictObject(attempt);

export const LOG_PAGE_QUERY = z.strictObject({
  ...attempt,
  after: after('`next` of the page before; the beginning where it is left out')
    .transform((text) => text ?? '')
    .pipe(z.union([z.literal('').transform(() => LOG_START), cursor])),
  limit: z.coerce.number().int().min(1).max(MAX_LINES).default(1000).describe('Lines at most'),
});

export const LOG_STREAM_QUERY = z.strictObject({
  ...attempt,
  after: after('A place in the log; the newest lines where it is left out').pipe(cursor.optional()),
});

export const LOG_STREAM_HEADERS = z.object({
  'last-event-id': z.string().optional().describe('The place that the listener has come to; goes before `after`'),
});
