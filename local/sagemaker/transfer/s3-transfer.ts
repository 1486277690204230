import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { s3Uri, type S3Location } from '../../../contracts/storage/location';

interface S3ObjectInfo {
  key: string;
  size: number;
}

/** The body of a download may break off half-way, which the SDK does not retry. */
const DOWNLOAD_ATTEMPTS = 3;

const address = ({ bucket, key }: S3Location): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: key });

/** Every object whose key begins with the location's key, in key order. */
export async function listObjects(
  s3: S3Client,
  { bucket, key }: S3Location,
  signal: AbortSignal,
): Promise<S3ObjectInfo[]> {
  const objects: S3ObjectInfo[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: key }, { abortSignal: signal });
  for await (const page of pages) {
    for (const { Key: name = '', Size = 0 } of page.Contents ?? []) objects.push({ key: name, size: Size });
  }
  return objects;
}

/** Writes an object to a file, which exists only when all of it has arrived. Makes the folders above. */
export async function downloadObject(
  s3: S3Client,
  source: S3Location,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  // Not made from the file's own name, which may be as long as a name can be.
  const partial = path.join(folder, `.${randomUUID()}.partial`);
  for (let attempt = 1; ; attempt += 1) {
    const { Body, ContentLength } = await s3.send(new GetObjectCommand(address(source)), { abortSignal: signal });
    try {
      const output = createWriteStream(partial);
      await pipeline(Body as Readable, output, { signal });
      if (output.bytesWritten !== ContentLength)
        throw new Error(`${s3Uri(source)} broke off after ${output.bytesWritten} bytes`);
      await rename(partial, file);
      return;
    } catch (error) {
      await rm(partial, { force: true });
      if (signal.aborted || attempt === DOWNLOAD_ATTEMPTS) throw error;
    }
  }
}

/** Reads a small object, such as a manifest, into memory. */
export async function readObject(s3: S3Client, source: S3Location, signal: AbortSignal): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(address(source)), { abortSignal: signal });
  return (await Body?.transformToString('utf8')) ?? '';
}

export function uploadFile(s3: S3Client, file: string, target: S3Location, signal: AbortSignal): Promise<void> {
  return uploadStream(s3, createReadStream(file), target, signal);
}

/** Uploads a stream of unknown length, in parts where it is long. Destroys the stream when the upload ends early. */
export async function uploadStream(
  s3: S3Client,
  body: Readable,
  target: S3Location,
  signal: AbortSignal,
): Promise<void> {
  const upload = new Upload({
    client: s3,
    params: { ...address(target), Body: body },
    partSize: 8 * 1024 * 1024,
    queueSize: 2,
  });
  const abort = (): void => void upload.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    await upload.done();
  } finally {
    signal.removeEventListener('abort', abort);
    body.destroy();
  }
}

export async function deleteObject(s3: S3Client, target: S3Location, signal: AbortSignal): Promise<void> {
  await s3.send(new DeleteObjectCommand(address(target)), { abortSignal: signal });
}

/**
 * Runs the task over all items, at most `limit` at a time. The first error ends it, after those under way have ended.
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  // An error in one lane closes the generator, so that the others end after their present item.
  const queue = (function* () {
    yield* items;
  })();
  const lane = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, lane));
  const broken = lanes.find((result) => result.status === 'rejected');
  if (broken) throw broken.reason;
}
