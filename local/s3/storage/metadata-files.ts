import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Enough to keep a disk busy at start without running out of file descriptors. */
const PARALLEL_READS = 64;

/** JSON files that are there whole or not at all: written beside, then renamed. */
export class MetadataFiles {
  /** `scratch` must be on the same file system; it is emptied by `clearScratch`. */
  constructor(private readonly scratch: string) {}

  async clearScratch(): Promise<void> {
    await rm(this.scratch, { recursive: true, force: true });
    await mkdir(this.scratch, { recursive: true });
  }

  /** Replaces the file at once; a reader, or a start after a kill, sees the old or the new content. */
  async write(file: string, value: unknown): Promise<void> {
    const draft = path.join(this.scratch, randomBytes(12).toString('hex'));
    try {
      await writeFile(draft, JSON.stringify(value));
      await mkdir(path.dirname(file), { recursive: true });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true }); // a full disk leaves half of it
      throw error;
    }
  }

  async remove(fileOrFolder: string): Promise<void> {
    await rm(fileOrFolder, { recursive: true, force: true });
  }

  /** Reads every .json file below a folder; [] where there is none. The values are what `write` was given. */
  async readAll<T>(folder: string): Promise<T[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreMissing);
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map((entry) => path.join(entry.parentPath, entry.name));
    const values: T[] = [];
    for (let start = 0; start < files.length; start += PARALLEL_READS) {
      const batch = files.slice(start, start + PARALLEL_READS);
      values.push(...(await Promise.all(batch.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as T))));
    }
    return values;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
