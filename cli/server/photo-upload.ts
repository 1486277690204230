import { randomUUID } from 'node:crypto';
import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { LOCAL_TENANT } from '../../contracts/job/record';
import { inOneLine } from '../../contracts/job/words';
import { isDiskFull } from '../../contracts/machines/disk-full';
import { layout } from '../../contracts/storage/layout';
import { isArchive, s3Uri } from '../../contracts/storage/location';
import { isPhoto } from '../../contracts/storage/upload-rules';
import { isUnwanted } from '../../contracts/storage/unwanted-files';
import { UsageError } from '../usage-error';
import { severalAtOnce } from './several-at-once';

const MAX_KEY_BYTES = 1024;

interface LocalFile {
  readonly file: string;
  /** Below the folder that is sent, with slashes. */
  readonly name: string;
}

/** What is to be sent: the files of a folder, or one archive. */
export interface LocalPhotos {
  readonly source: string;
  readonly kind: 'folder' | 'archive';
  readonly files: readonly LocalFile[];
  /** Thumbnails, hidden files and others that are not sent. */
  readonly leftOut: number;
}

/** Whether photos are in S3 already: every kind of address that a start request takes. Else it is a path. */
export const isAddress = (source: string): boolean => /^(s3:\/\/|https?:\/\/|arn:)/.test(source);

/**
 * Finds a folder's files, or one archive, before anything is started for them. Which of the files are photos is not
 * decided here: intake reads what is in them. Throws UsageError where `source` is neither, or holds nothing to send.
 */
export async function findPhotos(source: string): Promise<LocalPhotos> {
  const found = await stat(source).catch(() => null);
  if (found === null) throw new UsageError(`there is no ${source}`);
  if (found.isDirectory()) return await photosBelow(source);
  if (!found.isFile() || !isArchive({ key: source }))
    throw new UsageError(`${source} is neither a folder nor an archive (.zip, .tar, .tar.gz)`);
  if (found.size === 0) throw new UsageError(`${source} is empty: it has 0 bytes`);
  return { source, kind: 'archive', files: [{ file: source, name: path.basename(source) }], leftOut: 0 };
}

/** In a line, what is sent and what is not. */
export function sentence({ source, kind, files, leftOut }: LocalPhotos): string {
  if (kind === 'archive') return `Sending the archive ${source}`;
  const others = leftOut === 0 ? '' : `; ${leftOut} left out (${LEFT_OUT})`;
  const photos = files.filter(({ name }) => isPhoto(name)).length;
  const rest = files.length - photos;
  const sent = [photos > 0 && counted(photos, 'photo'), rest > 0 && counted(rest, photos > 0 ? 'other file' : 'file')];
  return `Sending ${sent.filter(Boolean).join(' and ')} of ${source}${others}`;
}

const counted = (count: number, what: string): string => (count === 1 ? `one ${what}` : `${count} ${what}s`);

const LEFT_OUT = 'thumbnails, hidden files and others that are no photos';

/**
 * Uploads them to a place of their own and returns its `s3://` address for a start request. The address ends in the name
 * of the folder or archive, which the job is called by. Throws UsageError.
 */
export async function uploadPhotos(
  s3: S3Client,
  bucket: string,
  { source, kind, files }: LocalPhotos,
  signal: AbortSignal,
  onFile: (filesDone: number, files: number) => void = () => undefined,
): Promise<string> {
  const name = kind === 'folder' ? inOneLine(path.basename(path.resolve(source))) : '';
  const folder = layout.uploadFolder(LOCAL_TENANT, randomUUID()) + (name === '' ? '' : `${name}/`);
  const tooLong = files.find(({ name }) => Buffer.byteLength(folder + name) > MAX_KEY_BYTES);
  if (tooLong !== undefined)
    throw new UsageError(`the path of ${tooLong.file} is too long for S3: shorten its folders`);
  let filesDone = 0;
  await severalAtOnce(files, signal, async ({ file, name }) => {
    const params = { Bucket: bucket, Key: folder + name, Body: createReadStream(file) };
    await new Upload({ client: s3, params }).done().catch((error: unknown) => {
      const { path: failed, code } = error as NodeJS.ErrnoException;
      if (failed === file) throw new UsageError(`${file} cannot be read (${code})`);
      if (!isDiskFull(error)) throw error;
      const uploaded = `${filesDone} of ${files.length} files were uploaded`;
      throw new UsageError(`the disk of this machine is full (${uploaded}): free space, then start again`);
    });
    filesDone += 1;
    onFile(filesDone, files.length);
  });
  const [first] = files;
  return s3Uri({ bucket, key: kind === 'archive' && first !== undefined ? folder + first.name : folder });
}

async function photosBelow(source: string): Promise<LocalPhotos> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const all: LocalFile[] = [];
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    if (await isFile(entry, file)) all.push({ file, name: path.relative(source, file).split(path.sep).join('/') });
  }
  const files = all.filter(({ name }) => !isUnwanted(name)).sort((left, right) => (left.name < right.name ? -1 : 1));
  const leftOut = all.length - files.length;
  if (files.length === 0)
    throw new UsageError(
      leftOut === 0
        ? `there is no file in ${source}`
        : `there is nothing to send in ${source}: its ${leftOut} files are ${LEFT_OUT}`,
    );
  return { source, kind: 'folder', files, leftOut };
}

/** Also a link to a file: people gather photos of several flights that way. */
const isFile = async (entry: Dirent, file: string): Promise<boolean> =>
  entry.isFile() || (entry.isSymbolicLink() && ((await stat(file).catch(() => null))?.isFile() ?? false));
