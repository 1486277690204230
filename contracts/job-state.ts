import type { Stage } from './stages';

/** What a job is doing. `parked` = failed, but a `retry` within the deadline goes on from there. */
export const JOB_STATES = ['queued', 'running', 'waiting', 'parked', 'cancelling', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** States after which nothing changes any more. */
export const isFinal = (state: JobState): boolean => state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** Where a job is: intake and publish run in our own workers, the stages between them on rented machines. */
export type Step = 'intake' | Stage | 'publish';
