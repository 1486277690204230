import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { layout } from '../../contracts/storage/layout';
import { UPLOAD_ID_PATTERN, type UploadManifest } from '../../contracts/storage/upload-manifest';
import { listObjects, readJson, unlessChanged, until, writeJson } from '../s3-objects';

/** An upload as it stands: what is to arrive, and whether all of it has. */
export interface StoredUpload {
  readonly manifest: UploadManifest;
  /** Null while it is not complete. */
  readonly completedAtMs: number | null;
}

/** A file that has begun to arrive in parts. */
export interface OpenMultipart {
  readonly key: string;
  /** S3's own id. */
  readonly multipartId: string;
  readonly startedAtMs: number;
}

/** The one way to uploads: their manifests, whether they are complete, and what has arrived. */
export interface UploadStore {
  /** Writes a new upload's manifest; false when the id is taken. */
  claim(manifest: UploadManifest): Promise<boolean>;
  /** Null when a tenant has no such upload. */
  find(tenant: string, uploadId: string): Promise<StoredUpload | null>;
  /** Bytes of every file that lies there, by name. */
  listed(tenant: string, uploadId: string): Promise<ReadonlyMap<string, number>>;
  /** Files that are under way in parts, oldest first. */
  openMultiparts(tenant: string, uploadId: string): Promise<readonly OpenMultipart[]>;
  /** Says that everything has arrived; a second time changes nothing. */
  complete(tenant: string, uploadId: string): Promise<void>;
}

const manifestSchema = z.object({
  version: z.literal(1),
  tenant: z.string(),
  uploadId: z.string().regex(UPLOAD_ID_PATTERN),
  name: z.string().nullable(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  digest: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), modifiedAt: z.string().nullable() })),
}) satisfies z.ZodType<UploadManifest>;

/** Manifests that are kept in memory; one of 10 000 files takes some 2 MB. */
const KEPT_MANIFESTS = 16;

/**
 * Uploads in the deployment's bucket. A client asks for a signature a file, so that a manifest is asked for thousands of
 * times: those used last stay in memory, and a listing of two keys says whether they still stand.
 */
export function createUploadStore({ s3, bucket }: { readonly s3: S3Client; readonly bucket: string }): UploadStore {
  /** By key and ETag, the one used longest ago first. */
  const kept = new Map<string, UploadManifest>();

  const readManifest = async (key: string, etag: string): Promise<UploadManifest | null> => {
    const version = `${etag} ${key}`;
    const known =
      kept.get(version) ?? manifestSchema.nullable().parse((await readJson(s3, { bucket, key }))?.value ?? null);
    kept.delete(version);
    if (known !== null) kept.set(version, known);
    for (const [oldest] of kept) if (kept.size > KEPT_MANIFESTS) kept.delete(oldest);
    return known;
  };

  return {
    async claim(manifest) {
      const key = layout.uploadManifest(manifest.tenant, manifest.uploadId);
      return (await unlessChanged(writeJson(s3, { bucket, key }, manifest, undefined, { IfNoneMatch: '*' }))) !== null;
    },

    async find(tenant, uploadId) {
      if (!UPLOAD_ID_PATTERN.test(uploadId)) return null;
      const Prefix = layout.uploadStateFolder(tenant, uploadId);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      const [manifestKey, completionKey] = [
        layout.uploadManifest(tenant, uploadId),
        layout.uploadCompletion(tenant, uploadId),
      ];
      const written = Contents.find(({ Key }) => Key === manifestKey);
      const completion = Contents.find(({ Key }) => Key === completionKey);
      const manifest = written === undefined ? null : await readManifest(manifestKey, written.ETag ?? '');
      return manifest && { manifest, completedAtMs: completion?.LastModified?.getTime() ?? null };
    },

    async listed(tenant, uploadId) {
      const folder = layout.uploadPhotosFolder(tenant, uploadId);
      const found = new Map<string, number>();
      for await (const { key, bytes } of listObjects(s3, { bucket, key: folder }))
        found.set(key.slice(folder.length), bytes);
      return found;
    },

    openMultiparts: (tenant, uploadId) => openMultiparts(s3, bucket, layout.uploadPhotosFolder(tenant, uploadId)),

    async complete(tenant, uploadId) {
      const key = layout.uploadCompletion(tenant, uploadId);
      await unlessChanged(writeJson(s3, { bucket, key }, { version: 1 }, undefined, { IfNoneMatch: '*' }));
    },
  };
}

/** Multipart uploads below a prefix that were neither completed nor aborted, oldest first. */
export async function openMultiparts(
  s3: S3Client,
  bucket: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<readonly OpenMultipart[]> {
  const found: OpenMultipart[] = [];
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | null = {};
  while (marker !== null) {
    const page: ListMultipartUploadsCommandOutput = await s3.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
      until(signal),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
      if (Key !== undefined && UploadId !== undefined)
        found.push({ key: Key, multipartId: UploadId, startedAtMs: Initiated?.getTime() ?? 0 });
    marker =
      page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null;
  }
  return found.sort((left, right) => left.startedAtMs - right.startedAtMs);
}
