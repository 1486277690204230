import { byStage, type Stage } from '../stages/stage';
import { STAGE } from '../stages/stages';

/** States of a job. `parked` = failed, but a `retry` within the deadline resumes from there. */
export const JOB_STATES = [
  'queued',
  'running',
  'waiting',
  'parked',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export type JobState = (typeof JOB_STATES)[number];

export const isJobState = (value: unknown): value is JobState => JOB_STATES.includes(value as JobState);

/** Events that a `waiting` job waits for: its time, a machine, a person's yes or no, or the end of a pause. */
export const WAITS_FOR = ['start', 'capacity', 'decision', 'resume'] as const;
export type WaitsFor = (typeof WAITS_FOR)[number];

/** States after which nothing changes any more. */
export const isFinal = (state: JobState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** Where a job is: intake and publish run in our own workers, the stages between them on rented machines. */
export type Step = 'intake' | Stage | 'publish';

/** Words for people. */
export const STEP_TITLE: Readonly<Record<Step, string>> = {
  intake: 'Checking the photos',
  ...byStage((stage) => STAGE[stage].title),
  publish: 'Publishing the result',
};
