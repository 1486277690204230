import { newJobRecord, type JobRecord, type JobRequest } from '../job/record';
import { isFinal } from '../job/state';
import { DEFAULT_CAPACITY } from '../machines/capacity';
import { PRIORITY } from '../messages/settings';
import type { UploadManifest } from './upload-manifest';

/** How many days after its end a job's files are kept; 0 = for ever. */
export interface Retention {
  /** Unpacked photos, and the settings, outputs and checkpoints of every attempt. */
  readonly intermediatesDays: number;
  /** The result folder. */
  readonly resultsDays: number;
}

/** Files of a job that are to be deleted. */
export interface Expiry {
  readonly intermediates: boolean;
  readonly results: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

/** How many days an upload has to become complete. */
export const UPLOAD_DAYS = 7;

/** When an upload's time is over, unless it is complete by then: no file of it is taken any more. */
export const uploadExpiryMs = (createdAtMs: number): number => createdAtMs + UPLOAD_DAYS * DAY_MS;

/** Between the end of an upload's time and its removal: what had begun before has ended, and clocks differ. */
const UPLOAD_GRACE_MS = 3600 * 1000;

/** Whether an upload that is not complete is to be removed. */
export const isAbandoned = ({ expiresAtMs }: Pick<UploadManifest, 'expiresAtMs'>, nowMs: number): boolean =>
  nowMs >= expiresAtMs + UPLOAD_GRACE_MS;

/** Files of an ended job whose time is over; null = none. Files that have expired once do not expire again. */
export function dueExpiry(
  record: JobRecord,
  { intermediatesDays, resultsDays }: Retention,
  nowMs: number,
): Expiry | null {
  const { endedAtMs, expiredAtMs, erasedAtMs } = record;
  if (endedAtMs === null || erasedAtMs !== null) return null;
  const isOver = (days: number): boolean => days > 0 && nowMs - endedAtMs > days * DAY_MS;
  const due: Expiry = {
    intermediates: isOver(intermediatesDays) && expiredAtMs.intermediates === null,
    results: isOver(resultsDays) && expiredAtMs.results === null,
  };
  return due.intermediates || due.results ? due : null;
}

/** The record of a job whose files in `due` have expired: it says so before the first of them is deleted. */
export const expired = (record: JobRecord, due: Expiry, nowMs: number): JobRecord => ({
  ...record,
  result: due.results ? null : record.result,
  expiredAtMs: {
    intermediates: due.intermediates ? nowMs : record.expiredAtMs.intermediates,
    results: due.results ? nowMs : record.expiredAtMs.results,
  },
  deleting: true,
});

/**
 * What is left of an erased job: its id, so that a repeated Idempotency-Key does not start it again, its batch, its
 * times, how it ended, and what its machines cost. No address, no location, no name of a photo, no sentence, no measure of its scene.
 */
export const tombstone = (
  { jobId, state, request, createdAtMs, endedAtMs, attempts }: JobRecord,
  nowMs: number,
): JobRecord => ({
  ...newJobRecord(
    jobId,
    { ...NOBODY, tenant: request.tenant, preset: request.preset, batch: request.batch },
    createdAtMs,
  ),
  state: isFinal(state) ? state : 'failed',
  updatedAtMs: nowMs,
  endedAtMs: endedAtMs ?? nowMs,
  attempts: attempts.map((attempt) => ({ ...attempt, failure: null, options: {} })),
  erasedAtMs: nowMs,
});

const NOBODY: Omit<JobRequest, 'tenant' | 'preset' | 'batch'> = {
  location: { bucket: '', key: '' },
  name: null,
  email: '',
  options: {},
  retryWindowSeconds: 0,
  budgetUsd: null,
  maxHours: null,
  capacity: DEFAULT_CAPACITY,
  webhookUrl: null,
  priority: PRIORITY.default,
  startAtMs: null,
};
