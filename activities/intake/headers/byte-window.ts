/** A file whose bytes are read in ranges: an object in S3, or a buffer in a test. */
export interface FileBytes {
  readonly size: number;
  /** The bytes from `start` up to, without, `end`; both lie within the file. */
  read(start: number, end: number): Promise<Buffer>;
}

/** A photo that cannot be used; the message is the reason, for a person. */
export class UnusablePhoto extends Error {}

const FIRST_READ_BYTES = 256 * 1024;
const LARGEST_READ_BYTES = 4 * 2 ** 20;
/** A picture of the 200 million pixels that are taken at most has less. */
const MOST_BYTES_READ = 512 * 2 ** 20;

/**
 * Walks through a file with one block of it in memory. Blocks grow from 256 KiB to 4 MiB, so that a header in the first
 * block costs one request and one behind 100 MB of metadata some thirty.
 */
export class ByteWindow {
  private block: Buffer = Buffer.alloc(0);
  private start = 0;
  private blockBytes = FIRST_READ_BYTES;
  private bytesRead = 0;

  constructor(private readonly file: FileBytes) {}

  get size(): number {
    return this.file.size;
  }

  /**
   * `length` bytes from `position`, at most 4 MiB; fewer where the file ends before. Throws UnusablePhoto where more
   * than 512 MiB of one file would have to be read.
   */
  async at(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.size);
    if (position >= end) return Buffer.alloc(0);
    if (position < this.start || end > this.start + this.block.length) await this.load(position, end);
    return this.block.subarray(position - this.start, end - this.start);
  }

  /** What the block in memory has from `position` on, at least one byte unless the file ends there. */
  async from(position: number): Promise<Buffer> {
    await this.at(position, 1);
    return position >= this.size ? Buffer.alloc(0) : this.block.subarray(position - this.start);
  }

  private async load(position: number, end: number): Promise<void> {
    const blockEnd = Math.min(Math.max(end, position + this.blockBytes), this.size);
    this.bytesRead += blockEnd - position;
    if (this.bytesRead > MOST_BYTES_READ)
      throw new UnusablePhoto(`no complete picture was found in its first ${MOST_BYTES_READ / 2 ** 20} MB`);
    this.block = await this.file.read(position, blockEnd);
    this.start = position;
    this.blockBytes = Math.min(this.blockBytes * 2, LARGEST_READ_BYTES);
    if (this.block.length < end - position)
      throw new Error(`a file of ${this.size} bytes gave ${this.block.length} of ${blockEnd - position}`);
  }
}
