import { failure, type Failure } from './failures';
import type { Policy } from './policy';
import type { JobRecord } from './record';
import type { JobState } from './state';
import type { WatchHeartbeat } from '../stages/progress';

/** Input of the workflow `pipeline`, whose id is `job-<jobId>`. */
export interface PipelineInput {
  readonly deployment: string;
  /** A new job's record, or the last one of an ended run that a retry resumes from. */
  readonly record: JobRecord;
  readonly policy: Policy;
  /** Base of the links in pages and mails, without a slash at the end. */
  readonly publicUrl: string;
}

/** How far a run of a workflow is, in Temporal's words; everything that is not closed counts as running. */
export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' | 'TIMED_OUT';
export type ClosedStatus = Exclude<RunStatus, 'RUNNING'>;

/** The newest run of a job's workflow, as Temporal knows it; where one run of a job is open, it is this one. */
export interface JobRun {
  readonly runId: string;
  /** First run of this one's chain: what its machine jobs are tagged with. Null where the server does not tell. */
  readonly firstRunId: string | null;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly closedAtMs: number | null;
  /** Search attribute JobState. */
  readonly state: string | null;
  /** Events so far: more where anything has happened but a heartbeat. */
  readonly historyLength: number;
  /** An activity other than a watch is under way: what is stored of the job may be changing before its history tells. */
  readonly mayBeWriting: boolean;
  /** The last heartbeat of each watch; several where parts of a scene are worked on at once. */
  readonly heartbeats: readonly WatchHeartbeat[];
  /** Why the last try of a call that is tried again failed, where that is a failure of the table; else null. */
  readonly obstacle: Pick<Failure, 'code' | 'message'> | null;
}

/** Events of a run that no worker has taken up: it was started, and its first task is scheduled. */
export const EVENTS_BEFORE_A_WORKER = 2;

/**
 * Whether a run was made by a reset (`temporal workflow reset`): it began with a part of what an earlier run had done,
 * and wrote nothing of that again. The only other chains are those of jobs that moved to another version of the workers
 * while they waited, whose runs write their record first.
 */
const isReset = ({ runId, firstRunId }: JobRun): boolean => firstRunId !== null && firstRunId !== runId;

/**
 * Whether a job's record is what an earlier run left, and its open run, a reset, has not written its own yet. That may
 * take hours, and be before or behind what the record says: only the run knows.
 */
export const isBeforeReset = ({ updatedAtMs }: Pick<JobRecord, 'updatedAtMs'>, run: JobRun | null): run is JobRun =>
  run?.status === 'RUNNING' && isReset(run) && updatedAtMs < run.startedAtMs;

/** The record that a reset run has in memory, as one that was written after the reset. */
export const afterReset = (record: JobRecord, { startedAtMs }: Pick<JobRun, 'startedAtMs'>): JobRecord => ({
  ...record,
  updatedAtMs: Math.max(record.updatedAtMs, startedAtMs),
});

/** A run as Temporal's visibility lists it; the last three are search attributes. */
export interface ListedRun {
  readonly jobId: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly state: string | null;
  readonly stage: string | null;
  readonly preset: string | null;
}

/** The state of a job whose run closed without writing its record. */
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

/** Why such a run failed, as far as its status tells; null where it did not fail. */
export function endedFromOutside(status: RunStatus): Failure | null {
  if (status === 'TERMINATED')
    return failure('STOPPED_FROM_OUTSIDE', 'the workflow was terminated before the job was done');
  if (status === 'FAILED' || status === 'TIMED_OUT')
    return failure('INTERNAL_ERROR', 'the workflow ended before it could write down why');
  return null;
}
