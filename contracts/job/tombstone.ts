import { newJobRecord, type JobRecord, type JobRequest } from './record';
import { isFinal } from './state';

/**
 * What is left of an erased job: its id, so that a repeated Idempotency-Key does not start it again, its times, how it
 * ended, and what its machines cost. No address, no location, no name of a photo, no sentence, no measure of its scene.
 */
export const tombstone = (
  { jobId, state, request, createdAtMs, endedAtMs, attempts }: JobRecord,
  nowMs: number,
): JobRecord => ({
  ...newJobRecord(jobId, { ...NOBODY, preset: request.preset }, createdAtMs),
  state: isFinal(state) ? state : 'failed',
  updatedAtMs: nowMs,
  endedAtMs: endedAtMs ?? nowMs,
  attempts: attempts.map((attempt) => ({ ...attempt, failure: null, options: {} })),
  erasedAtMs: nowMs,
});

const NOBODY: Omit<JobRequest, 'preset'> = {
  location: { bucket: '', key: '' },
  email: '',
  options: {},
  retryWindowSeconds: 0,
  budgetUsd: null,
  maxHours: null,
  webhookUrl: null,
};
