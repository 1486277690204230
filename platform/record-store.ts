import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { JobRecord } from '../contracts/job/record';
import { RECORD } from '../contracts/job/record-schema';
import { completeRecord } from '../contracts/job/stored-record';
import { JOB_ID_PATTERN } from '../contracts/machines/names';
import { layout } from '../contracts/storage/layout';
import { readJson, unlessChanged, until, writeJson } from './s3-objects';

/** A record as it was read, with what tells whether it has changed since. */
export interface StoredRecord {
  readonly record: JobRecord;
  readonly version: string;
}

/** The one way to the records of jobs. */
export interface RecordStore {
  /** Writes a new job's record unless one is there; false when the id is taken. */
  claim(record: JobRecord, signal?: AbortSignal): Promise<boolean>;
  /** The record of a job, complete whatever version wrote it; null when there is none. Throws UnreadableRecordError. */
  read(jobId: string, signal?: AbortSignal): Promise<StoredRecord | null>;
  /** Writes `next` over the record that was read; null, and nothing is written, when it has changed since. */
  replace(read: StoredRecord, next: JobRecord, signal?: AbortSignal): Promise<StoredRecord | null>;
  /** Writes a record over whatever is there: for the job's own workflow, while its run is open. */
  save(record: JobRecord, signal?: AbortSignal): Promise<void>;
  /** Ids of all jobs in order, after `lastJobId`, a page at a time. */
  jobIds(lastJobId: string | null, signal?: AbortSignal): AsyncIterable<readonly string[]>;
}

/** A `job.json` that this version cannot work with; the message names the job and the fields. */
export class UnreadableRecordError extends Error {
  constructor(jobId: string, problems: string, options?: ErrorOptions) {
    super(`the record of job ${jobId} cannot be read: ${problems}`, options);
  }
}

/**
 * The record that a `job.json` holds, whatever version wrote it. Unknown fields are a newer version's and are kept:
 * upkeep rewrites records without losing them. Throws UnreadableRecordError.
 */
export function parseRecord(jobId: string, stored: unknown): JobRecord {
  let record = stored;
  try {
    record = completeRecord(stored as JobRecord);
  } catch {
    // It has too little of a record to be completed: the schema names what is missing.
  }
  const { error } = RECORD.safeParse(record);
  if (error === undefined) return record as JobRecord;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UnreadableRecordError(jobId, problems.slice(0, 3).join('; '));
}

/** Records as `jobs/<id>/job.json` in the deployment's bucket; versions are ETags. */
export function createRecordStore({ s3, bucket }: { readonly s3: S3Client; readonly bucket: string }): RecordStore {
  const place = (jobId: string): { bucket: string; key: string } => ({ bucket, key: layout.record(jobId) });

  return {
    claim: async (record, signal) =>
      (await unlessChanged(writeJson(s3, place(record.jobId), record, signal, { IfNoneMatch: '*' }))) !== null,

    async read(jobId, signal) {
      const stored = await readJson(s3, place(jobId), signal).catch((error: unknown) => {
        throw error instanceof SyntaxError
          ? new UnreadableRecordError(jobId, 'it is not JSON', { cause: error })
          : error;
      });
      if (stored === null) return null;
      const record = parseRecord(jobId, stored.value);
      return record.jobId === jobId ? { record, version: stored.etag } : null;
    },

    async replace({ record: { jobId }, version }, next, signal) {
      const etag = await unlessChanged(writeJson(s3, place(jobId), next, signal, { IfMatch: version }));
      return etag === null ? null : { record: next, version: etag };
    },

    async save(record, signal) {
      await writeJson(s3, place(record.jobId), record, signal);
    },

    async *jobIds(lastJobId, signal) {
      // `0` follows `/`: the first name behind everything in that job's folder.
      const StartAfter = lastJobId === null ? undefined : `${layout.jobsPrefix}${lastJobId}0`;
      const folders = { Bucket: bucket, Prefix: layout.jobsPrefix, Delimiter: '/', StartAfter };
      for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: s3 }, folders, until(signal)))
        yield CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(layout.jobsPrefix.length, -1)).filter((jobId) =>
          JOB_ID_PATTERN.test(jobId),
        );
    },
  };
}
