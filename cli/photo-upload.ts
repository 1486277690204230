import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { LOCAL_TENANT } from '../contracts/job/record';
import { saysDiskFull } from '../contracts/machines/disk-full';
import { layout } from '../contracts/storage/layout';
import { isArchive, s3Uri } from '../contracts/storage/location';
import { UsageError } from './command-line';

const FILES_AT_ONCE = 4;
const INSUFFICIENT_STORAGE = 507; // RFC 4918, section 11.5

interface LocalFile {
  readonly file: string;
  readonly key: string;
}

/**
 * Uploads a folder with all files in it, or one archive, and returns its `s3://` address for a start request. Which of
 * the files are photos is not decided here. Throws UsageError where `source` is neither.
 */
export async function uploadPhotos(
  s3: S3Client,
  bucket: string,
  source: string,
  signal: AbortSignal,
  onFile: (filesDone: number, files: number) => void = () => undefined,
): Promise<string> {
  const folder = layout.uploadFolder(LOCAL_TENANT, randomUUID());
  const found = await stat(source).catch(() => null);
  if (found === null) throw new UsageError(`there is no ${source}`);
  const key = found.isFile() ? `${folder}${path.basename(source)}` : folder;
  if (found.isFile() && !isArchive({ bucket, key }))
    throw new UsageError(`${source} is neither a folder nor an archive (.zip, .tar, .tar.gz)`);
  const files = found.isFile() ? [{ file: source, key }] : await filesBelow(source, folder);

  let filesDone = 0;
  const waiting = files.values();
  const uploadNext = async (): Promise<void> => {
    for (const file of waiting) {
      signal.throwIfAborted();
      const params = { Bucket: bucket, Key: file.key, Body: createReadStream(file.file) };
      await new Upload({ client: s3, params }).done().catch((error: unknown) => {
        if (!isDiskFull(error)) throw error;
        const uploaded = `${filesDone} of ${files.length} files were uploaded`;
        throw new UsageError(`the disk of this machine is full (${uploaded}): free space, then start again`);
      });
      filesDone += 1;
      onFile(filesDone, files.length);
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, uploadNext));
  return s3Uri({ bucket, key });
}

/** What local/s3 answers when it has no room for an object. */
function isDiskFull(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === INSUFFICIENT_STORAGE || saysDiskFull(String(error));
}

/** All files but hidden ones, which are the file manager's and not the drone's. */
async function filesBelow(root: string, keyPrefix: string): Promise<LocalFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')))
    .sort()
    .map((name) => ({ file: path.join(root, name), key: `${keyPrefix}${name.split(path.sep).join('/')}` }));
}
