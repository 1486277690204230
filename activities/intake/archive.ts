import path from 'node:path';
import type { Writable } from 'node:stream';
import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import tar from 'tar-stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import type { S3Location } from '../../contracts/storage/location';
import { refusal } from '../application-failures';

/** What an archive may hold; beyond it is a mistake or a bomb. */
export const ARCHIVE_LIMITS = {
  entries: 20_000,
  /** Unpacked, all entries together. */
  totalBytes: 200 * 2 ** 30,
  /** Unpacked size against packed size; photos hardly compress at all. */
  ratio: 100,
};

/** Below this size no ratio is suspicious: small files of zeros are harmless. */
const RATIO_MATTERS_BYTES = 16 * 2 ** 20;

/** Takes one file of an archive; must read `content` to its end. */
type EntrySink = (name: string, content: Readable) => Promise<void>;

/** An archive in S3, and how long it may be read. */
interface ArchiveSource {
  readonly s3: S3Client;
  readonly archive: S3Location;
  readonly signal: AbortSignal;
}

/**
 * Hands each ordinary file of a .zip, .tar or .tar.gz in S3 to `sink`, one after the other, streaming; nothing is
 * ever written to a path of the archive's choosing. Folders are skipped.
 * Throws ARCHIVE_UNSAFE (absolute or `..` paths, links, devices, encryption), ARCHIVE_TOO_LARGE, ARCHIVE_INVALID.
 */
export async function unpackArchive(source: ArchiveSource, sink: EntrySink, limits = ARCHIVE_LIMITS): Promise<void> {
  const unpacking = new Unpacking(source, sink, limits);
  await (/\.zip$/i.test(source.archive.key) ? unpacking.zip() : unpacking.tar());
}

const SYMBOLIC_LINK = 0o120000;
const FILE_TYPE_MASK = 0o170000;
const ENCRYPTED = 0x1;

/**
 * One pass over an archive. Counts what comes out, so that the archive's own claims about its sizes are not trusted.
 */
class Unpacking {
  private entries = 0;
  private bytes = 0;

  constructor(
    private readonly source: ArchiveSource,
    private readonly sink: EntrySink,
    private readonly limits: typeof ARCHIVE_LIMITS,
  ) {}

  async zip(): Promise<void> {
    const { s3, archive, signal } = this.source;
    const head = await s3.send(new HeadObjectCommand({ Bucket: archive.bucket, Key: archive.key }), {
      abortSignal: signal,
    });
    const reader = new S3RandomAccess(this.source);
    let zip: ZipFile | null = null;
    try {
      zip = await yauzl.fromRandomAccessReaderPromise(reader, head.ContentLength ?? 0, { autoClose: false });
      for await (const entry of zip.eachEntry()) await this.zipEntry(zip, entry);
    } catch (error) {
      // yauzl refuses paths that lead outside before we see them.
      if (error instanceof Error && /relative path|absolute path/.test(error.message))
        throw refusal('ARCHIVE_UNSAFE', error.message);
      throw signal.aborted ? error : invalid(error as Error);
    } finally {
      zip?.close();
    }
  }

  async tar(): Promise<void> {
    const { s3, archive, signal } = this.source;
    const answer = await s3.send(new GetObjectCommand({ Bucket: archive.bucket, Key: archive.key }), {
      abortSignal: signal,
    });
    const body = answer.Body as Readable;
    const extract = tar.extract();
    extract.on('entry', (header, content, next) => {
      this.tarEntry(header, content as unknown as Readable).then(() => next(), next);
    });
    const gzipped = /\.(tar\.gz|tgz)$/i.test(archive.key);
    // A gzip bomb shows in the whole stream, since a tar's entries have no packed size of their own.
    const guard = new Unpacking(this.source, this.sink, this.limits).counter(answer.ContentLength ?? 0);
    try {
      if (gzipped) await pipeline(body, createGunzip(), guard, asWritable(extract), { signal });
      else await pipeline(body, asWritable(extract), { signal });
    } catch (error) {
      throw signal.aborted ? error : invalid(error as Error);
    }
  }

