import type { AcceptedBatchMessage } from '../../contracts/batch/view-schema';
import type { CancelRequest } from '../../contracts/messages/signals';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { ReadBatches } from './read';
import type { BatchRuns } from './runs';

/** What a person may tell a batch. Throws Problem with the reason where it cannot be followed. */
export interface TellBatch {
  /** Nothing more is started, and what has not ended is cancelled. */
  cancel(caller: Caller, batchId: string, request: CancelRequest): Promise<AcceptedBatchMessage>;
  /** What has failed, is parked, was cancelled or never started is started again. */
  retry(caller: Caller, batchId: string): Promise<AcceptedBatchMessage>;
}

export interface TellBatchDeps {
  readonly read: ReadBatches;
  readonly runs: BatchRuns;
  /** Throws BUDGET_EXHAUSTED. */
  readonly refuseExhausted: (caller: Caller) => Promise<void>;
}

export function createTellBatch({ read, runs, refuseExhausted }: TellBatchDeps): TellBatch {
  return {
    async cancel(caller, batchId, request) {
      const { endedAtMs } = await read.record(caller, batchId);
      if (endedAtMs !== null || !(await reached('Temporal', runs.cancel(batchId, request))))
        throw new Problem('BATCH_ENDED', `batch ${batchId} has ended: there is nothing to cancel`);
      return { batchId, state: 'cancelling' };
    },

    async retry(caller, batchId) {
      const batch = await read.record(caller, batchId);
      const isOpen = await reached('Temporal', runs.isOpen(batchId));
      if (batch.cancelled !== null && batch.endedAtMs === null && isOpen)
        throw new Problem('BATCH_CANCELLING', `batch ${batchId} is being cancelled; retry it once its jobs have ended`);
      const { counts } = await read.get(caller, batchId);
      if (counts.succeeded === batch.members.length)
        throw new Problem('NOTHING_TO_RETRY', `every job of batch ${batchId} has succeeded`);
      await refuseExhausted(caller);
      await reached('Temporal', runs.retry(batch));
      return { batchId, state: 'running' };
    },
  };
}
