import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { layout } from '../contracts/storage/layout';
import { UsageError } from './command-line';

const ARCHIVE = /\.(zip|tar|tar\.gz|tgz)$/i;
const FILES_AT_ONCE = 4;
const TENANT = 'local';

interface LocalFile {
  readonly file: string;
  readonly key: string;
  readonly bytes: number;
}

export interface UploadProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
}

/**
 * Uploads a folder with all files in it, or one archive, and returns its `s3://` address for a start request. What of it
 * are photos is not decided here. Throws UsageError where `source` is neither.
 */
export async function uploadPhotos(
  s3: S3Client,
  bucket: string,
  source: string,
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<string> {
  const folder = layout.uploadFolder(TENANT, randomUUID());
  const found = await stat(source).catch(() => null);
  if (found === null) throw new UsageError(`there is no ${source}`);
  const isArchive = found.isFile();
  if (isArchive && !ARCHIVE.test(source))
    throw new UsageError(`${source} is neither a folder nor an archive (.zip, .tar, .tar.gz)`);
  const files = isArchive
    ? [{ file: source, key: `${folder}${path.basename(source)}`, bytes: found.size }]
    : await filesBelow(source, folder);

  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let filesDone = 0;
  let bytesDone = 0;
  const waiting = files.values();
  const uploadNext = async (): Promise<void> => {
    for (const { file, key, bytes: size } of waiting) {
      signal.throwIfAborted();
      await new Upload({ client: s3, params: { Bucket: bucket, Key: key, Body: createReadStream(file) } }).done();
      filesDone += 1;
      bytesDone += size;
      onProgress({ files: files.length, filesDone, bytes, bytesDone });
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, uploadNext));
  return `s3://${bucket}/${isArchive ? files[0]!.key : folder}`;
}

/** Hidden files are left out: they are the file manager's, not the drone's. */
async function filesBelow(root: string, keyPrefix: string): Promise<LocalFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(root, name);
      return { file, key: `${keyPrefix}${name.split(path.sep).join('/')}`, bytes: (await stat(file)).size };
    }),
  );
}
