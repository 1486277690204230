import type { Member } from '../../contracts/batch/member';
import type { BatchRecord } from '../../contracts/batch/record';
import type { Policy } from '../../contracts/job/policy';

/** Input of the workflow `batch`, whose id is `batch-<batchId>`. What is asked for is in the batch's record alone. */
export interface BatchInput {
  readonly deployment: string;
  readonly policy: Policy;
  /** Base of the links in mails, without a slash at the end. */
  readonly publicUrl: string;
  readonly batchId: string;
  /** Most jobs that work at the same time. */
  readonly concurrency: number;
  /** What the run before knew, where this one continues it. */
  readonly carried?: Carried;
}

/** A member, and whether it is to be started: for the first time or again. */
export interface PlannedMember extends Member {
  readonly plan: 'start' | 'again' | null;
}

export interface Carried {
  readonly members: readonly PlannedMember[];
  readonly cancelled: BatchRecord['cancelled'];
  /** For what the last summary was: jobs that wait for a person, or the end. */
  readonly told: 'waiting' | 'end' | null;
  /** A job has worked since. */
  readonly hasWorked: boolean;
}
