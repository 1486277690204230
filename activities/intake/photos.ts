import { Upload } from '@aws-sdk/lib-storage';
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { cancellationSignal } from '@temporalio/activity';
import type { PhotoSummary } from '../../contracts/job/record';
import { MAX_LISTED_REJECTIONS, type PhotoManifest } from '../../contracts/storage/photo-manifest';
import { CLOSED_PREFIXES, layout } from '../../contracts/storage/layout';
import { s3Uri, type S3Location } from '../../contracts/storage/location';
import { refusal } from '../application-failures';
import { heartbeating } from '../heartbeating';
import { listObjects, writeJson, type ListedObject } from '../../platform/s3-objects';
import type { UsedUpBudgets } from '../../platform/used-up-budgets';
import { unpackArchive } from './archives/archive';
import type { LeftOut } from './archives/unpacking';
import { checkCount, examinePhotos, neverSeen, type NamedFile } from './examination';
import { findHandedOver } from './handed-over';
import { inParallel } from './in-parallel';

interface PhotoDeps {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly inputBuckets: readonly string[];
  readonly usedUpBudgets: Pick<UsedUpBudgets, 'find'>;
}

export interface IntakeInput {
  /** Runs of earlier versions do not say it. */
  readonly tenant?: string;
  readonly jobId: string;
  readonly location: S3Location;
  readonly minPhotos: number;
  readonly maxPhotos: number;
}

/** Photos: what was handed over, what of it can be used, before any machine is rented. */
export interface PhotoActivities {
  /**
   * Lists the photos (unpacking an archive first), reads each one's header, and writes the manifest and the list that
   * the SfM job downloads. A job that was taken in before and begins now, as those of batches and schedules do, is
   * refused where its tenant's budget is used up by now. Throws BUDGET_EXHAUSTED, NO_PHOTOS, TOO_FEW_PHOTOS, TOO_MANY_PHOTOS and the codes of `findHandedOver` and
   * `unpackArchive`.
   */
  intakePhotos(input: IntakeInput): Promise<PhotoSummary>;
}

type Report = (details: unknown) => void;

/** The files to look at, where they lie, and what an archive could not give. */
interface PhotoSource {
  readonly uri: string;
  readonly folder: S3Location;
  readonly files: readonly ListedObject[];
  readonly leftOut: readonly LeftOut[];
}

const COPIES_AT_ONCE = 16;

export function createPhotoActivities({ s3, bucket, inputBuckets, usedUpBudgets }: PhotoDeps): PhotoActivities {
  return {
    intakePhotos: (input) => heartbeating((report) => intake(input, report)),
  };

  async function intake(input: IntakeInput, report: Report): Promise<PhotoSummary> {
    const { tenant, jobId, location, minPhotos, maxPhotos } = input;
    const signal = cancellationSignal();
    const usedUp = tenant === undefined ? null : await usedUpBudgets.find(tenant, Date.now(), signal);
    if (usedUp !== null) throw refusal('BUDGET_EXHAUSTED', usedUp.message);
    if (
      !inputBuckets.includes(location.bucket) ||
      (location.bucket === bucket && CLOSED_PREFIXES.some((closed) => location.key.startsWith(closed)))
    )
      throw refusal('INPUT_FORBIDDEN', `${s3Uri(location)} may not be read`);
    const source = await openSource(jobId, location, report, signal);
    const { photos: examined, positionFiles } = await examinePhotos({ s3, ...source, minPhotos }, report, signal);
    const photos = [...examined.map(({ photo }) => photo), ...source.leftOut.map(neverSeen)];
    const used = examined.filter(({ photo }) => photo.used);
    const named = [...used.map(({ photo, key }) => ({ key, name: photo.name })), ...positionFiles];
    const rejected = photos.filter((photo) => !photo.used);
    const manifest: PhotoManifest = {
      version: 1,
      source: source.uri,
      photos,
      positionFiles: positionFiles.map(({ name }) => name),
    };
    await writeJson(s3, { bucket, key: layout.manifest(jobId) }, manifest, signal);
    checkCount(used.length, rejected, minPhotos, maxPhotos);
    const folder = await gathered(jobId, source.folder, named, report, signal);
    // SageMaker's ManifestFile: exactly these objects are downloaded, under these names.
    const list = [{ prefix: s3Uri(folder) }, ...named.map(({ name }) => name)];
    await writeJson(s3, { bucket, key: layout.photoList(jobId) }, list, signal);
    return {
      accepted: used.length,
      rejected: rejected.slice(0, MAX_LISTED_REJECTIONS).map(({ name, reason }) => ({ name, reason: reason ?? '' })),
      leftOut: rejected.length,
      bytes: used.reduce((sum, { photo }) => sum + photo.bytes, 0),
      manifest: layout.manifest(jobId),
    };
  }

  async function openSource(
    jobId: string,
    location: S3Location,
    report: Report,
    signal: AbortSignal,
  ): Promise<PhotoSource> {
    const found = await findHandedOver(s3, location, signal);
    if (found.kind === 'folder') return { ...found, uri: s3Uri(found.folder), leftOut: [] };
    const folder = { bucket, key: layout.unpackedFolder(jobId) };
    const unpacked = new Set<string>();
    const failed = await unpackArchive({ s3, archive: found.archive, signal }, async (name, content) => {
      const key = folder.key + name;
      await new Upload({ client: s3, params: { Bucket: bucket, Key: key, Body: content } }).done();
      unpacked.add(key);
      report({ unpacked: name });
    });
    const hidden: LeftOut[] = [];
    for (const { key } of found.beside) {
      const name = key.slice(found.folder.key.length);
      if (unpacked.has(folder.key + name)) hidden.push({ name, reason: 'the archive holds a file of the same name' });
      else await copied({ ...found.folder, key }, folder.key + name, signal);
      unpacked.add(folder.key + name);
    }
    // An earlier try may have unpacked another version of the archive.
    const files: ListedObject[] = [];
    for await (const file of listObjects(s3, folder, signal)) if (unpacked.has(file.key)) files.push(file);
    return { folder, files, leftOut: [...failed, ...hidden], uri: s3Uri(found.archive) };
  }

  /**
   * The folder below which every file lies under its own name. Where a key cannot be a file's path (an empty folder
   * name, control characters), all are copied below the job: a manifest has one folder for all of them.
   */
  async function gathered(
    jobId: string,
    folder: S3Location,
    files: readonly NamedFile[],
    report: Report,
    signal: AbortSignal,
  ): Promise<S3Location> {
    if (files.every(({ name, key }) => key === folder.key + name)) return folder;
    const target = layout.unpackedFolder(jobId);
    await inParallel(files, COPIES_AT_ONCE, report, ({ name, key }) =>
      copied({ ...folder, key }, target + name, signal),
    );
    return { bucket, key: target };
  }

  async function copied(from: S3Location, key: string, abortSignal: AbortSignal): Promise<void> {
    const copy = new CopyObjectCommand({
      Bucket: bucket,
      Key: key,
      CopySource: `${from.bucket}/${encodeURIComponent(from.key)}`,
      TaggingDirective: 'REPLACE', // tags need rights of their own
    });
    await s3.send(copy, { abortSignal });
  }
}
