import { z } from 'zod';

/** An object of schemas whose type cannot be written to, as records and answers are. */
export const object = <T extends z.ZodRawShape>(fields: T): z.ZodReadonly<z.ZodObject<T>> =>
  z.object(fields).readonly();

/** A list likewise. */
export const list = <T extends z.ZodType>(item: T): z.ZodReadonly<z.ZodArray<T>> => z.array(item).readonly();
