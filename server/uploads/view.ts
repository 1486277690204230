import { layout } from '../../contracts/storage/layout';
import { s3Uri } from '../../contracts/storage/location';
import { arrivalOf, type UploadFile } from '../../contracts/storage/upload-manifest';
import type { OpenMultipart, StoredUpload, UploadStore } from '../../platform/uploads/upload-store';
import { reached } from '../http/availability';
import { keyOf } from './lookup';

/** A file as a client sends it. */
export interface FileView {
  /** Its number in the manifest, from 0. */
  readonly file: number;
  readonly name: string;
  /** Where it is sent to in the bucket. */
  readonly key: string;
  readonly bytes: number;
}

export interface UploadView {
  readonly uploadId: string;
  readonly name: string | null;
  readonly state: 'open' | 'complete' | 'expired';
  /** What a job of these photos is started with. */
  readonly input: string;
  readonly createdAt: string;
  /** When an upload that is not complete is over; null for one that is. */
  readonly expiresAt: string | null;
  readonly completedAt: string | null;
  readonly announced: { readonly files: number; readonly bytes: number };
  /** With the size that was announced. */
  readonly arrived: { readonly files: number; readonly bytes: number };
  readonly missing: readonly FileView[];
  /** Files that arrived with another size: they are to be sent again. */
  readonly differing: readonly (FileView & { readonly arrivedBytes: number })[];
  /** Files that are under way in parts. */
  readonly inParts: readonly (FileView & { readonly multipartId: string; readonly startedAt: string })[];
}

/** An upload as it stands, by what S3 lists. Throws UNAVAILABLE. */
export async function uploadView(
  upload: StoredUpload,
  store: Pick<UploadStore, 'listed' | 'openMultiparts'>,
  bucket: string,
  nowMs: number,
): Promise<UploadView> {
  const { tenant, uploadId } = upload.manifest;
  const [listed, multiparts] = await reached(
    'The storage',
    Promise.all([
      store.listed(tenant, uploadId),
      upload.completedAtMs === null ? store.openMultiparts(tenant, uploadId) : [],
    ]),
  );
  return viewOf(upload, listed, multiparts, bucket, nowMs);
}

/** The same of an upload that nothing can have arrived of yet. */
export const newUploadView = (upload: StoredUpload, bucket: string, nowMs: number): UploadView =>
  viewOf(upload, new Map(), [], bucket, nowMs);

function viewOf(
  upload: StoredUpload,
  listed: ReadonlyMap<string, number>,
  multiparts: readonly OpenMultipart[],
  bucket: string,
  nowMs: number,
): UploadView {
  const { manifest, completedAtMs } = upload;
  const { files, createdAtMs, expiresAtMs } = manifest;
  const views = new Map(files.map((file, number) => [file.name, fileView(upload, file, number)]));
  const byKey = new Map([...views.values()].map((view) => [view.key, view]));
  const viewed = ({ name }: UploadFile): FileView[] => [views.get(name)].filter((view) => view !== undefined);
  const { arrived, missing, differing } = arrivalOf(files, listed);
  return {
    uploadId: manifest.uploadId,
    name: manifest.name,
    state: completedAtMs !== null ? 'complete' : nowMs >= expiresAtMs ? 'expired' : 'open',
    input: s3Uri({ bucket, key: layout.uploadPhotosFolder(manifest.tenant, manifest.uploadId) }),
    createdAt: new Date(createdAtMs).toISOString(),
    expiresAt: completedAtMs === null ? new Date(expiresAtMs).toISOString() : null,
    completedAt: completedAtMs === null ? null : new Date(completedAtMs).toISOString(),
    announced: { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    arrived,
    missing: missing.flatMap(viewed),
    differing: differing.flatMap((file) => viewed(file).map((view) => ({ ...view, arrivedBytes: file.arrivedBytes }))),
    inParts: multiparts.flatMap(({ key, multipartId, startedAtMs }) => {
      const view = byKey.get(key);
      return view === undefined ? [] : [{ ...view, multipartId, startedAt: new Date(startedAtMs).toISOString() }];
    }),
  };
}

const fileView = (upload: StoredUpload, file: UploadFile, number: number): FileView => ({
  file: number,
  name: file.name,
  key: keyOf(upload, file),
  bytes: file.bytes,
});
