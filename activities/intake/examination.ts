import type { S3Client } from '@aws-sdk/client-s3';
import { layout } from '../../contracts/storage/layout';
import { isArchive, s3Uri, type S3Location } from '../../contracts/storage/location';
import type { ManifestPhoto } from '../../contracts/storage/photo-manifest';
import { isPositionFile, MAX_POSITION_FILE_BYTES, MAX_POSITION_FILES } from '../../contracts/storage/position-files';
import { isNotThere, readObject, type ListedObject } from '../../platform/s3-objects';
import { refusal } from '../application-failures';
import type { LeftOut } from './archives/unpacking';
import { companionsLeftOut } from './companions';
import { NOT_A_PHOTO, readPhotoHeader, type PhotoFacts } from './headers/photo-header';
import { inParallel } from './in-parallel';
import { PhotoNames, readable, type FileName } from './photo-names';

const PARALLEL_READS = 16;

interface ExaminedPhoto {
  /** Where it lies. */
  readonly key: string;
  readonly photo: ManifestPhoto;
}

/** A file that SfM gets: where it lies, and its path below the folder of the photos. */
export interface NamedFile {
  readonly key: string;
  readonly name: string;
}

export interface ExaminedFiles {
  readonly photos: readonly ExaminedPhoto[];
  /** They are no photos, and not listed among what is left out. */
  readonly positionFiles: readonly NamedFile[];
}

interface Examination {
  readonly s3: S3Client;
  readonly folder: S3Location;
  readonly files: readonly ListedObject[];
  readonly minPhotos: number;
}

/** A file with the path that is shown, and what its header says or why it is not used. */
interface Examined {
  readonly file: ListedObject;
  readonly shown: string;
  readonly facts: PhotoFacts | string;
}

/** Reads the header of each file, decides which are used, and gives those their names. Photos get theirs first. */
export async function examinePhotos(
  { s3, folder, files, minPhotos }: Examination,
  report: (details: unknown) => void,
  signal: AbortSignal,
): Promise<ExaminedFiles> {
  const examined = await inParallel(files, PARALLEL_READS, report, async (file): Promise<Examined> => ({
    file,
    shown: readable(below(folder, file)),
    facts: nameable(await factsOf(s3, folder, file, signal), below(folder, file)),
  }));
  const unlike = withoutDuplicates(examined);
  const companions = companionsLeftOut(
    unlike.flatMap(({ facts, file }) => (typeof facts === 'string' ? [] : [{ ...facts, name: below(folder, file) }])),
    minPhotos,
  );
  const names = new PhotoNames();
  const isBeside = ({ file, facts }: Examined): boolean => facts === NOT_A_PHOTO && isPositionFile(below(folder, file));
  const photos = unlike
    .filter((one) => !isBeside(one))
    .map(({ file, shown, facts }) => {
      const refused = typeof facts === 'string' ? facts : (companions.get(below(folder, file)) ?? null);
      if (refused !== null || typeof facts === 'string') return { key: file.key, photo: notUsed(shown, file, refused) };
      const { name, reason } = names.take(below(folder, file));
      if (name === null) return { key: file.key, photo: notUsed(shown, file, reason) };
      const { width, height, gps, camera, takenAt } = facts;
      const photo = { name, bytes: file.bytes, used: true, reason: null, width, height, gps, camera, takenAt };
      return { key: file.key, photo };
    });
  const positionFiles: NamedFile[] = [];
  for (const { file, shown } of unlike.filter(isBeside)) {
    const { name, reason } = positionFileName(names, below(folder, file), file, positionFiles.length);
    if (name === null) photos.push({ key: file.key, photo: notUsed(shown, file, reason) });
    else positionFiles.push({ key: file.key, name });
  }
  return { photos, positionFiles };
}

/** SfM would read a photo with such a name as a position file. */
const nameable = (facts: PhotoFacts | string, path: string): PhotoFacts | string =>
  typeof facts !== 'string' && isPositionFile(path) ? 'a photo with the name of a table or list: rename it' : facts;

/** The path of a position file, or why it is left out. SfM knows it by its name, so no other one will do. */
function positionFileName(names: PhotoNames, path: string, { bytes }: ListedObject, earlier: number): FileName {
  const refused = (reason: string): FileName => ({ name: null, reason });
  if (bytes > MAX_POSITION_FILE_BYTES)
    return refused(`a file of positions has ${MAX_POSITION_FILE_BYTES / 2 ** 20} MB at most`);
  if (earlier >= MAX_POSITION_FILES) return refused(`there are more than ${MAX_POSITION_FILES} files of positions`);
  const taken = names.take(path);
  return taken.name !== null && !isPositionFile(taken.name) ? refused('another file has the same name') : taken;
}

const below = (folder: S3Location, file: ListedObject): string => file.key.slice(folder.key.length);

/** A file of an archive that could not even be taken out. */
export const neverSeen = ({ name, reason }: LeftOut): ManifestPhoto => notUsed(name, { bytes: 0 }, reason);

const notUsed = (name: string, { bytes }: Pick<ListedObject, 'bytes'>, reason: string | null): ManifestPhoto => ({
  name,
  bytes,
  used: false,
  reason: reason === null ? null : readable(reason),
  width: null,
  height: null,
  gps: null,
  camera: null,
  takenAt: null,
});

/** What the file's header says; in one sentence why it cannot be used. */
async function factsOf(
  s3: S3Client,
  { bucket }: S3Location,
  { key, bytes }: ListedObject,
  signal: AbortSignal,
): Promise<PhotoFacts | string> {
  if (isArchive({ key }))
    return key.startsWith(layout.jobsPrefix)
      ? 'an archive in the archive is not opened: send it by itself'
      : `an archive beside other files is not opened: start a job with its own address, ${s3Uri({ bucket, key })}`;
  const read = (start: number, end: number): Promise<Buffer> =>
    readObject(s3, { bucket, key }, signal, `bytes=${start}-${end - 1}`);
  try {
    return await readPhotoHeader({ size: bytes, read });
  } catch (error) {
    if (isNotThere(error)) return 'it was deleted while the job looked at it';
    if (error instanceof Error && error.name === 'InvalidObjectState')
      return 'it lies in an archive of S3 (Glacier): restore it first';
    throw error;
  }
}

/** The second and later copies of one file (same ETag and size) are not used. */
function withoutDuplicates(examined: readonly Examined[]): Examined[] {
  const firstName = new Map<string, string>();
  return examined.map((one) => {
    if (typeof one.facts === 'string') return one;
    const content = `${one.file.etag}/${one.file.bytes}`;
    const earlier = firstName.get(content);
    if (earlier !== undefined) return { ...one, facts: `the same photo as ${earlier}` };
    firstName.set(content, one.shown);
    return one;
  });
}

/** Throws NO_PHOTOS, TOO_FEW_PHOTOS or TOO_MANY_PHOTOS. */
export function checkCount(
  used: number,
  rejected: readonly ManifestPhoto[],
  minPhotos: number,
  maxPhotos: number,
): void {
  const [first] = rejected;
  const because =
    first === undefined ? '' : `; ${rejected.length} cannot be used, such as ${first.name}: ${first.reason ?? ''}`;
  if (used === 0) throw refusal('NO_PHOTOS', `no photo can be used${because}`);
  if (used < minPhotos)
    throw refusal('TOO_FEW_PHOTOS', `${used} usable photos, at least ${minPhotos} are needed${because}`);
  if (used > maxPhotos) throw refusal('TOO_MANY_PHOTOS', `${used} photos, this preset takes at most ${maxPhotos}`);
}
