import type { JobRecord } from './job-record';
import { isFinal } from './job-state';

/**
 * What is left of an erased job: its id, so that a repeated Idempotency-Key does not start it again, its times, how it
 * ended, and what its machines cost. No address, no location, no name of a photo, no sentence, no measure of its scene.
 */
export const tombstone = (record: JobRecord, nowMs: number): JobRecord => ({
  version: 1,
  jobId: record.jobId,
  state: isFinal(record.state) ? record.state : 'failed',
  step: null,
  request: {
    location: { bucket: '', key: '' },
    email: '',
    preset: record.request.preset,
    options: {},
    retryWindowSeconds: 0,
    budgetUsd: null,
    maxHours: null,
    webhookUrl: null,
  },
  createdAtMs: record.createdAtMs,
  updatedAtMs: nowMs,
  endedAtMs: record.endedAtMs ?? nowMs,
  photos: null,
  attempts: record.attempts.map((attempt) => ({ ...attempt, failure: null, options: {} })),
  accepted: {},
  failure: null,
  waiting: null,
  pauseRequested: false,
  gates: [],
  parkedUntilMs: null,
  cancelled: null,
  notice: null,
  result: null,
  erasedAtMs: nowMs,
});
