import type { JobRequest } from '../job/record';
import { inOneLine, MAX_JOB_NAME_LENGTH } from '../job/words';
import { isRecord, parsed, problemsOf, problemsWithin, type FieldProblem, type Parsed } from './parsed';

/** What people may change of a job after its start. */
export type JobSettings = Pick<JobRequest, 'name' | 'priority' | 'startAtMs'>;

/** A field that is left out stays as it is. */
export interface ChangeRequest {
  readonly to: Partial<JobSettings>;
  /** The settings that are meant: where the job has others by now, nothing is changed. Null = whatever it has. */
  readonly was: Partial<JobSettings> | null;
}

/** A `change` as it travels: `was` is added by the API where its caller named a version. */
export interface ChangePayload {
  readonly name?: string | null;
  readonly priority?: number;
  /** ISO 8601. */
  readonly startAt?: string | null;
  readonly was?: JobSettings;
}

const FIELDS = ['name', 'priority', 'startAt'] as const satisfies readonly (keyof ChangePayload)[];

/** Whose tasks are taken first while several wait for the same workers: 1 before 5. */
export const PRIORITY = { first: 1, default: 3, last: 5 } as const;

/** How far ahead a start may lie: a year. */
const MAX_AHEAD_MS = 366 * 24 * 3600 * 1000;

export const settingsOf = ({ name, priority, startAtMs }: JobSettings): JobSettings => ({ name, priority, startAtMs });

/** Whether a job has the settings that are named; those that are not do not count. */
export const hasSettings = (request: JobSettings, named: Partial<JobSettings>): boolean =>
  Object.entries(settingsOf(request)).every(([field, value]) => {
    const other = named[field as keyof JobSettings];
    return other === undefined || other === value;
  });

/** What is said of a name that is none. */
export const NAME_RULE = `must be one line of 1 to ${MAX_JOB_NAME_LENGTH} characters`;

/** Whether people may call a job so: a text without blanks at its ends, in one line. */
export const isJobName = (text: string): boolean =>
  text.length >= 1 && text.length <= MAX_JOB_NAME_LENGTH && inOneLine(text) === text;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i;

/** When a job begins: an ISO time with its zone, in milliseconds since 1970. One that is over means at once, as null. */
export function parseStartAt(value: unknown, nowMs = Date.now()): Parsed<number | null> {
  if (value === null) return { ok: true, value };
  const ms = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) return problem('must be a time with its zone, such as 2026-12-01T06:00:00Z');
  return ms - nowMs > MAX_AHEAD_MS ? problem('must be at most a year ahead') : { ok: true, value: ms };
}

function parseName(value: unknown): Parsed<string | null> {
  if (value === null) return { ok: true, value };
  const name = typeof value === 'string' ? value.trim() : '';
  return isJobName(name) ? { ok: true, value: name } : problem(NAME_RULE);
}

const parsePriority = (value: unknown): Parsed<number> =>
  typeof value === 'number' && Number.isInteger(value) && value >= PRIORITY.first && value <= PRIORITY.last
    ? { ok: true, value }
    : problem(`must be a whole number from ${PRIORITY.first} to ${PRIORITY.last}`);

const problem = (message: string): Parsed<never> => ({ ok: false, problems: [{ field: '', message }] });

/**
 * New settings, at least one: `{ name?, priority?, startAt? }`. A name of null is again that of the place of the
 * photos.
 */
export function parseSettings(payload: unknown): Parsed<Partial<JobSettings>> {
  if (!isRecord(payload)) return problem('must be an object');
  const fields = Object.keys(payload);
  const problems: FieldProblem[] = fields
    .filter((field) => !(FIELDS as readonly string[]).includes(field))
    .map((field) => ({ field, message: 'is unknown' }));
  if (fields.length === 0) problems.push(...problemsOf(problem(`must have at least one of ${FIELDS.join(', ')}`)));
  const read = <T>(field: (typeof FIELDS)[number], parse: (value: unknown) => Parsed<T>): { readonly it?: T } => {
    if (!(field in payload)) return {};
    const result = parse(payload[field]);
    problems.push(...problemsWithin(field, result));
    return result.ok ? { it: result.value } : {};
  };
  const name = read('name', parseName);
  const priority = read('priority', parsePriority);
  const startAt = read('startAt', parseStartAt);
  return parsed(
    {
      ...('it' in name && { name: name.it }),
      ...('it' in priority && { priority: priority.it }),
      ...('it' in startAt && { startAtMs: startAt.it }),
    },
    problems,
  );
}

/** A `change` payload. */
export function parseChange(payload: unknown): Parsed<ChangeRequest> {
  if (!isRecord(payload)) return problem('must be an object');
  const { was = null, ...settings } = payload;
  const to = parseSettings(settings);
  if (!to.ok) return to;
  return { ok: true, value: { to: to.value, was: isRecord(was) ? was : null } };
}

/** What `parseChange` reads as these settings. */
export const changePayload = ({ startAtMs, ...to }: Partial<JobSettings>, was: JobSettings | null): ChangePayload => ({
  ...to,
  ...(startAtMs !== undefined && { startAt: startAtMs === null ? null : new Date(startAtMs).toISOString() }),
  ...(was !== null && { was }),
});
