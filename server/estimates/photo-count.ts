import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CountRange } from '../../contracts/estimates/estimate';
import { isArchive, type S3Location } from '../../contracts/storage/location';
import { isPhoto } from '../../contracts/storage/upload-rules';
import { isUnwanted } from '../../contracts/storage/unwanted-files';
import { isNotThere, listObjects } from '../../platform/s3-objects';

/** A file by its name and size, as a listing or a manifest tells it. */
interface CountedFile {
  readonly name: string;
  readonly bytes: number;
}

/**
 * How many photos there are, without opening one: intake looks closer, and may leave some out. Null where there are
 * none. Throws where S3 does not answer.
 */
export type CountPhotos = (location: S3Location) => Promise<CountRange | null>;

/** Entries of a listing that are looked at: a photo set with its thumbnails and tables has fewer. */
const MAX_LISTED = 20_000;
/** Longest that somebody who asks for an estimate waits for the listing. */
const TIMEOUT_MS = 10_000;
/** Bytes of a photo in an archive: JPEGs of 5 to 50 million pixels. */
const PHOTO_BYTES = { low: 2_000_000, high: 15_000_000 };

/** Counts by listing the folder, of an archive by its size. */
export const createPhotoCount =
  (s3: S3Client): CountPhotos =>
  async ({ bucket, key }) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const files: CountedFile[] = [];
    try {
      if (isArchive({ key })) {
        const bytes = await sizeOf(s3, { bucket, key }, signal);
        if (bytes !== null) return inArchive(bytes);
      }
      const folder = isArchive({ key }) ? `${key}/` : key;
      let listed = 0;
      for await (const file of listObjects(s3, { bucket, key: folder }, signal)) {
        files.push({ name: file.key.slice(folder.length), bytes: file.bytes });
        listed += 1;
        if (listed === MAX_LISTED) break;
      }
    } catch (error) {
      if (isNotThere(error)) return null;
      throw error;
    }
    return countOf(files);
  };

/** Photos among files; those of an archive that is the only one beside files of other kinds. */
export function countOf(files: readonly CountedFile[]): CountRange | null {
  const wanted = files.filter(({ name }) => !isUnwanted(name));
  const photos = wanted.filter(({ name }) => isPhoto(name)).length;
  if (photos > 0) return { low: photos, high: photos };
  const [archive, ...others] = wanted.filter(({ name }) => isArchive({ key: name }));
  return archive === undefined || others.length > 0 ? null : inArchive(archive.bytes);
}

const inArchive = (bytes: number): CountRange => ({
  low: Math.max(1, Math.floor(bytes / PHOTO_BYTES.high)),
  high: Math.max(1, Math.ceil(bytes / PHOTO_BYTES.low)),
});

async function sizeOf(s3: S3Client, { bucket, key }: S3Location, abortSignal: AbortSignal): Promise<number | null> {
  try {
    return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })).ContentLength ?? 0;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}
