import { isArchive, ARCHIVE_ENDING } from './location';
import { isPositionFile } from './position-files';

/** One file that a client has announced. */
export interface UploadFile {
  /** Path below the folder of the photos. */
  readonly name: string;
  readonly bytes: number;
  /** When the file was last changed where it comes from, ISO 8601; null where nobody said. */
  readonly modifiedAt: string | null;
}

/** `.upload/manifest.json` of an upload: what is to arrive. Written once. */
export interface UploadManifest {
  readonly version: 1;
  readonly tenant: string;
  readonly uploadId: string;
  readonly name: string | null;
  readonly createdAtMs: number;
  /** From then on an upload that is not complete is over, and its files are deleted. */
  readonly expiresAtMs: number;
  /** Of the request: tells a repeat from another request with the same Idempotency-Key. */
  readonly digest: string;
  readonly files: readonly UploadFile[];
}

/** Ids that the API gives; folders of other names below a tenant's are other programs' uploads. */
export const UPLOAD_ID_PATTERN = /^[0-9a-f]{32}$/;

/** What an upload without a name is called by: its archive, or the one folder that all of its photos are in. */
export function nameFromFiles(files: readonly Pick<UploadFile, 'name'>[]): string | null {
  const archive = files.find(({ name }) => isArchive({ key: name }));
  if (archive !== undefined) return archive.name.split('/').at(-1)?.replace(ARCHIVE_ENDING, '') || null;
  const folders = new Set(files.filter(({ name }) => !isPositionFile(name)).map(({ name }) => name.split('/')[0]));
  const isFolder = files.every(({ name }) => name.includes('/') || isPositionFile(name));
  return isFolder && folders.size === 1 ? ([...folders][0] ?? null) : null;
}

/** What a listing says of a manifest's files. */
export interface Arrival {
  readonly arrived: { readonly files: number; readonly bytes: number };
  readonly missing: readonly UploadFile[];
  readonly differing: readonly (UploadFile & { readonly arrivedBytes: number })[];
}

/** @param listed bytes of what lies in the folder of the photos, by name */
export function arrivalOf(files: readonly UploadFile[], listed: ReadonlyMap<string, number>): Arrival {
  const missing: UploadFile[] = [];
  const differing: (UploadFile & { arrivedBytes: number })[] = [];
  const arrived = { files: 0, bytes: 0 };
  for (const file of files) {
    const arrivedBytes = listed.get(file.name);
    if (arrivedBytes === undefined) missing.push(file);
    else if (arrivedBytes !== file.bytes) differing.push({ ...file, arrivedBytes });
    else {
      arrived.files += 1;
      arrived.bytes += arrivedBytes;
    }
  }
  return { arrived, missing, differing };
}
