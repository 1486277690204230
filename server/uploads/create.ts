import { createHash } from 'node:crypto';
import { layout } from '../../contracts/storage/layout';
import { uploadExpiryMs } from '../../contracts/storage/retention';
import { nameFromFiles, type UploadFile, type UploadManifest } from '../../contracts/storage/upload-manifest';
import { inOneLine, MAX_JOB_NAME_LENGTH } from '../../contracts/job/words';
import { manifestProblems, type AnnouncedFile } from '../../contracts/storage/upload-rules';
import type { StoredUpload, UploadStore } from '../../platform/uploads/upload-store';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import { randomUploadId, uploadIdOfKey } from './upload-id';

/** A manifest as it is sent. */
export interface UploadRequest {
  readonly name: string | null;
  readonly files: readonly (UploadFile & AnnouncedFile)[];
}

/** `isNew` is false when the key was used for the same manifest before. */
export interface CreatedUpload {
  readonly upload: StoredUpload;
  readonly isNew: boolean;
}

/**
 * Makes an upload that waits for the files of a manifest. Throws INVALID_REQUEST with a line for each file that is not
 * taken, IDEMPOTENCY_KEY_REUSED and UNAVAILABLE.
 */
export type CreateUpload = (
  caller: Caller,
  request: UploadRequest,
  idempotencyKey: string | null,
) => Promise<CreatedUpload>;

export function createUploadCreation(store: Pick<UploadStore, 'claim' | 'find'>, now: () => number): CreateUpload {
  return async ({ tenant }, request, key) => {
    const problems = manifestProblems(request.files, layout.uploadPhotosFolder(tenant, randomUploadId()));
    if (problems.length > 0) throw invalidRequest(problems);
    const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    for (;;) {
      const uploadId = key === null ? randomUploadId() : uploadIdOfKey(tenant, key);
      const manifest: UploadManifest = {
        version: 1,
        tenant,
        uploadId,
        name: request.name ?? nameOf(request.files),
        createdAtMs: now(),
        expiresAtMs: uploadExpiryMs(now()),
        digest,
        files: request.files.map(({ name, bytes, modifiedAt }) => ({ name, bytes, modifiedAt })),
      };
      if (await reached('The storage', store.claim(manifest)))
        return { upload: { manifest, completedAtMs: null }, isNew: true };
      const earlier = key === null ? null : await reached('The storage', store.find(tenant, uploadId));
      if (earlier === null) continue; // taken, or removed meanwhile
      if (earlier.manifest.digest === digest) return { upload: earlier, isNew: false };
      throw new Problem(
        'IDEMPOTENCY_KEY_REUSED',
        `the key stands for upload ${uploadId}, whose manifest is another; use a new key for a new upload`,
      );
    }
  };
}

const nameOf = (files: readonly UploadFile[]): string | null =>
  Array.from(inOneLine(nameFromFiles(files) ?? ''))
    .slice(0, MAX_JOB_NAME_LENGTH)
    .join('') || null;
