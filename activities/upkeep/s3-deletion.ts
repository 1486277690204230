import { DeleteObjectsCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';

/** The deployment's bucket. */
export interface BucketDeps {
  readonly s3: S3Client;
  readonly bucket: string;
}

/**
 * Deletes everything below a folder of our bucket, except the keys of `except`; returns how many objects that were.
 * Safe to repeat: a repeat deletes what is left. Throws RangeError unless the key ends in a slash, since an S3 prefix
 * without one also covers its neighbours.
 */
export async function deleteFolder(
  deps: BucketDeps,
  folder: string,
  abortSignal: AbortSignal,
  except: readonly string[] = [],
): Promise<number> {
  if (!/^[^/]+\/[^/]+\/(.*\/)?$/.test(folder)) throw new RangeError(`not a folder of a job or an upload: ${folder}`);
  let deleted = 0;
  const request = { Bucket: deps.bucket, Prefix: folder };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: deps.s3 }, request, { abortSignal })) {
    // A page has up to 1000 keys, as a DeleteObjects call may.
    const keys = Contents.map(({ Key = '' }) => Key).filter((key) => !except.includes(key));
    if (keys.length > 0) await deleteKeys(deps, keys, abortSignal);
    deleted += keys.length;
  }
  return deleted;
}

/** Deletes up to 1000 objects; a key that is not there is no error. */
export async function deleteKeys(
  { s3, bucket }: BucketDeps,
  keys: readonly string[],
  abortSignal: AbortSignal,
): Promise<void> {
  const { Errors = [] } = await s3.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }),
    { abortSignal },
  );
  const [first] = Errors;
  if (first !== undefined)
    throw new Error(`S3 refused to delete ${Errors.length} objects, the first with ${first.Code ?? 'no code'}`);
}
