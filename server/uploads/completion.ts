import { layout } from '../../contracts/storage/layout';
import type { S3Location } from '../../contracts/storage/location';
import { arrivalOf, type Arrival } from '../../contracts/storage/upload-manifest';
import type { StoredUpload, UploadStore } from '../../platform/uploads/upload-store';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { refuseExpired, type UploadLookup } from './lookup';

/** What a job is started with. */
export interface UploadedPhotos {
  readonly location: S3Location;
  /** What the photos were called by. */
  readonly name: string | null;
}

/**
 * Compares what has arrived with the manifest, and says that the upload is complete; once it is, nothing changes any
 * more. Throws UPLOAD_NOT_FOUND, UPLOAD_EXPIRED, and UPLOAD_INCOMPLETE with a line for each file.
 */
export type CompleteUpload = (caller: Caller, uploadId: string) => Promise<StoredUpload>;

const MAX_NAMED = 100;

interface CompletionStorage {
  readonly store: Pick<UploadStore, 'listed' | 'complete'>;
  /** Ends what is under way in parts. */
  abortParts(tenant: string, uploadId: string): Promise<void>;
}

export function createCompletion(lookup: UploadLookup, storage: CompletionStorage, now: () => number): CompleteUpload {
  return async (caller, uploadId) => {
    const upload = await lookup.find(caller, uploadId);
    if (upload.completedAtMs !== null) return upload;
    refuseExpired(upload, now());
    const { tenant } = caller;
    const arrival = arrivalOf(
      upload.manifest.files,
      await reached('The storage', storage.store.listed(tenant, uploadId)),
    );
    if (arrival.missing.length + arrival.differing.length > 0) throw incomplete(arrival, upload);
    await reached('The storage', storage.store.complete(tenant, uploadId));
    // Parts of a file that has arrived by another way meanwhile; they are no hindrance, and upkeep would not find them.
    await reached('The storage', storage.abortParts(tenant, uploadId));
    return lookup.find(caller, uploadId);
  };
}

/** The photos of an upload that is complete, or has everything to be it. Throws as CompleteUpload does. */
export const photosOf =
  (complete: CompleteUpload, bucket: string) =>
  async (caller: Caller, uploadId: string): Promise<UploadedPhotos> => {
    const { manifest } = await complete(caller, uploadId);
    return { location: { bucket, key: layout.uploadPhotosFolder(caller.tenant, uploadId) }, name: manifest.name };
  };

function incomplete({ missing, differing }: Arrival, { manifest }: StoredUpload): Problem {
  const errors = [
    ...missing.map(({ name }) => ({ field: name, message: 'has not arrived' })),
    ...differing.map(({ name, bytes, arrivedBytes }) => ({
      field: name,
      message: `arrived with ${arrivedBytes} bytes instead of ${bytes}`,
    })),
  ];
  const counts = [
    missing.length > 0 ? `${missing.length} missing` : null,
    differing.length > 0 ? `${differing.length} of another size` : null,
  ].filter((count) => count !== null);
  const named = errors.length > MAX_NAMED ? `them ("errors" names the first ${MAX_NAMED})` : 'what "errors" names';
  return new Problem(
    'UPLOAD_INCOMPLETE',
    `of ${manifest.files.length} files: ${counts.join(', ')}; send ${named}, then complete the upload again`,
    errors.slice(0, MAX_NAMED),
  );
}
