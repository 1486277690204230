import { createHash } from 'node:crypto';

/** Whether a field that is null is as good as none, or says something else. */
type NullFields = 'left-out' | 'count';

/**
 * SHA-256 in hexadecimal, equal for JSON with the same fields in whatever order. A field that is undefined counts as
 * left out.
 */
export const digestOf = (content: unknown, nulls: NullFields): string =>
  createHash('sha256').update(canonical(content, nulls)).digest('hex');

function canonical(value: unknown, nulls: NullFields): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, nulls)).join(',')}]`;
  return `{${Object.entries(value)
    .filter(([, field]) => field !== undefined && (field !== null || nulls === 'count'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field, nulls)}`)
    .join(',')}}`;
}