  private async zipEntry(zip: ZipFile, entry: Entry): Promise<void> {
    const name = this.enter(entry.fileName);
    if (entry.fileName.endsWith('/')) return;
    if (((entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK) === SYMBOLIC_LINK)
      throw refusal('ARCHIVE_UNSAFE', `the archive holds a link: ${name}`);
    if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0)
      throw refusal('ARCHIVE_INVALID', 'the archive is protected by a password');
    await this.deliver(name, await zip.openReadStreamPromise(entry), entry.compressedSize);
  }

  private async tarEntry({ name: path, type }: tar.Header, content: Readable): Promise<void> {
    const name = this.enter(path);
    if (type === 'directory') content.resume();
    else if (type === 'file' || type === 'contiguous-file') await this.deliver(name, content, null);
    else throw refusal('ARCHIVE_UNSAFE', `the archive holds something that is no file: ${name}`);
  }

  /** Counts an entry and returns its name. */
  private enter(name: string): string {
    this.entries += 1;
    if (this.entries > this.limits.entries)
      throw refusal('ARCHIVE_TOO_LARGE', `the archive has more than ${this.limits.entries} files`);
    return safeName(name);
  }

  /** Runs the entry through a counter into the sink; the first error of either wins. */
  private async deliver(name: string, content: Readable, packedBytes: number | null): Promise<void> {
    const counted = new PassThrough();
    const copying = pipeline(content, this.counter(packedBytes), counted, { signal: this.source.signal });
    await Promise.all([copying, this.sink(name, counted)]);
  }

  /** A stream that counts; `packedBytes` is the entry's size in the archive, null where that is unknown. */
  private counter(packedBytes: number | null): Transform {
    let own = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        own += chunk.length;
        this.bytes += chunk.length;
        const { totalBytes, ratio } = this.limits;
        if (this.bytes > totalBytes)
          done(refusal('ARCHIVE_TOO_LARGE', `the archive unpacks to more than ${totalBytes} bytes`));
        else if (packedBytes !== null && own > RATIO_MATTERS_BYTES && own > packedBytes * ratio)
          done(refusal('ARCHIVE_TOO_LARGE', `a file of the archive unpacks to more than ${ratio} times its size`));
        else done(null, chunk);
      },
    });
  }
}

/** The entry's name, or ARCHIVE_UNSAFE when it points out of its folder. */
function safeName(name: string): string {
  const unixName = name.replaceAll('\\', '/');
  const unsafe =
    unixName.startsWith('/') ||
    /^[a-z]:/i.test(unixName) ||
    unixName.split('/').includes('..') ||
    unixName.includes('\0');
  if (unsafe)
    throw refusal(
      'ARCHIVE_UNSAFE',
      `the archive holds a path that points outside: ${JSON.stringify(name.slice(0, 200))}`,
    );
  return path.posix.normalize(unixName);
}

/** Reads a zip's directory and entries by range requests: no byte lands on a disk of ours. */
class S3RandomAccess extends yauzl.RandomAccessReader {
  constructor(private readonly source: ArchiveSource) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const through = new PassThrough();
    const { s3, archive, signal } = this.source;
    s3.send(new GetObjectCommand({ Bucket: archive.bucket, Key: archive.key, Range: `bytes=${start}-${end - 1}` }), {
      abortSignal: signal,
    })
      .then((answer) => pipeline(answer.Body as Readable, through))
      .catch((error: unknown) => through.destroy(error as Error));
    return through;
  }
}

const asWritable = (extract: tar.Extract): Writable => extract as unknown as Writable;

const isTyped = (error: unknown): boolean => error instanceof Error && error.name === 'ApplicationFailure';

/** S3 or the network failed, not the archive: the activity is tried again. */
const isTransport = (error: Error): boolean =>
  '$metadata' in error || ('code' in error && /^E[A-Z]+$/.test(String(error.code)));

const invalid = (error: Error): Error =>
  isTyped(error) || isTransport(error)
    ? error
    : refusal('ARCHIVE_INVALID', `the archive cannot be read: ${error.message}`);
