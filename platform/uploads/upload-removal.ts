import { AbortMultipartUploadCommand } from '@aws-sdk/client-s3';
import { layout } from '../../contracts/storage/layout';
import { UPLOAD_ID_PATTERN } from '../../contracts/storage/upload-manifest';
import { deleteFolder, deleteKeys, isNotThere, until, type BucketDeps } from '../s3-objects';
import { openMultiparts } from './upload-store';

/**
 * Removes an upload: parts that are under way first, since they could still become files, its manifest last, so that a
 * removal that broke off can be repeated. Returns how many objects that were.
 */
export async function removeUpload(
  deps: BucketDeps,
  tenant: string,
  uploadId: string,
  signal?: AbortSignal,
): Promise<number> {
  if (!UPLOAD_ID_PATTERN.test(uploadId)) throw new RangeError(`not the id of an upload: ${uploadId}`);
  await abortMultiparts(deps, layout.uploadPhotosFolder(tenant, uploadId), signal);
  const manifest = layout.uploadManifest(tenant, uploadId);
  const removed = await deleteFolder(deps, layout.uploadFolder(tenant, uploadId), signal, [manifest]);
  await deleteKeys(deps, [manifest], signal);
  return removed + 1;
}

/** Ends what is under way in parts below a folder: its parts are deleted. */
export async function abortMultiparts({ s3, bucket }: BucketDeps, folder: string, signal?: AbortSignal): Promise<void> {
  for (const { key, multipartId } of await openMultiparts(s3, bucket, folder, signal))
    await abortMultipart({ s3, bucket }, key, multipartId, signal);
}

/** Harmless where it was completed or aborted before. */
export async function abortMultipart(
  { s3, bucket }: BucketDeps,
  key: string,
  multipartId: string,
  signal?: AbortSignal,
): Promise<void> {
  await s3
    .send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: multipartId }), until(signal))
    .catch((error: unknown) => {
      if (!isNotThere(error) && !(error instanceof Error && error.name === 'NoSuchUpload')) throw error;
    });
}
