import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import yauzl from 'yauzl';
import { readObject } from '../../../platform/s3-objects';
import { refusal } from '../../application-failures';
import type { ArchiveSource } from './archive-source';

/** End of central directory record: APPNOTE 4.3.16. */
const END_RECORD = Buffer.from('PK\x05\x06');
const END_RECORD_BYTES = 22;
const ZIP64_LOCATOR = Buffer.from('PK\x06\x07');
const ZIP64_LOCATOR_BYTES = 20;
const DIRECTORY_HEADER = Buffer.from('PK\x01\x02');
/** A comment has at most 64 KiB; the rest is room for bytes that a transfer or a tool has put behind the archive. */
const TAIL_BYTES = 2 ** 20;
/** 20 000 entries with names of 255 bytes have less. */
const MAX_DIRECTORY_BYTES = 32 * 2 ** 20;
const DISK_NUMBER_AT = 4;
const COMMENT_LENGTH_AT = 20;

/**
 * The bytes of a zip in S3 as yauzl reads them: from the archive's first entry, wherever that is in the object, to its
 * end record, without comment and without what stands behind it. No byte lands on a disk of ours.
 */
export class ZipBytes extends yauzl.RandomAccessReader {
  /**
   * `before`: bytes of the object before the archive. `known`: the archive's last bytes, so that its directory, read in
   * small pieces, is one request.
   */
  constructor(
    private readonly source: ArchiveSource,
    private readonly before: number,
    readonly bytes: number,
    private readonly known: Buffer,
  ) {
    super();
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const knownAt = this.bytes - this.known.length;
    const fetched = Math.min(Math.max(knownAt - position, 0), length);
    if (fetched < length)
      this.known.copy(target, offset + fetched, position + fetched - knownAt, position + length - knownAt);
    if (fetched === 0) return callback(null);
    buffer(this._readStreamForRange(position, position + fetched)).then((content) => {
      content.copy(target, offset);
      callback(null);
    }, callback);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const through = new PassThrough();
    const { s3, archive, signal } = this.source;
    const Range = `bytes=${this.before + start}-${this.before + end - 1}`;
    if (start >= end) return through.end();
    s3.send(new GetObjectCommand({ Bucket: archive.bucket, Key: archive.key, Range }), { abortSignal: signal })
      .then((answer) => pipeline(answer.Body as Readable, through))
      .catch((error: unknown) => through.destroy(error as Error));
    return through;
  }
}

/**
 * Finds the directory of a zip, also where bytes stand before the archive (self-extracting ones) or behind it. Null
 * where there is none.
 */
export async function openZipDirectory(source: ArchiveSource): Promise<ZipBytes | null> {
  const { s3, archive, signal, bytes } = source;
  const tailAt = Math.max(0, bytes - TAIL_BYTES);
  const tail = await readObject(s3, archive, signal, `bytes=${tailAt}-${bytes - 1}`);
  for (
    let found = tail.lastIndexOf(END_RECORD);
    found >= 0;
    found = found === 0 ? -1 : tail.lastIndexOf(END_RECORD, found - 1)
  ) {
    if (found + END_RECORD_BYTES > tail.length) continue;
    const record = Buffer.from(tail.subarray(found, found + END_RECORD_BYTES));
    if (found + END_RECORD_BYTES + record.readUInt16LE(COMMENT_LENGTH_AT) > tail.length) continue;
    record.writeUInt16LE(0, COMMENT_LENGTH_AT);
    const end = tailAt + found;
    const locator = tail.subarray(Math.max(0, found - ZIP64_LOCATOR_BYTES), found);
    // Offsets of a zip64 are taken as they are: nothing puts bytes before archives of that size.
    if (locator.subarray(0, 4).equals(ZIP64_LOCATOR)) return new ZipBytes(source, 0, end + END_RECORD_BYTES, record);
    const directoryBytes = record.readUInt32LE(12);
    const before = end - directoryBytes - record.readUInt32LE(16);
    if (before < 0) continue;
    if (directoryBytes > MAX_DIRECTORY_BYTES) throw refusal('ARCHIVE_TOO_LARGE', 'the archive has too many files');
    const directory =
      directoryBytes === 0
        ? Buffer.alloc(0)
        : await readObject(s3, archive, signal, `bytes=${end - directoryBytes}-${end - 1}`);
    if (directoryBytes > 0 && !directory.subarray(0, 4).equals(DIRECTORY_HEADER)) continue;
    if (record.readUInt16LE(DISK_NUMBER_AT) !== 0)
      throw refusal('ARCHIVE_INVALID', 'the archive is one part of several: make a single file of it');
    return new ZipBytes(source, before, end - before + END_RECORD_BYTES, Buffer.concat([directory, record]));
  }
  return null;
}
