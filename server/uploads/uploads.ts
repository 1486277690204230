import type { S3Client } from '@aws-sdk/client-s3';
import type { UploadManifest } from '../../contracts/storage/upload-manifest';
import { layout } from '../../contracts/storage/layout';
import { abortMultiparts, removeUpload } from '../../platform/uploads/upload-removal';
import { createUploadStore, type UploadStore } from '../../platform/uploads/upload-store';
import type { Caller } from '../http/context';
import { createCompletion, photosOf, type UploadedPhotos } from './completion';
import { createUploadCreation, type UploadRequest } from './create';
import { createUploadLookup, refuseExpired } from './lookup';
import { createFileParts, type FileParts } from './parts';
import { createRemoval, type RemoveUpload, type UserOf } from './removal';
import { createSigning, type SignUpload } from './sign';
import { createTransfers, type Transfers } from './transfers';
import { newUploadView, uploadView, type UploadView } from './view';

/** What uploads need of S3. */
export interface UploadStorage {
  readonly store: UploadStore;
  readonly transfers: Transfers;
  /** Ends what is under way in parts. */
  abortParts(tenant: string, uploadId: string): Promise<void>;
  remove(tenant: string, uploadId: string): Promise<void>;
}

/** @param signing client for the endpoint that browsers reach */
export function createUploadStorage(deps: {
  readonly s3: S3Client;
  readonly signing: S3Client;
  readonly bucket: string;
}): UploadStorage {
  return {
    store: createUploadStore(deps),
    transfers: createTransfers(deps),
    abortParts: (tenant, uploadId) => abortMultiparts(deps, layout.uploadPhotosFolder(tenant, uploadId)),
    async remove(tenant, uploadId) {
      await removeUpload(deps, tenant, uploadId);
    },
  };
}

/** Photos on their way to S3: the manifest first, then the files, then the comparison. All throw Problem. */
export interface Uploads {
  /** `isNew` is false when the key was used for the same manifest before. */
  create(
    caller: Caller,
    request: UploadRequest,
    idempotencyKey: string | null,
  ): Promise<{ readonly view: UploadView; readonly isNew: boolean }>;
  get(caller: Caller, uploadId: string): Promise<UploadView>;
  readonly sign: SignUpload;
  readonly parts: FileParts;
  complete(caller: Caller, uploadId: string): Promise<UploadView>;
  readonly remove: RemoveUpload;
  /** What is to arrive, whatever of it has. Throws UPLOAD_NOT_FOUND and UPLOAD_EXPIRED. */
  manifest(caller: Caller, uploadId: string): Promise<UploadManifest>;
  /** What a job is started with. Throws UPLOAD_NOT_FOUND, UPLOAD_EXPIRED and UPLOAD_INCOMPLETE. */
  photos(caller: Caller, uploadId: string): Promise<UploadedPhotos>;
}

export function createUploads(deps: {
  readonly storage: UploadStorage;
  readonly userOf: UserOf;
  readonly bucket: string;
  readonly now: () => number;
}): Uploads {
  const { storage, userOf, bucket, now } = deps;
  const { store, transfers } = storage;
  const lookup = createUploadLookup(store, now);
  const create = createUploadCreation(store, now);
  const complete = createCompletion(lookup, storage, now);
  return {
    async create(caller, request, key) {
      const { upload, isNew } = await create(caller, request, key);
      const view = isNew ? newUploadView(upload, bucket, now()) : await uploadView(upload, store, bucket, now());
      return { view, isNew };
    },
    get: async (caller, uploadId) => uploadView(await lookup.find(caller, uploadId), store, bucket, now()),
    sign: createSigning(lookup, transfers),
    parts: createFileParts(lookup, transfers),
    complete: async (caller, uploadId) => uploadView(await complete(caller, uploadId), store, bucket, now()),
    remove: createRemoval(lookup, userOf, storage),
    async manifest(caller, uploadId) {
      const upload = await lookup.find(caller, uploadId);
      refuseExpired(upload, now());
      return upload.manifest;
    },
    photos: photosOf(complete, bucket),
  };
}
