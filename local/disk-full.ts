import { statfs } from 'node:fs/promises';

/** What the endpoints of local/ say of it, beside the code of their protocol. */
export const DISK_FULL = 'The disk of this machine is full: no space left on device.';

/** With less than this, a program that failed may well have failed for it. */
const NO_SPACE_BYTES = 1024 * 1024;

/** Whether the file system of a folder has next to no space left for this process. */
export async function hasNoSpace(folder: string): Promise<boolean> {
  const { bavail, bfree, bsize } = await statfs(folder);
  // Some blocks are only for the superuser.
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize < NO_SPACE_BYTES;
}
