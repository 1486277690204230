import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import type { ByteRange } from './byte-range';

/** A stretch of an object: one file. Objects put at once have one, completed multipart uploads one a part. */
export interface Segment {
  blob: string;
  /** Bytes. */
  size: number;
}

const READ_CHUNK_BYTES = 256 * 1024;
const WRITE_BUFFER_BYTES = 1024 * 1024;

/**
 * The bytes of objects: files with random names that never change once written. A blob counts only when a metadata file
 * names it; what a killed process left behind is removed by `removeOrphans` at the next start.
 */
export class BlobFiles {
  private readonly readers = new Map<string, number>();
  private readonly doomed = new Set<string>();
  private readonly knownFolders = new Set<string>();

  constructor(private readonly folder: string) {}

  /** A new empty blob to write to. The caller discards it if the writing fails. */
  async create(): Promise<{ blob: string; sink: Writable }> {
    const blob = await this.newName();
    return { blob, sink: createWriteStream(this.pathOf(blob), { flags: 'wx', highWaterMark: WRITE_BUFFER_BYTES }) };
  }

  /** The same bytes under new names, by hard links where the file system has them: a copy of a scene takes no time. */
  async duplicate(segments: readonly Segment[]): Promise<Segment[]> {
    const copies: Segment[] = [];
    try {
      for (const { blob, size } of segments) {
        const copy = await this.newName();
        copies.push({ blob: copy, size });
        await link(this.pathOf(blob), this.pathOf(copy)).catch(() => copyFile(this.pathOf(blob), this.pathOf(copy)));
      }
      return copies;
    } catch (error) {
      await this.discard(copies);
      throw error;
    }
  }

  /**
   * The bytes of the range, or all. Call it inside `whileReading`, or a replaced object's blobs may vanish under it.
   */
  async *read(segments: readonly Segment[], range?: ByteRange): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { blob, size } of segments) {
      const start = Math.max(0, (range?.start ?? 0) - offset);
      const end = Math.min(size - 1, (range?.end ?? Infinity) - offset);
      offset += size;
      if (start > end) continue;
      const options = { start, end, highWaterMark: READ_CHUNK_BYTES };
      yield* createReadStream(this.pathOf(blob), options) as AsyncIterable<Buffer>;
    }
  }

  /** Keeps the blobs until the task has ended, also when their object is replaced or deleted meanwhile. */
  async whileReading<T>(segments: readonly Segment[], task: () => Promise<T>): Promise<T> {
    for (const { blob } of segments) this.readers.set(blob, (this.readers.get(blob) ?? 0) + 1);
    try {
      return await task();
    } finally {
      for (const { blob } of segments) await this.endReading(blob);
    }
  }

  /** Removes blobs, each as soon as nobody reads it. */
  async discard(segments: readonly Pick<Segment, 'blob'>[]): Promise<void> {
    for (const { blob } of segments) {
      if (this.readers.has(blob)) this.doomed.add(blob);
      else await rm(this.pathOf(blob), { force: true });
    }
  }

  /** Removes every blob that no metadata names. Only at start, before anything is written. */
  async removeOrphans(referenced: ReadonlySet<string>): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const prefix of await readdir(this.folder)) {
      for (const blob of await readdir(path.join(this.folder, prefix))) {
        if (!referenced.has(blob)) await rm(this.pathOf(blob), { force: true });
      }
    }
  }

  private async endReading(blob: string): Promise<void> {
    const readersLeft = (this.readers.get(blob) ?? 1) - 1;
    if (readersLeft > 0) {
      this.readers.set(blob, readersLeft);
      return;
    }
    this.readers.delete(blob);
    if (this.doomed.delete(blob)) await rm(this.pathOf(blob), { force: true });
  }

  private async newName(): Promise<string> {
    const blob = randomBytes(16).toString('hex');
    const folder = path.dirname(this.pathOf(blob));
    if (!this.knownFolders.has(folder)) {
      await mkdir(folder, { recursive: true });
      this.knownFolders.add(folder);
    }
    return blob;
  }

  /** 256 folders, so that none holds more than a few hundred files. */
  private pathOf(blob: string): string {
    return path.join(this.folder, blob.slice(0, 2), blob);
  }
}
