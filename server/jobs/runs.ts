import type { JobRecord } from '../../contracts/job/record';
import type { JobState } from '../../contracts/job/state';
import type { SignalName } from '../../contracts/messages/signals';
import type { JobRun, ListedRun } from '../../contracts/job/run';

/**
 * - `accepted`  the workflow has taken it, and says what state follows
 * - `delivered` no worker answered in time: it lies in the workflow's history and is taken as soon as one does
 * - `rejected`  the workflow said no
 * - `ended`     there is no open run
 */
export type Delivery =
  | { readonly kind: 'accepted'; readonly state: JobState | null }
  | { readonly kind: 'delivered' | 'ended' }
  | { readonly kind: 'rejected'; readonly message: string };

/** A run with the tenant whose job it is. */
export interface TenantRun extends ListedRun {
  readonly tenant: string;
}

/** The erasure of a job. */
export type ErasureRun = Pick<ListedRun, 'jobId' | 'startedAtMs' | 'status'>;

export interface RecentFilter {
  readonly endedAfterMs: number;
  readonly limit: number;
  /** Runs that are still queued, and were started before, are left out; none if not given. */
  readonly queuedAfterMs?: number;
}

/** What the server asks of Temporal. Every call throws when Temporal does not answer. */
export interface JobRuns {
  /** Starts a new job's workflow; the id of its run, or null, and nothing happens, when it has ended before. */
  start(record: JobRecord): Promise<string | null>;
  /** Starts another run of an ended job; false when one is open. */
  startAgain(record: JobRecord): Promise<boolean>;
  /** Null when Temporal does not know the workflow, or not any more. */
  describe(jobId: string): Promise<JobRun | null>;
  /** The record that the open run has in memory; null where no worker answers, or none is open. */
  record(jobId: string): Promise<JobRecord | null>;
  /** The newest run of each job, of any tenant, that is open or has ended since `endedAfterMs`. */
  recent(filter: RecentFilter): Promise<TenantRun[]>;
  /** Erasures of jobs, of any tenant, that are under way or have ended since `endedAfterMs`. */
  recentErasures(endedAfterMs: number): Promise<readonly ErasureRun[]>;
  /** Tells the open run something; the workflow decides whether it can be followed. */
  send(jobId: string, name: SignalName, payload: unknown): Promise<Delivery>;
  /** Starts the erasure of a job, or finds the one that is under way. */
  erase(record: JobRecord): Promise<void>;
  isErasing(jobId: string): Promise<boolean>;
  /** How many days Temporal keeps the history of an ended run. */
  retentionDays(): Promise<number>;
  /** Throws when Temporal does not answer before `deadlineMs` (milliseconds since 1970). */
  check(deadlineMs: number): Promise<void>;
}
