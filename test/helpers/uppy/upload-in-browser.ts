import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { brokenConnection } from './broken-connection';
import { uploadServer } from './upload-server';

/** Of an upload in the browser; a test has more, so that it can clean up. */
const LONGEST_MS = 150_000;
export const TEST_TIMEOUT_MS = LONGEST_MS + 30_000;

export interface MadeFile {
  readonly name: string;
  readonly bytes: number;
  /** Two files of other seeds are unlike. */
  readonly seed: number;
}

/** What the page says at the end, and what passed on the way. */
export interface BrowserUpload {
  readonly page: {
    readonly failed: readonly string[];
    readonly state?: string;
    readonly arrived?: { readonly files: number; readonly bytes: number };
    readonly problems: readonly string[];
  };
  readonly broke: boolean;
  readonly sentBytes: number;
  /** How often each part was begun, by its number: more than once where it was sent again. */
  readonly parts: ReadonlyMap<number, number>;
  /** What S3 holds in the end. */
  readonly stored: (name: string) => Promise<Buffer>;
  readonly close: () => Promise<void>;
}

/** The bytes that the page makes of a file. */
export function fileBytes({ bytes, seed }: MadeFile): Buffer {
  const made = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at += 1) {
    const index = at & 0xfffff;
    made[at] = (seed + (at >> 20) * 7 + index * 31 + (index >> 8) * 17) & 0xff;
  }
  return made;
}

/**
 * Uploads files with Uppy's own client in Chromium through the API to a local S3, over a connection that breaks after so
 * many bytes.
 */
export async function uploadInBrowser(
  browser: string,
  files: readonly MadeFile[],
  breaking: Parameters<typeof brokenConnection>[1],
  more: readonly string[] = [],
): Promise<BrowserUpload> {
  const parts = new Map<number, number>();
  const { address, bucket, way, close } = await uploadServer(breaking, (name, { request }, proceed) => {
    const number = Number(request.query.find(([parameter]) => parameter === 'partNumber')?.[1]);
    if (name === 'UploadPart') parts.set(number, (parts.get(number) ?? 0) + 1);
    return proceed();
  });
  try {
    const drive = [path.join(__dirname, 'drive.mjs'), browser, address, JSON.stringify(files), ...more];
    const driving = promisify(execFile)(process.execPath, drive, { timeout: LONGEST_MS });
    void way.breaks.then(() => driving.child.stdin?.end('broken\n'));
    const { stdout } = await driving;
    const page = JSON.parse(stdout) as BrowserUpload['page'] & { uploadId: string };
    const stored = (name: string): Promise<Buffer> => bucket.bytesOf(`uploads/local/${page.uploadId}/photos/${name}`);
    return { page, broke: way.hasBroken(), sentBytes: way.sentBytes(), parts, stored, close };
  } catch (error) {
    await close();
    throw error;
  }
}
