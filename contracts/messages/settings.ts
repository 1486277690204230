import type { JobRequest } from '../job/record';
import { inOneLine, MAX_JOB_NAME_LENGTH } from '../job/words';
import { isRecord, type FieldProblem, type Parsed } from './parsed';

/** What people may change of a job at any time after its start. */
export type JobSettings = Pick<JobRequest, 'name'>;

/** A field that is left out stays as it is. */
export interface ChangeRequest {
  readonly to: Partial<JobSettings>;
  /** The settings that are meant: where the job has others by now, nothing is changed. Null = whatever it has. */
  readonly was: JobSettings | null;
}

const FIELDS = ['name'] as const satisfies readonly (keyof JobSettings)[];

export const settingsOf = ({ name }: JobSettings): JobSettings => ({ name });

export const isSameSettings = (one: JobSettings, other: JobSettings): boolean =>
  FIELDS.every((field) => one[field] === other[field]);

/** What is said of a name that is none. */
export const NAME_RULE = `must be one line of 1 to ${MAX_JOB_NAME_LENGTH} characters`;

/** Whether people may call a job so: a text without blanks at its ends, in one line. */
export const isJobName = (text: string): boolean =>
  text.length >= 1 && text.length <= MAX_JOB_NAME_LENGTH && inOneLine(text) === text;

/** New settings, at least one: `{ name? }`. A name of null is again that of the place of the photos. */
export function parseSettings(payload: unknown): Parsed<Partial<JobSettings>> {
  if (!isRecord(payload)) return { ok: false, problems: [{ field: '', message: 'must be an object' }] };
  const problems: FieldProblem[] = Object.keys(payload)
    .filter((key) => !(FIELDS as readonly string[]).includes(key))
    .map((field) => ({ field, message: 'is unknown' }));
  if (Object.keys(payload).length === 0)
    problems.push({ field: '', message: `must have at least one of ${FIELDS.join(', ')}` });
  const name = typeof payload.name === 'string' ? payload.name.trim() : payload.name;
  if (name !== undefined && name !== null && !(typeof name === 'string' && isJobName(name)))
    problems.push({ field: 'name', message: NAME_RULE });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: name === undefined ? {} : { name: name as string | null } };
}

/** A `change` payload: new settings, and beside them `was`, which the API adds where its caller named a version. */
export function parseChange(payload: unknown): Parsed<ChangeRequest> {
  const { was = null, ...rest } = isRecord(payload) ? payload : {};
  const to = parseSettings(isRecord(payload) ? rest : payload);
  if (!to.ok) return to;
  const known = was === null ? null : parseSettings(was);
  return known === null || known.ok
    ? { ok: true, value: { to: to.value, was: known === null ? null : (known.value as JobSettings) } }
    : { ok: false, problems: [{ field: 'was', message: 'must be the settings of a job' }] };
}
