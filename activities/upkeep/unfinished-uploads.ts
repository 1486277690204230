import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { log } from '@temporalio/activity';
import { layout } from '../../contracts/storage/layout';
import { isAbandoned, uploadExpiryMs } from '../../contracts/storage/retention';
import { UPLOAD_ID_PATTERN } from '../../contracts/storage/upload-manifest';
import { until, type BucketDeps } from '../../platform/s3-objects';
import { removeUpload } from '../../platform/uploads/upload-removal';
import { createUploadStore } from '../../platform/uploads/upload-store';

/**
 * Removes uploads that did not become complete in their time, with what is under way in parts. Folders that the API has
 * not made are left alone, and so is an upload that could not be judged. Returns how many were removed.
 * @param onUpload after each upload that was looked at
 */
export async function removeUnfinishedUploads(
  deps: BucketDeps,
  nowMs: number,
  signal: AbortSignal,
  onUpload: () => void,
): Promise<number> {
  const store = createUploadStore(deps);
  let removed = 0;

  /** When its time is over; null for one that is complete. */
  const expiryMs = async (tenant: string, uploadId: string): Promise<number | null> => {
    const upload = await store.find(tenant, uploadId);
    if (upload !== null) return upload.completedAtMs === null ? upload.manifest.expiresAtMs : null;
    // Files without a manifest: a link that was signed before the upload was removed has been used after that.
    const { Contents: [first] = [] } = await deps.s3.send(
      new ListObjectsV2Command({ Bucket: deps.bucket, Prefix: layout.uploadFolder(tenant, uploadId), MaxKeys: 1 }),
      until(signal),
    );
    return first?.LastModified === undefined ? null : uploadExpiryMs(first.LastModified.getTime());
  };

  for await (const tenant of foldersIn(deps, layout.uploadsPrefix, signal))
    for await (const uploadId of foldersIn(deps, layout.tenantUploads(tenant), signal)) {
      if (!UPLOAD_ID_PATTERN.test(uploadId)) continue;
      try {
        const expiresAtMs = await expiryMs(tenant, uploadId);
        if (expiresAtMs !== null && isAbandoned({ expiresAtMs }, nowMs)) {
          const files = await removeUpload(deps, tenant, uploadId, signal);
          log.info('removed an upload that was not completed', { tenant, uploadId, files });
          removed += 1;
        }
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn('an upload was left alone, since it could not be judged or removed', { tenant, uploadId, error });
      }
      onUpload();
    }
  return removed;
}

/** Names of the folders directly below one. */
async function* foldersIn({ s3, bucket }: BucketDeps, prefix: string, signal: AbortSignal): AsyncGenerator<string> {
  const request = { Bucket: bucket, Prefix: prefix, Delimiter: '/' };
  for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client: s3 }, request, until(signal)))
    for (const { Prefix = '' } of CommonPrefixes) yield Prefix.slice(prefix.length, -1);
}
