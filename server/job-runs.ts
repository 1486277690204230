import type { JobRecord } from '../contracts/job-record';
import type { JobState } from '../contracts/job-state';
import type { CancelRequest, RetryRequest } from '../contracts/messages';
import type { WatchHeartbeat } from '../contracts/progress';

/** How far a run is, in Temporal's words. */
export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' | 'TIMED_OUT';

/** The newest run of a job's workflow, as Temporal's own record has it: no worker is asked. */
export interface JobRun {
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly closedAtMs: number | null;
  /** Search attribute JobState. */
  readonly state: string | null;
  /** What the watch of the SageMaker job said last. */
  readonly heartbeat: WatchHeartbeat | null;
}

export interface ListedRun {
  readonly jobId: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly state: string | null;
  readonly stage: string | null;
  readonly preset: string | null;
}

/**
 * - `accepted`  the workflow has taken it
 * - `delivered` no worker answered in time: it lies in the workflow's history and is taken as soon as one does
 * - `rejected`  the workflow said no
 * - `ended`     there is no open run
 */
export type Delivery = { readonly kind: 'accepted' | 'delivered' | 'ended' } | { readonly kind: 'rejected'; readonly message: string };

/** What the server asks of Temporal. Every call throws when Temporal does not answer. */
export interface JobRuns {
  /** Starts a new job's workflow; harmless when it was started before, whether or not it has ended. */
  start(record: JobRecord): Promise<void>;
  /** Starts another run of an ended job; false when one is open. */
  startAgain(record: JobRecord): Promise<boolean>;
  /** Null when Temporal does not know the workflow, or not any more. */
  describe(jobId: string): Promise<JobRun | null>;
  /** The newest jobs of this deployment; `state` is a search attribute's value. */
  list(filter: { readonly state?: JobState; readonly limit: number }): Promise<ListedRun[]>;
  cancel(jobId: string, request: CancelRequest): Promise<Delivery>;
  retry(jobId: string, request: RetryRequest): Promise<Delivery>;
  /** Throws when Temporal does not answer before `deadlineMs` (milliseconds since 1970). */
  check(deadlineMs: number): Promise<void>;
}
