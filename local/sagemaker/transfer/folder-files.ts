import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface FolderFile {
  /** Below the folder, with forward slashes. */
  relative: string;
  size: number;
  modifiedMs: number;
}

/**
 * The regular files below a folder, sorted by path. Symbolic links, pipes and sockets are left out, as SageMaker's
 * upload does not follow links either. A file that vanishes meanwhile is not reported; a missing folder is empty.
 */
export async function listFolderFiles(folder: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  const visit = async (below: string): Promise<void> => {
    const entries = await ifExists(readdir(path.join(folder, below), { withFileTypes: true }));
    for (const entry of entries ?? []) {
      const relative = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(relative);
      if (!entry.isFile()) continue;
      const stats = await ifExists(lstat(path.join(folder, relative)));
      if (stats) files.push({ relative, size: stats.size, modifiedMs: stats.mtimeMs });
    }
  };
  await visit('');
  return files.sort((left, right) => (left.relative < right.relative ? -1 : 1));
}

/** The result of a file operation, or undefined where its file does not exist. */
export async function ifExists<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
