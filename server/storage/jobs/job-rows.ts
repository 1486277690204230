import { createHash } from 'node:crypto';
import type { Insertable } from 'kysely';
import { totalBilledSeconds, totalCostUsd, type Attempt, type JobRecord } from '../../../contracts/job/record';
import type { JobState } from '../../../contracts/job/state';
import { jobName } from '../../../contracts/job/words';
import { DEFAULT_CAPACITY } from '../../../contracts/machines/capacity';
import { s3Uri } from '../../../contracts/storage/location';
import { jsonText } from '../json-text';
import type { Tables } from '../tables';

export type JobRow = Insertable<Tables['jobs']>;
export type AttemptRow = Insertable<Tables['attempts']>;

/** A job as its record and its newest run tell it. */
export interface KnownJob {
  readonly record: JobRecord;
  /** As `jobState` says it of record and run. */
  readonly state: JobState;
  /** When the later of both was told: what is older never overwrites what the index has. */
  readonly asOfMs: number;
}

/** `part` of the whole scene in a key, where null cannot be. */
export const WHOLE_SCENE = -1;

/** In UTF-16 units: PostgreSQL's indexes take entries of 2700 bytes at most. */
const MAX_SEARCH_TEXT = 600;

/** Text as searches compare it: of the many ways to write a letter one, and small. */
export const comparable = (text: string): string => text.normalize('NFKC').toLowerCase();

/** The rows of a job: of an erased one nothing but times, machines and cost. */
export function rowsOf(job: KnownJob): { readonly row: JobRow; readonly attempts: readonly AttemptRow[] } {
  const { record } = job;
  const attempts = record.attempts.map((attempt) => attemptRow(record, attempt));
  const row = { ...told(job), ...(record.erasedAtMs === null ? personal(record) : NOTHING_PERSONAL) };
  return { row: { ...row, digest: digestOf([row, attempts]) }, attempts };
}

const told = ({ record, state, asOfMs }: KnownJob): Omit<JobRow, keyof typeof NOTHING_PERSONAL | 'digest'> => ({
  jobId: record.jobId,
  tenant: record.request.tenant,
  state,
  stage: state === 'queued' ? null : record.step,
  preset: record.request.preset,
  priority: record.request.priority,
  startAtMs: record.request.startAtMs,
  photos: record.photos?.accepted ?? null,
  costUsd: totalCostUsd(record),
  expectedUsd: record.estimate?.usd.low ?? null,
  billedSeconds: totalBilledSeconds(record),
  failureCode: state === 'failed' || state === 'parked' ? (record.failure?.code ?? null) : null,
  waitingFor: state === 'waiting' ? (record.waiting?.for ?? null) : null,
  waitingSinceMs: state === 'waiting' ? (record.waiting?.sinceMs ?? null) : null,
  createdAtMs: record.createdAtMs,
  updatedAtMs: asOfMs,
  endedAtMs: record.endedAtMs,
  restedMs: record.restedMs ?? 0,
  hasResult: record.result === null ? 0 : 1,
  erasedAtMs: record.erasedAtMs,
  batchId: record.request.batch?.id ?? null,
});

const NOTHING_PERSONAL = { name: null, input: null, failureMessage: null, searchText: null };

function personal({ jobId, request, failure }: JobRecord): Pick<JobRow, keyof typeof NOTHING_PERSONAL> {
  const name = jobName(request);
  const input = s3Uri(request.location);
  return {
    name,
    input,
    failureMessage: failure?.message ?? null,
    searchText: comparable(`${name}\n${jobId}\n${input}`).slice(0, MAX_SEARCH_TEXT),
  };
}

const attemptRow = ({ jobId, request, photos }: JobRecord, attempt: Attempt): AttemptRow => ({
  jobId,
  stage: attempt.stage,
  part: attempt.part ?? WHOLE_SCENE,
  attempt: attempt.attempt,
  tenant: request.tenant,
  preset: request.preset,
  instanceType: attempt.instanceType,
  status: attempt.status,
  photos: photos?.accepted ?? null,
  options: isComparable(attempt) ? jsonText(attempt.options) : null,
  billedSeconds: attempt.billedSeconds,
  costUsd: attempt.costUsd,
  failureCode: attempt.failure?.code ?? null,
  startedAtMs: attempt.startedAtMs,
  endedAtMs: attempt.endedAtMs,
});

/** Whether it did the whole stage, with the settings that were asked for, in the time that is billed. */
const isComparable = ({ part, memoryStep, resumedFrom, capacity }: Attempt): boolean =>
  part === null && memoryStep === 0 && resumedFrom === null && capacity === DEFAULT_CAPACITY;

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url');
