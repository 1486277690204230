import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as attachment } from 'content-disposition';
import { z } from 'zod';
import { CHANNELS, JOB_EVENTS, type KeptDelivery } from '../../contracts/messages/notifications';
import { layout, mediaTypeOf, type PublishedFile, type ResultFile } from '../../contracts/storage/layout';
import { isNotThere, readJson } from '../../platform/s3-objects';
import type { FileHead } from '../files/file-head';

/** How long a signed link may be used to begin a download. */
const LINK_SECONDS = 300;
/** A job has a handful of events, each with a mail and a webhook. */
const MAX_DELIVERIES = 100;
const MAX_DELIVERY_BYTES = 64 * 1024;

/** Files of a job, other than its record, as the server reads them. */
export interface JobStore {
  /** How the job's mails and webhooks went, oldest first; objects that are not delivery records are skipped. */
  deliveries(jobId: string): Promise<readonly KeptDelivery[]>;
  /** A JSON file of the result folder; null when it is not there. */
  readResultJson(jobId: string, file: ResultFile): Promise<unknown>;
  /**
   * A link that a browser may open for the next five minutes: shown in place, or saved as `saveAs`.
   * @param folder of the job; the result folder, if not another one
   */
  link(jobId: string, file: PublishedFile, saveAs: string | null, folder?: string): Promise<string>;
  /** A link under which a file of this type that is not published is shown for the next five minutes. */
  shownLink(key: string, mediaType: string): Promise<string>;
  /** What such a link answers with, but for the file itself; null when it is not there. */
  head(jobId: string, file: PublishedFile, saveAs: string | null, folder?: string): Promise<FileHead | null>;
  /** Of a file that is not published; null when it is not there. */
  shownHead(key: string, mediaType: string): Promise<FileHead | null>;
  /** Throws when the bucket does not answer. */
  check(signal: AbortSignal): Promise<void>;
}

const deliveryRecord = z.object({
  eventId: z.string(),
  event: z.enum(JOB_EVENTS),
  channel: z.enum(CHANNELS),
  status: z.enum(['delivered', 'rejected', 'expired', 'returned']),
  detail: z.string().nullable(),
  at: z.iso.datetime({ offset: true }),
}) satisfies z.ZodType<KeptDelivery>;

/** @param signing client for the endpoint that browsers reach */
export function createJobStore({ s3, signing, bucket }: { s3: S3Client; signing: S3Client; bucket: string }): JobStore {
  /** Null also where the object is not a delivery record: it never stands in the way of the others. */
  const readDelivery = async (key: string): Promise<KeptDelivery | null> => {
    try {
      return deliveryRecord.safeParse((await readJson(s3, { bucket, key }))?.value).data ?? null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  };

  const signed = (key: string, mediaType: string, saveAs: string | null): Promise<string> =>
    getSignedUrl(
      signing,
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentType: mediaType,
        ResponseContentDisposition: disposition(saveAs),
      }),
      { expiresIn: LINK_SECONDS },
    );

  const headOf = async (key: string, mediaType: string, saveAs: string | null): Promise<FileHead | null> => {
    try {
      const found = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return {
        bytes: found.ContentLength ?? 0,
        mediaType,
        disposition: disposition(saveAs),
        etag: found.ETag ?? '',
        modifiedAt: found.LastModified ?? new Date(0),
      };
    } catch (error) {
      if (isNotThere(error)) return null;
      throw error;
    }
  };

  return {
    async deliveries(jobId) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: layout.deliveriesFolder(jobId), MaxKeys: MAX_DELIVERIES }),
      );
      const found = await Promise.all(
        Contents.flatMap(({ Key, Size = 0 }) =>
          Key !== undefined && Size <= MAX_DELIVERY_BYTES ? [readDelivery(Key)] : [],
        ),
      );
      return found.filter((delivery) => delivery !== null).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    },

    readResultJson: async (jobId, file) =>
      (await readJson(s3, { bucket, key: layout.resultFolder(jobId) + file }))?.value ?? null,

    link: (jobId, file, saveAs, folder = layout.resultFolder(jobId)) =>
      signed(folder + file, mediaTypeOf(file), saveAs),
    shownLink: (key, mediaType) => signed(key, mediaType, null),
    head: (jobId, file, saveAs, folder = layout.resultFolder(jobId)) =>
      headOf(folder + file, mediaTypeOf(file), saveAs),
    shownHead: (key, mediaType) => headOf(key, mediaType, null),

    async check(signal) {
      await s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
    },
  };
}

/** RFC 6266: names beyond ASCII as RFC 8187 writes them. */
export const disposition = (saveAs: string | null): string =>
  saveAs === null ? 'inline' : attachment(saveAs.replace(/\p{Cc}/gu, ''));
