import {
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { JobRecord } from '../../contracts/job/record';
import type { DeliveryRecord } from '../../contracts/messages/notifications';
import { layout, RESULT_FILES, type ResultFile } from '../../contracts/storage/layout';
import { completeRecord } from '../../contracts/job/stored-record';
import { parseDeliveries } from './stored-deliveries';

/** How long a signed link may be used to begin a download. */
const LINK_SECONDS = 300;
/** `cameras.json` has some 500 bytes a photo; what is larger than this is not one. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;
/** A job has a handful of events, each with a mail and a webhook. */
const MAX_DELIVERIES = 100;
const MAX_DELIVERY_BYTES = 64 * 1024;
const PRECONDITION_FAILED = 412;
const CONFLICT = 409; // another conditional write of this key is under way

/** What the server reads and writes of a job's folder. */
export interface JobStore {
  /** Writes a new job's record unless one is there; false when the id is taken. */
  claim(record: JobRecord): Promise<boolean>;
  /** Null when there is no such job. */
  read(jobId: string): Promise<JobRecord | null>;
  /** How the job's mails and webhooks went, oldest first; what is not readable as that is left out. */
  deliveries(jobId: string): Promise<readonly DeliveryRecord[]>;
  /** A JSON file of the result folder; null when it is not there. */
  readResultJson(jobId: string, file: ResultFile): Promise<unknown>;
  /** A link that a browser may open for the next five minutes: shown in place, or saved as `saveAs`. */
  link(jobId: string, file: ResultFile, saveAs: string | null): Promise<string>;
  /** Throws when the bucket does not answer. */
  check(signal: AbortSignal): Promise<void>;
}

function skipUnreadable(error: unknown): null {
  if (error instanceof SyntaxError) return null;
  throw error;
}

/** @param signing client for the endpoint that browsers reach */
export function createJobStore({ s3, signing, bucket }: { s3: S3Client; signing: S3Client; bucket: string }): JobStore {
  const readJson = async (key: string): Promise<unknown> => {
    try {
      const { Body, ContentLength } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (Body === undefined) return null;
      if ((ContentLength ?? 0) > MAX_JSON_BYTES) {
        (Body as NodeJS.ReadableStream & { destroy(): void }).destroy();
        throw new RangeError(`${key} has ${ContentLength} bytes, more than JSON of ours ever has`);
      }
      return JSON.parse(await Body.transformToString()) as unknown;
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  };

  return {
    async claim(record) {
      try {
        await s3.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: layout.record(record.jobId),
            Body: JSON.stringify(record, null, 2),
            ContentType: 'application/json',
            IfNoneMatch: '*',
          }),
        );
        return true;
      } catch (error) {
        const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
        if (status === PRECONDITION_FAILED || status === CONFLICT) return false;
        throw error;
      }
    },

    async read(jobId) {
      const stored = (await readJson(layout.record(jobId))) as JobRecord | null;
      return stored === null ? null : completeRecord(stored);
    },

    async deliveries(jobId) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: layout.deliveriesFolder(jobId), MaxKeys: MAX_DELIVERIES }),
      );
      const found = await Promise.all(
        Contents.flatMap(({ Key, Size = 0 }) =>
          Key !== undefined && Size <= MAX_DELIVERY_BYTES ? [readJson(Key).catch(skipUnreadable)] : [],
        ),
      );
      return parseDeliveries(found);
    },

    readResultJson: (jobId, file) => readJson(layout.resultFolder(jobId) + file),

    link: (jobId, file, saveAs) =>
      getSignedUrl(
        signing,
        new GetObjectCommand({
          Bucket: bucket,
          Key: layout.resultFolder(jobId) + file,
          ResponseContentType: RESULT_FILES[file],
          ResponseContentDisposition: saveAs === null ? 'inline' : `attachment; filename="${saveAs}"`,
        }),
        { expiresIn: LINK_SECONDS },
      ),

    async check(signal) {
      await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    },
  };
}
