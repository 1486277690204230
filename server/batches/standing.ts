import type { BatchRecord } from '../../contracts/batch/record';
import { MEMBER_STATES, type BatchCounts, type BatchState } from '../../contracts/batch/view-schema';
import { isFinal, JOB_STATES } from '../../contracts/job/state';
import type { BatchTally } from '../storage/jobs/batch-index';

/** What decides how a batch stands, of its record. */
export type BatchSituation = Pick<BatchRecord, 'cancelled' | 'endedAtMs'>;

/** Members by state, those that are no jobs as `pending`. */
export function countsOf(members: number, tallies: readonly Omit<BatchTally, 'batchId' | 'costUsd'>[]): BatchCounts {
  const counts = Object.fromEntries(MEMBER_STATES.map((state) => [state, 0])) as {
    -readonly [S in keyof BatchCounts]: number;
  };
  for (const { state, jobs } of tallies) counts[state] += jobs;
  counts.pending = Math.max(0, members - JOB_STATES.reduce((sum, state) => sum + counts[state], 0));
  return counts;
}

/** Whether the counts tell by themselves that every member is a job that has ended. */
export const isAllOver = (counts: BatchCounts): boolean =>
  MEMBER_STATES.every((state) => isOverIn(state) || counts[state] === 0);
const isOverIn = (state: keyof BatchCounts): boolean => state !== 'pending' && isFinal(state);

/** Whether what is no job will be none, until a retry. */
export const isNeverStarted = ({ cancelled, endedAtMs }: BatchSituation): boolean =>
  cancelled !== null || endedAtMs !== null;

/**
 * The counts as people see them, and the state that follows. Jobs tell it rather than the batch: one that was retried
 * by itself makes a batch run that had ended.
 */
export function standing(
  counted: BatchCounts,
  situation: BatchSituation,
): { readonly state: BatchState; readonly counts: BatchCounts } {
  const counts = isNeverStarted(situation)
    ? { ...counted, pending: 0, cancelled: counted.cancelled + counted.pending }
    : counted;
  return { counts, state: stateOf(counts, situation) };
}

function stateOf(counts: BatchCounts, { cancelled, endedAtMs }: BatchSituation): BatchState {
  if (isAllOver(counts)) return 'ended';
  if (cancelled !== null && endedAtMs === null) return 'cancelling';
  const working = counts.pending + counts.queued + counts.running + counts.cancelling;
  return working > 0 ? 'running' : 'waiting';
}
