import { failure, type Failure } from './failures';
import type { JobState } from './state';

/** How far a run of a workflow is, in Temporal's words; everything that is not closed counts as running. */
export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' | 'TIMED_OUT';
export type ClosedStatus = Exclude<RunStatus, 'RUNNING'>;

/** What a run that closed without writing its record comes to. */
export const STATE_OF_CLOSED: Readonly<Record<ClosedStatus, JobState>> = {
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'failed',
  TIMED_OUT: 'failed',
};

/** Temporal's name for a status; one that is new to us counts as running, so that nothing is done to its job. */
export const runStatus = (name: string): RunStatus =>
  Object.hasOwn(STATE_OF_CLOSED, name) ? (name as ClosedStatus) : 'RUNNING';

/** Why such a run failed, as far as its status tells; null where that is no failure. */
export function endedFromOutside(status: RunStatus): Failure | null {
  if (status === 'TERMINATED')
    return failure('STOPPED_FROM_OUTSIDE', 'the workflow was terminated before the job was done');
  if (status === 'FAILED' || status === 'TIMED_OUT')
    return failure('INTERNAL_ERROR', 'the workflow ended before it could write down why');
  return null;
}
