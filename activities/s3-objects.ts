import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from '../contracts/storage/location';

/** One object of a listing. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

/** All objects below a prefix, however many pages that takes. */
export async function* listObjects(
  s3: S3Client,
  folder: S3Location,
  abortSignal: AbortSignal,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: folder.bucket, Prefix: folder.key, ContinuationToken: token }),
      { abortSignal },
    );
    for (const { Key, Size, ETag } of page.Contents ?? [])
      if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, etag: ETag ?? '' };
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** Bytes of an object; `range` as in HTTP (`bytes=0-99`, `bytes=-100`). */
export async function readObject(
  s3: S3Client,
  object: S3Location,
  abortSignal: AbortSignal,
  range?: string,
): Promise<Buffer> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key, Range: range }), {
    abortSignal,
  });
  return answer.Body === undefined ? Buffer.alloc(0) : Buffer.from(await answer.Body.transformToByteArray());
}

const NOT_THERE = new Set(['NoSuchKey', 'NoSuchBucket', 'NotFound']);

export const isNotThere = (error: unknown): boolean => error instanceof Error && NOT_THERE.has(error.name);
