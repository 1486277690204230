import path from 'node:path';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isArchive, s3Uri, type S3Location } from '../../contracts/storage/location';
import { isPositionFile } from '../../contracts/storage/position-files';
import { isUnwanted } from '../../contracts/storage/unwanted-files';
import { isNotThere, listObjects, type ListedObject } from '../../platform/s3-objects';
import { refusal } from '../application-failures';

/** What lies at an address: files in a folder, or one archive, with position files beside it. */
export type HandedOver =
  | { readonly kind: 'folder'; readonly folder: S3Location; readonly files: readonly ListedObject[] }
  | {
      readonly kind: 'archive';
      readonly archive: S3Location;
      readonly folder: S3Location;
      /** Position files in the folder of the archive. */
      readonly beside: readonly ListedObject[];
    };

/** Files looked at in one listing; a folder with more is not a photo set. */
const MAX_FILES = 50_000;
const WHAT_IS_READ = 'a folder, .zip, .tar, .tar.gz or .tgz';

/**
 * Looks what lies at an address. A folder that holds nothing but one archive, and perhaps position files, is that
 * archive; a folder may have the ending of one. Throws INPUT_NOT_FOUND, INPUT_FORBIDDEN, INPUT_UNSUPPORTED and
 * TOO_MANY_PHOTOS.
 */
export async function findHandedOver(s3: S3Client, location: S3Location, signal: AbortSignal): Promise<HandedOver> {
  try {
    if (isArchive(location) && (await exists(s3, location, signal)))
      return { kind: 'archive', archive: location, folder: location, beside: [] };
    const folder = isArchive(location) ? { ...location, key: `${location.key}/` } : location;
    const { files, unwanted } = await listFolder(s3, folder, signal);
    const isBeside = ({ key }: ListedObject): boolean => isPositionFile(key.slice(folder.key.length));
    const [first, ...others] = files.filter((file) => !isBeside(file));
    if (first !== undefined && others.length === 0 && isArchive(first))
      return { kind: 'archive', archive: { ...folder, key: first.key }, folder, beside: files.filter(isBeside) };
    if (files.length === 0) throw await nothingThere(s3, location, unwanted, signal);
    return { kind: 'folder', folder, files };
  } catch (error) {
    if (isNotThere(error)) throw refusal('INPUT_NOT_FOUND', `there is no bucket ${location.bucket}`);
    if (error instanceof Error && error.name === 'AccessDenied')
      throw refusal('INPUT_FORBIDDEN', `S3 does not let this deployment read ${s3Uri(location)}`);
    throw error;
  }
}

async function listFolder(
  s3: S3Client,
  folder: S3Location,
  signal: AbortSignal,
): Promise<{ files: ListedObject[]; unwanted: number }> {
  const files: ListedObject[] = [];
  let unwanted = 0;
  for await (const file of listObjects(s3, folder, signal)) {
    if (isUnwanted(file.key.slice(folder.key.length))) unwanted += 1;
    else files.push(file);
    if (files.length > MAX_FILES) throw refusal('TOO_MANY_PHOTOS', `there are more than ${MAX_FILES} files`);
  }
  return { files, unwanted };
}

/** Why there is no file to look at: nothing, nothing but thumbnails and the like, or one file of another kind. */
async function nothingThere(s3: S3Client, location: S3Location, unwanted: number, signal: AbortSignal): Promise<Error> {
  const file = { ...location, key: location.key.replace(/\/$/, '') };
  if (!isArchive(location) && file.key !== '' && (await exists(s3, file, signal)))
    return refusal(
      'INPUT_UNSUPPORTED',
      `${s3Uri(file)} is one file, ${kindOf(file.key)}; what is read is ${WHAT_IS_READ}`,
    );
  const but = unwanted > 0 ? ' but thumbnails, hidden files and the like' : '';
  return refusal('INPUT_NOT_FOUND', `there is nothing${but} at ${s3Uri(location)}`);
}

function kindOf(key: string): string {
  const extension = path.posix.extname(key).toLowerCase();
  if (['.jpg', '.jpeg', '.png'].includes(extension)) return 'a single photo';
  if (['.7z', '.rar', '.xz', '.bz2', '.zst', '.gz'].includes(extension)) return 'an archive of a kind that is not read';
  return 'of a kind that is not read';
}

async function exists(s3: S3Client, { bucket, key }: S3Location, abortSignal: AbortSignal): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
    return true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}
