import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { BATCH_RECORD, type BatchRecord } from '../contracts/batch/record-schema';
import { JOB_ID_PATTERN } from '../contracts/machines/names';
import { layout } from '../contracts/storage/layout';
import { changeJson, readJson, unlessChanged, until, writeJson } from './s3-objects';

/** The one way to the records of batches. */
export interface BatchStore {
  /** Writes a new batch's record unless one is there; false when the id is taken. */
  claim(record: BatchRecord, signal?: AbortSignal): Promise<boolean>;
  /** Null when there is none. Throws UnreadableBatchError. */
  read(batchId: string, signal?: AbortSignal): Promise<BatchRecord | null>;
  /** Writes what `change` makes of the record, whatever else changes it meanwhile; null when there is none. */
  change(
    batchId: string,
    change: (record: BatchRecord) => BatchRecord,
    signal?: AbortSignal,
  ): Promise<BatchRecord | null>;
  /** Ids of all batches, a page at a time. */
  ids(signal?: AbortSignal): AsyncIterable<readonly string[]>;
}

/** A `batch.json` that this version cannot work with. */
export class UnreadableBatchError extends Error {
  constructor(batchId: string, problem: string, options?: ErrorOptions) {
    super(`the record of batch ${batchId} cannot be read: ${problem}`, options);
  }
}

/** Records as `batches/<id>/batch.json` in the deployment's bucket; whoever writes says which version was read. */
export function createBatchStore({ s3, bucket }: { readonly s3: S3Client; readonly bucket: string }): BatchStore {
  const place = (batchId: string): { bucket: string; key: string } => ({ bucket, key: layout.batch(batchId) });

  return {
    claim: async (record, signal) =>
      (await unlessChanged(writeJson(s3, place(record.batchId), record, signal, { IfNoneMatch: '*' }))) !== null,

    async read(batchId, signal) {
      const found = await readJson(s3, place(batchId), signal).catch(notJson(batchId));
      return found === null ? null : parsed(batchId, found.value);
    },

    change: (batchId, change, signal) =>
      changeJson(
        s3,
        place(batchId),
        (stored) => (stored === null ? null : change(parsed(batchId, stored))),
        signal,
      ).catch(notJson(batchId)),

    async *ids(signal) {
      const folders = { Bucket: bucket, Prefix: layout.batchesPrefix, Delimiter: '/' };
      for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: s3 }, folders, until(signal)))
        yield CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(layout.batchesPrefix.length, -1)).filter((id) =>
          JOB_ID_PATTERN.test(id),
        );
    },
  };
}

/** Throws UnreadableBatchError. */
function parsed(batchId: string, stored: unknown): BatchRecord {
  const { error } = BATCH_RECORD.safeParse(stored);
  if (error === undefined) return stored as BatchRecord;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnreadableBatchError(batchId, problems.slice(0, 3).join('; '));
}

/** Throws UnreadableBatchError for what is no JSON, and any other error as it is. */
const notJson =
  (batchId: string) =>
  (error: unknown): never => {
    throw error instanceof SyntaxError ? new UnreadableBatchError(batchId, 'it is not JSON', { cause: error }) : error;
  };
