import { formatTime } from '../../contracts/job/formats';
import { layout } from '../../contracts/storage/layout';
import type { UploadFile } from '../../contracts/storage/upload-manifest';
import type { StoredUpload, UploadStore } from '../../platform/uploads/upload-store';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';

/** Finds uploads of a caller. Calls throw UPLOAD_NOT_FOUND, and UNAVAILABLE where S3 is away. */
export interface UploadLookup {
  find(caller: Caller, uploadId: string): Promise<StoredUpload>;
  /** One that still takes files. Throws UPLOAD_COMPLETE and UPLOAD_EXPIRED too. */
  open(caller: Caller, uploadId: string): Promise<StoredUpload>;
}

export function createUploadLookup(store: Pick<UploadStore, 'find'>, now: () => number): UploadLookup {
  const find = async ({ tenant }: Caller, uploadId: string): Promise<StoredUpload> => {
    const found = await reached('The storage', store.find(tenant, uploadId));
    if (found === null)
      throw new Problem(
        'UPLOAD_NOT_FOUND',
        `no upload has the id ${JSON.stringify(uploadId.slice(0, 40))}; it may have been removed: make a new one`,
      );
    return found;
  };
  return {
    find,
    async open(caller, uploadId) {
      const upload = await find(caller, uploadId);
      refuseExpired(upload, now());
      if (upload.completedAtMs !== null)
        throw new Problem(
          'UPLOAD_COMPLETE',
          `all files arrived by ${formatTime(upload.completedAtMs)}, and stay as they are; make a new upload for others`,
        );
      return upload;
    },
  };
}

/** Throws UPLOAD_EXPIRED: its files are being deleted, or soon will be. */
export function refuseExpired({ manifest, completedAtMs }: StoredUpload, nowMs: number): void {
  if (completedAtMs === null && nowMs >= manifest.expiresAtMs)
    throw new Problem(
      'UPLOAD_EXPIRED',
      `the time of this upload was over at ${formatTime(manifest.expiresAtMs)}; make a new one`,
    );
}

/** The key that a file lies under. */
export const keyOf = ({ manifest: { tenant, uploadId } }: StoredUpload, { name }: Pick<UploadFile, 'name'>): string =>
  layout.uploadPhotosFolder(tenant, uploadId) + name;

/** The file that a key or a name of the manifest stands for. Throws UPLOAD_FILE_NOT_FOUND. */
export function fileOf(upload: StoredUpload, keyOrName: string): UploadFile {
  const { tenant, uploadId, files } = upload.manifest;
  const folder = layout.uploadPhotosFolder(tenant, uploadId);
  const name = keyOrName.startsWith(folder) ? keyOrName.slice(folder.length) : keyOrName;
  return files.find((file) => file.name === name) ?? noSuchFile();
}

/** The file with this number, counted from 0 in the order of the manifest. Throws UPLOAD_FILE_NOT_FOUND. */
export const fileNumbered = ({ manifest: { files } }: StoredUpload, number: number): UploadFile =>
  files[number] ?? noSuchFile();

function noSuchFile(): never {
  throw new Problem(
    'UPLOAD_FILE_NOT_FOUND',
    'the manifest of this upload holds no such file; files are sent under the keys that POST /v1/uploads answers with',
  );
}
