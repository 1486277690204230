import { z } from 'zod';

const keyError = 'must be 1 to 255 visible ASCII characters without spaces';

/** The header `Idempotency-Key`. */
const idempotencyKey = (meaning: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, keyError)
    .optional()
    .describe(meaning);

/** Of a creation whose id follows from the key: the key never ends. */
export const LASTING_KEY_HEADERS = z.object({
  'idempotency-key': idempotencyKey('The same key stands for the same thing, however late it is repeated'),
});

/** Of every other creation. */
export const KEY_HEADERS = z.object({
  'idempotency-key': idempotencyKey('For a day the same key and request have the same answer, and make nothing anew'),
});
