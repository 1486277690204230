import { newJobRecord, type Attempt, type JobRecord } from './record';
import { PRESET } from '../stages/presets';

/**
 * A record as it was read from S3, with what earlier versions did not write yet filled in. Everything that reads a
 * `job.json` goes through here, so that nothing else has to ask how old it is.
 */
export function completeRecord(stored: JobRecord): JobRecord {
  const request = { ...EARLIER_REQUEST, ...stored.request };
  return {
    ...newJobRecord(stored.jobId, request, stored.createdAtMs),
    ...stored,
    request,
    attempts: stored.attempts.map((attempt) => completeAttempt(attempt, stored)),
    cancelled:
      stored.cancelled === null
        ? null
        : {
            by: 'unknown',
            atMs: stored.endedAtMs ?? stored.updatedAtMs,
            ...(stored.cancelled as Partial<Cancelled> & { reason: string }),
          },
  };
}

type Cancelled = NonNullable<JobRecord['cancelled']>;

/** Before there were limits and webhooks, a job had none. */
const EARLIER_REQUEST = { budgetUsd: null, maxHours: null, webhookUrl: null } satisfies Partial<JobRecord['request']>;

const completeAttempt = (attempt: Attempt, { request }: JobRecord): Attempt => {
  const earlier = {
    memoryStep: 0,
    maxRuntimeSeconds: PRESET[request.preset].machines[attempt.stage].maxRuntimeSeconds,
    resumedFrom: null,
  };
  return { ...earlier, ...(attempt as Partial<Attempt> & Omit<Attempt, keyof typeof earlier>) };
};
