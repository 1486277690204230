/** An upload that was begun in this browser and has no job yet. Nothing in it lets anybody in. */
export interface RememberedUpload {
  readonly uploadId: string;
  readonly name: string;
  readonly files: number;
  readonly begunAt: string;
}

/** What of the browser's storage is used; it may refuse (private windows, full). */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'spaceport.upload';
const UPLOAD_ID = /^[0-9a-f]{32}$/;

export interface UploadMemory {
  read(): RememberedUpload | null;
  write(upload: RememberedUpload): void;
  forget(): void;
}

/** @param store null where the browser has none: then nothing is remembered */
export const uploadMemory = (store: Store | null): UploadMemory => ({
  read: () => attempt(() => parsed(store?.getItem(KEY) ?? null)) ?? null,
  write: (upload) => void attempt(() => store?.setItem(KEY, JSON.stringify(upload))),
  forget: () => void attempt(() => store?.removeItem(KEY)),
});

function parsed(text: string | null): RememberedUpload | null {
  if (text === null) return null;
  const { uploadId, name, files, begunAt } = JSON.parse(text) as Partial<Record<keyof RememberedUpload, unknown>>;
  const isOne = typeof uploadId === 'string' && UPLOAD_ID.test(uploadId) && typeof files === 'number';
  return isOne && typeof name === 'string' && typeof begunAt === 'string' ? { uploadId, name, files, begunAt } : null;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
