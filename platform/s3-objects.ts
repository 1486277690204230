import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { S3Location } from '../contracts/storage/location';

/** One object of a listing. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

/** Largest JSON of ours: a report or `cameras.json` has some 500 bytes a photo. */
const MAX_JSON_BYTES = 8 * 1024 * 1024;

/** The SDK's option for a signal; none where there is nothing to abort for. */
export const until = (abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal };

/** All objects below a prefix, however many pages that takes. */
export async function* listObjects(
  s3: S3Client,
  folder: S3Location,
  abortSignal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  // Keys may hold control characters, which XML cannot: they come percent-encoded.
  const input = { Bucket: folder.bucket, Prefix: folder.key, EncodingType: 'url' as const };
  for await (const { Contents = [], EncodingType } of paginateListObjectsV2({ client: s3 }, input, until(abortSignal)))
    for (const { Key, Size = 0, ETag = '' } of Contents)
      if (Key !== undefined) yield { key: EncodingType === 'url' ? decodedKey(Key) : Key, bytes: Size, etag: ETag };
}

/** As in a form: a blank may come as `+`, a plus never does. */
const decodedKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** Up to `limit` keys below a folder, in order, that come after a key, or after all that begin with a part of one. */
export async function keysAfter(
  { s3, bucket }: BucketDeps,
  folder: string,
  after: string,
  limit: number,
  abortSignal?: AbortSignal,
): Promise<{ readonly keys: readonly string[]; readonly isLast: boolean }> {
  const { Contents = [], IsTruncated = false } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: folder, StartAfter: after, MaxKeys: limit }),
    until(abortSignal),
  );
  return { keys: Contents.map(({ Key = '' }) => Key), isLast: !IsTruncated };
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

/** JSON of an object, with its ETag; null when there is no such object. Throws SyntaxError; above 8 MiB RangeError. */
export async function readJson(
  s3: S3Client,
  { bucket, key }: S3Location,
  abortSignal?: AbortSignal,
): Promise<{ readonly value: unknown; readonly etag: string } | null> {
  try {
    const { Body, ContentLength, ETag } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
      until(abortSignal),
    );
    if (Body === undefined) return null;
    if ((ContentLength ?? 0) > MAX_JSON_BYTES) {
      (Body as NodeJS.ReadableStream & { destroy(): void }).destroy();
      throw new RangeError(`${key} has ${ContentLength} bytes, more than JSON of ours ever has`);
    }
    return { value: JSON.parse(await Body.transformToString()) as unknown, etag: ETag ?? '' };
  } catch (error) {
    if (error instanceof NoSuchKey) return null;
    throw error;
  }
}

/** Writes a value as JSON, where `condition` allows it; returns its ETag. */
export async function writeJson(
  s3: S3Client,
  { bucket, key }: S3Location,
  value: unknown,
  abortSignal?: AbortSignal,
  condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> = {},
): Promise<string> {
  const { ETag } = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify(value, null, 1),
      ContentType: 'application/json',
      ...condition,
    }),
    until(abortSignal),
  );
  return ETag ?? '';
}

const CONFLICT = 409; // another conditional write of this key is under way
const PRECONDITION_FAILED = 412;

/** Null where S3's condition was not met, or where there is no object to replace. */
export async function unlessChanged<T>(written: Promise<T>): Promise<T | null> {
  try {
    return await written;
  } catch (error) {
    if (error instanceof NoSuchKey) return null;
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === CONFLICT || status === PRECONDITION_FAILED) return null;
    throw error;
  }
}

/** Changes that may come in between before one gives up. */
const MAX_ROUNDS = 20;

/**
 * Writes what `change` makes of a JSON object, and returns that; of two changes at once neither is lost. `change` is
 * given null where there is none, and is called again where the object has changed meanwhile; where it gives null
 * nothing is written. Throws as `readJson` does, and Error where the object changes all the time.
 */
export async function changeJson<T extends object | null>(
  s3: S3Client,
  place: S3Location,
  change: (stored: unknown) => T,
  abortSignal?: AbortSignal,
): Promise<T> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    abortSignal?.throwIfAborted();
    const stored = await readJson(s3, place, abortSignal);
    const next = change(stored?.value ?? null);
    if (next === null) return next;
    const condition = stored === null ? { IfNoneMatch: '*' } : { IfMatch: stored.etag };
    if ((await unlessChanged(writeJson(s3, place, next, abortSignal, condition))) !== null) return next;
  }
  throw new Error(`${place.key} changes all the time`);
}

const NOT_THERE = new Set(['NoSuchKey', 'NoSuchBucket', 'NotFound']);

export const isNotThere = (error: unknown): boolean => error instanceof Error && NOT_THERE.has(error.name);

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
  abortSignal?: AbortSignal,
  except: readonly string[] = [],
): Promise<number> {
  if (!/^[^/]+\/[^/]+\/(.*\/)?$/.test(folder)) throw new RangeError(`not a folder of a job or an upload: ${folder}`);
  let deleted = 0;
  const request = { Bucket: deps.bucket, Prefix: folder };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: deps.s3 }, request, until(abortSignal))) {
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
  abortSignal?: AbortSignal,
): Promise<void> {
  const { Errors = [] } = await s3.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }),
    until(abortSignal),
  );
  const [first] = Errors;
  if (first !== undefined)
    throw new Error(`S3 refused to delete ${Errors.length} objects, the first with ${first.Code ?? 'no code'}`);
}
