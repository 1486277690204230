import { Upload } from '@aws-sdk/lib-storage';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import type { PhotoSummary } from '../../contracts/job/record';
import { MAX_LISTED_REJECTIONS, type ManifestPhoto, type PhotoManifest } from '../../contracts/storage/photo-manifest';
import { layout } from '../../contracts/storage/layout';
import { isArchive, s3Uri, type S3Location } from '../../contracts/storage/location';
import { refusal } from '../application-failures';
import { unpackArchive } from './archive';
import { heartbeating } from '../heartbeating';
import { HEADER_BYTES, readPhotoHeader, TAIL_BYTES } from './photo-header';
import { isNotThere, listObjects, readObject, type ListedObject } from '../../platform/s3-objects';

interface PhotoDeps {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly inputBuckets: readonly string[];
}

export interface IntakeInput {
  readonly jobId: string;
  readonly location: S3Location;
  readonly minPhotos: number;
  readonly maxPhotos: number;
}

/** Photos: what was handed over, what of it can be used, before any machine is rented. */
export interface PhotoActivities {
  /**
   * Lists the photos (unpacking an archive first), reads each one's header, and writes the manifest and the list that
   * the SfM job downloads. Throws INPUT_NOT_FOUND, INPUT_FORBIDDEN, NO_PHOTOS, TOO_FEW_PHOTOS, TOO_MANY_PHOTOS and
   * the codes of `unpackArchive`.
   */
  intakePhotos(input: IntakeInput): Promise<PhotoSummary>;
}

type Report = (details: unknown) => void;

/** Files looked at in one listing; a folder with more is not a photo set. */
const MAX_FILES = 50_000;
const PARALLEL_READS = 16;
/** Files that operating systems and cameras leave beside photos: neither used nor worth a word. */
const NOISE = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$|desktop\.ini$)|\/$|\.(mrk|obs|nav|bin|rtk|txt\.md5|srt|lrf)$/i;

export function createPhotoActivities({ s3, bucket, inputBuckets }: PhotoDeps): PhotoActivities {
  /** Unpacks an archive below the job's own folder and returns that folder. */
  async function unpacked(
    jobId: string,
    archive: S3Location,
    report: Report,
    signal: AbortSignal,
  ): Promise<S3Location> {
    const folder = { bucket, key: layout.unpackedFolder(jobId) };
    await unpackArchive({ s3, archive, signal }, async (name, content) => {
      if (NOISE.test(name)) {
        for await (const chunk of content) void chunk;
        return;
      }
      await new Upload({ client: s3, params: { Bucket: bucket, Key: folder.key + name, Body: content } }).done();
      report({ unpacked: name });
    });
    return folder;
  }

  async function examine(folder: S3Location, file: ListedObject, signal: AbortSignal): Promise<ManifestPhoto> {
    const object = { bucket: folder.bucket, key: file.key };
    const base = { name: file.key.slice(folder.key.length), bytes: file.bytes };
    const header =
      file.bytes === 0 ? Buffer.alloc(0) : await readObject(s3, object, signal, `bytes=0-${HEADER_BYTES - 1}`);
    const tail = file.bytes <= HEADER_BYTES ? header : await readObject(s3, object, signal, `bytes=-${TAIL_BYTES}`);
    const facts = await readPhotoHeader(header, tail);
    if (typeof facts === 'string')
      return { ...base, used: false, reason: facts, width: null, height: null, gps: null, camera: null, takenAt: null };
    const { width, height, gps, camera, takenAt } = facts;
    return { ...base, used: true, reason: null, width, height, gps, camera, takenAt };
  }

  return {
    intakePhotos: (input) => heartbeating((report) => intake(input, report)),
  };

  async function intake({ jobId, location, minPhotos, maxPhotos }: IntakeInput, report: Report): Promise<PhotoSummary> {
    const signal = cancellationSignal();
    if (
      !inputBuckets.includes(location.bucket) ||
      (location.bucket === bucket && location.key.startsWith(layout.jobsPrefix))
    )
      throw refusal('INPUT_FORBIDDEN', `${s3Uri(location)} may not be read`);
    const files: ListedObject[] = [];
    let folder = location;
    try {
      if (isArchive(location)) folder = await unpacked(jobId, location, report, signal);
      for await (const file of listObjects(s3, folder, signal)) {
        if (NOISE.test(file.key.slice(folder.key.length))) continue;
        files.push(file);
        if (files.length > MAX_FILES) throw refusal('TOO_MANY_PHOTOS', `there are more than ${MAX_FILES} files`);
      }
    } catch (error) {
      if (isNotThere(error)) throw refusal('INPUT_NOT_FOUND', `there is nothing at ${s3Uri(location)}`);
      throw error;
    }
    if (files.length === 0) throw refusal('INPUT_NOT_FOUND', `there is nothing at ${s3Uri(location)}`);

    const photos = markDuplicates(
      files,
      await inParallel(files, PARALLEL_READS, report, (file) => examine(folder, file, signal)),
    );
    const used = photos.filter((photo) => photo.used);
    const rejected = photos.filter((photo) => !photo.used);
    const manifest: PhotoManifest = { version: 1, source: s3Uri(location), photos };
    await put(layout.manifest(jobId), manifest, signal);
    checkCount(used.length, rejected, minPhotos, maxPhotos);
    // SageMaker's ManifestFile: exactly these objects are downloaded, under these names.
    await put(layout.photoList(jobId), [{ prefix: s3Uri(folder) }, ...used.map((photo) => photo.name)], signal);
    return {
      accepted: used.length,
      rejected: rejected.slice(0, MAX_LISTED_REJECTIONS).map(({ name, reason }) => ({ name, reason: reason ?? '' })),
      bytes: used.reduce((sum, photo) => sum + photo.bytes, 0),
      manifest: layout.manifest(jobId),
    };
  }

  async function put(key: string, value: unknown, abortSignal: AbortSignal): Promise<void> {
    const body = JSON.stringify(value);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }), {
      abortSignal,
    });
  }
}

function checkCount(used: number, rejected: readonly ManifestPhoto[], minPhotos: number, maxPhotos: number): void {
  const [first] = rejected;
  const because =
    first === undefined ? '' : `; ${rejected.length} cannot be used, such as ${first.name}: ${first.reason ?? ''}`;
  if (used === 0) throw refusal('NO_PHOTOS', `no photo can be used${because}`);
  if (used < minPhotos)
    throw refusal('TOO_FEW_PHOTOS', `${used} usable photos, at least ${minPhotos} are needed${because}`);
  if (used > maxPhotos) throw refusal('TOO_MANY_PHOTOS', `${used} photos, this preset takes at most ${maxPhotos}`);
}

/** The second and later copies of one file (same ETag and size) are not used. `photos[i]` describes `files[i]`. */
function markDuplicates(files: readonly ListedObject[], photos: readonly ManifestPhoto[]): ManifestPhoto[] {
  const firstName = new Map<string, string>();
  return photos.map((photo, index) => {
    if (!photo.used) return photo;
    const content = `${files[index]?.etag ?? ''}/${photo.bytes}`;
    const earlier = firstName.get(content);
    if (earlier !== undefined) return { ...photo, used: false, reason: `the same photo as ${earlier}` };
    firstName.set(content, photo.name);
    return photo;
  });
}

/** `task` for each item, at most `width` at once, results in order; reports how many are done. */
async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  report: Report,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await task(items[index] as T);
      report({ done: (done += 1), total: items.length });
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
