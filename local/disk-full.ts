import { statfs } from 'node:fs/promises';
import { saysDiskFull } from '../contracts/machines/disk-full';

/** The errors of a file system that takes no more bytes: the device's end, or that of its user's quota. */
const CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** What the endpoints of local/ say of it, beside the code of their protocol. */
export const DISK_FULL = 'The disk of this machine is full: no space left on device.';

/** Whether an error, or what caused it, is that a disk of this machine is full: of this process, or of local/s3. */
export function isDiskFull(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  // Not by instanceof: the file system's errors are of another Error than the one of a test's context.
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  return CODES.has(code) || saysDiskFull(String(message)) || isDiskFull(cause);
}

/** With less than this, a program that failed may well have failed for it. */
const NO_SPACE_BYTES = 1024 * 1024;

/** Whether the file system of a folder has next to no space left for this process. */
export async function hasNoSpace(folder: string): Promise<boolean> {
  const { bavail, bfree, bsize } = await statfs(folder);
  // Some blocks are only for the superuser.
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize < NO_SPACE_BYTES;
}
