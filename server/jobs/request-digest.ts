import { createHash } from 'node:crypto';
import type { JobRequest } from '../../contracts/job/record';

/**
 * What two equal requests have in common, whatever the order of their fields. A field that is null counts as left out,
 * so that a field that a later version adds does not make every earlier request another one.
 */
export const requestDigest = (request: JobRequest): string =>
  createHash('sha256').update(canonical(request)).digest('hex');

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(',')}}`;
}
