import { UnreadableBatchError, type BatchStore } from '../../platform/batch-store';
import type { Logger } from '../../platform/logger';
import type { Storage } from '../storage/storage';

export interface SweepBatchesDeps {
  readonly batches: Pick<BatchStore, 'ids' | 'read'>;
  readonly storage: Pick<Storage, 'batches'>;
  readonly logger: Logger;
}

/** Takes in the batches of the storage that the list lacks. One that this version cannot read is logged and skipped. */
export async function sweepBatches({ batches, storage, logger }: SweepBatchesDeps, signal: AbortSignal): Promise<void> {
  for await (const page of batches.ids(signal))
    for (const batchId of await storage.batches.lacking(page)) {
      const record = await batches.read(batchId, signal).catch((error: unknown) => {
        if (!(error instanceof UnreadableBatchError)) throw error;
        logger.warn({ err: error, batchId }, 'a batch is missing in lists');
        return null;
      });
      if (record !== null) await storage.batches.add([record]);
    }
}
