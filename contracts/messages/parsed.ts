/** One thing that is wrong with what somebody sent. */
export interface FieldProblem {
  /** Path in the payload, such as `options.shBands`, or the name of a parameter; '' for the whole payload. */
  readonly field: string;
  /** Does not repeat the field: "must be a whole number from 0 to 3". */
  readonly message: string;
}

/** What a parser makes of an unknown value: never a throw, and every problem at once. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** The value, unless something is wrong with it. */
export const parsed = <T>(value: T, problems: readonly FieldProblem[]): Parsed<T> =>
  problems.length === 0 ? { ok: true, value } : { ok: false, problems };

/** What is wrong with a value that lies in the field `field` of a larger one. */
export const problemsWithin = (field: string, result: Parsed<unknown>): FieldProblem[] =>
  problemsOf(result).map((problem) => ({
    ...problem,
    field: problem.field === '' ? field : `${field}.${problem.field}`,
  }));

export const problemsOf = (result: Parsed<unknown>): readonly FieldProblem[] => (result.ok ? [] : result.problems);

/** Problems in one sentence, for notices, rejections and the command line. */
export const problemSentence = (problems: readonly FieldProblem[]): string =>
  problems.map(({ field, message }) => `${field === '' ? 'the payload' : field} ${message}`).join('; ');

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
