import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Leftover, StoredRecord } from './evidence';

/** All records of a bucket, by job id. */
export async function recordsIn(s3: S3Client, bucket: string): Promise<Map<string, StoredRecord>> {
  const texts = await fileOfEachJob(s3, bucket, 'job.json');
  return new Map(Array.from(texts, ([jobId, text]) => [jobId, JSON.parse(text) as StoredRecord]));
}

/** What published scenes begin with, by job id: the program that made one writes into it which it was. */
export const scenesIn = (s3: S3Client, bucket: string): Promise<Map<string, string>> =>
  fileOfEachJob(s3, bucket, 'result/scene.sog');

async function fileOfEachJob(s3: S3Client, bucket: string, file: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const key of await keysBelow(s3, bucket, 'jobs/')) {
    const jobId = jobIdOfKey(key);
    if (jobId === null || key !== `jobs/${jobId}/${file}`) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    texts.set(jobId, (await Body?.transformToString()) ?? '');
  }
  return texts;
}

/** Multipart uploads that nobody completed or aborted, and files that only a transfer makes. */
export async function unfinishedIn(s3: S3Client, bucket: string): Promise<Leftover[]> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  const partial = (await keysBelow(s3, bucket, '')).filter((key) => /\.(tmp|part|partial)$/.test(key));
  return [
    ...Uploads.map(({ Key = '', UploadId = '' }) => ({
      jobId: jobIdOfKey(Key),
      what: `the multipart upload ${UploadId} of ${Key} was neither completed nor aborted`,
    })),
    ...partial.map((key) => ({ jobId: jobIdOfKey(key), what: `the temporary object ${key} is left in S3` })),
  ];
}

async function keysBelow(client: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
    keys.push(...Contents.map(({ Key = '' }) => Key));
  return keys;
}

const jobIdOfKey = (key: string): string | null => /^jobs\/([^/]+)\//.exec(key)?.[1] ?? null;
