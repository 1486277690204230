import { z } from 'zod';
import type { FieldProblem, Parsed } from '../../contracts/messages/parsed';
import { plainMessage } from './plain-messages';
import { isProblemCode, Problem } from './problem';

/** An object of these fields and no others. */
export const strictBody = <T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> =>
  z.strictObject(fields, { error: 'must be an object' });

/** For a request that takes no body, or an empty one. */
export const NO_BODY = strictBody({});

interface PageFields {
  readonly cursor: z.ZodOptional<z.ZodString>;
  readonly limit: z.ZodDefault<z.ZodCoercedNumber>;
}

/** Fields of a query for a page of a list. @param usual as many as are listed unless asked otherwise */
export const pageFields = (usual: number): PageFields => ({
  cursor: z.string().max(200).optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(usual),
});

/**
 * A part of a request by its schema. Throws INVALID_REQUEST with a line for each field, or the problem that the schema
 * names in `params.problem` where nothing else is wrong.
 */
export function readRequest<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value, { error: plainMessage });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors = issues.flatMap(fieldErrors);
  const [first, ...others] = issues.map(namedProblem);
  if (isProblemCode(first) && others.every((code) => code === first))
    throw new Problem(first, `${errors[0]?.field ?? ''} ${errors[0]?.message ?? ''}`, errors);
  throw invalidRequest(errors);
}

/** Headers by a schema with their names in lower case; problems name them as documents do. */
export function readHeaders<T extends z.ZodType>(schema: T, headers: object): z.output<T> {
  try {
    return readRequest(schema, headers);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw invalidRequest(error.errors.map(({ field, message }) => ({ field: headerName(field), message })));
  }
}

/** A header as documents write it: `Idempotency-Key`. */
export const headerName = (lowerCase: string): string =>
  lowerCase.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

export const invalidRequest = (errors: readonly FieldProblem[]): Problem =>
  new Problem('INVALID_REQUEST', `correct what "errors" names (${errors.length}) and send the request again`, errors);

/**
 * A schema from a parser that gives field problems of its own.
 * @param jsonSchema what the OpenAPI document says of it
 */
export const parsedBy = <T>(parse: (value: unknown) => Parsed<T>, jsonSchema: object): z.ZodType<T> =>
  z
    .unknown()
    .meta({ jsonSchema })
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed.ok) return parsed.value;
      for (const { field, message } of parsed.problems)
        context.addIssue({ code: 'custom', message, path: field === '' ? [] : field.split('.') });
      return z.NEVER;
    });

const fieldErrors = (issue: z.core.$ZodIssue): FieldProblem[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is unknown' }))
    : [{ field: issue.path.join('.'), message: issue.message }];

const namedProblem = (issue: z.core.$ZodIssue): unknown => (issue.code === 'custom' ? issue.params?.problem : null);
