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
interface ArchiveLimits {
  readonly entries: number;
  /** Unpacked, all entries together. */
  readonly totalBytes: number;
  /** Unpacked size against packed size; photos hardly compress at all. */
  readonly ratio: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 20_000, totalBytes: 200 * 2 ** 30, ratio: 100 };

/** Below this size no ratio is suspicious: small files of zeros are harmless. */
const RATIO_MATTERS_BYTES = 16 * 2 ** 20;

/** Takes one file of an archive; must read `content` to its end. */
type EntrySink = (name: string, content: Readable) => Promise<void>;

/**
 * Hands each ordinary file of a .zip, .tar or .tar.gz in S3 to `sink`, one after the other, streaming; nothing is
 * ever written to a path of the archive's choosing. Folders are skipped.
 * Throws ARCHIVE_UNSAFE (absolute or `..` paths, links, devices, encryption), ARCHIVE_TOO_LARGE, ARCHIVE_INVALID.
 */
export async function unpackArchive(
  s3: S3Client,
  archive: S3Location,
  sink: EntrySink,
  signal: AbortSignal,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<void> {
  const budget = new Budget(limits);
  if (/\.zip$/i.test(archive.key)) await unpackZip(s3, archive, sink, signal, budget);
  else await unpackTar(s3, archive, sink, signal, budget, limits);
}

/** Counts what comes out, so that an archive's own words about its sizes need not be believed. */
class Budget {
  private entries = 0;
  private bytes = 0;
  constructor(private readonly limits: ArchiveLimits) {}

  addEntry(): void {
    this.entries += 1;
    if (this.entries > this.limits.entries)
      throw refusal('ARCHIVE_TOO_LARGE', `the archive has more than ${this.limits.entries} files`);
  }

  /** A stream that counts; `packedBytes` is what the entry takes up in the archive, where that is known. */
  counter(packedBytes: number | null): Transform {
    let own = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        own += chunk.length;
        this.bytes += chunk.length;
        if (this.bytes > this.limits.totalBytes)
          done(refusal('ARCHIVE_TOO_LARGE', `the archive unpacks to more than ${this.limits.totalBytes} bytes`));
        else if (packedBytes !== null && own > RATIO_MATTERS_BYTES && own > packedBytes * this.limits.ratio)
          done(
            refusal(
              'ARCHIVE_TOO_LARGE',
              `a file of the archive unpacks to more than ${this.limits.ratio} times its size`,
            ),
          );
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

/** Runs the entry through the counter into the sink; the first error of either wins. */
async function deliver(
  name: string,
  content: Readable,
  sink: EntrySink,
  counter: Transform,
  signal: AbortSignal,
): Promise<void> {
  const counted = new PassThrough();
  await Promise.all([pipeline(content, counter, counted, { signal }), sink(name, counted)]);
}

/** Reads a zip's directory and entries by range requests: no byte lands on a disk of ours. */
class S3RandomAccess extends yauzl.RandomAccessReader {
  constructor(
    private readonly s3: S3Client,
    private readonly object: S3Location,
    private readonly signal: AbortSignal,
  ) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const through = new PassThrough();
    this.s3
      .send(
        new GetObjectCommand({ Bucket: this.object.bucket, Key: this.object.key, Range: `bytes=${start}-${end - 1}` }),
        { abortSignal: this.signal },
      )
      .then((answer) => pipeline(answer.Body as Readable, through))
      .catch((error: unknown) => through.destroy(error as Error));
    return through;
  }
}

const SYMBOLIC_LINK = 0o120000;
const FILE_TYPE_MASK = 0o170000;
const ENCRYPTED = 0x1;

async function unpackZip(
  s3: S3Client,
  archive: S3Location,
  sink: EntrySink,
  signal: AbortSignal,
  budget: Budget,
): Promise<void> {
  const head = await s3.send(new HeadObjectCommand({ Bucket: archive.bucket, Key: archive.key }), {
    abortSignal: signal,
  });
  const reader = new S3RandomAccess(s3, archive, signal);
  let zip: ZipFile | null = null;
  try {
    zip = await yauzl.fromRandomAccessReaderPromise(reader, head.ContentLength ?? 0, { autoClose: false });
    for await (const entry of zip.eachEntry()) await unpackZipEntry(zip, entry, sink, signal, budget);
  } catch (error) {
    // yauzl refuses paths that lead outside before we see them.
    if (error instanceof Error && /relative path|absolute path/.test(error.message))
      throw refusal('ARCHIVE_UNSAFE', error.message);
    throw signal.aborted ? error : invalid(error as Error);
  } finally {
    zip?.close();
  }
}

async function unpackZipEntry(
  zip: ZipFile,
  entry: Entry,
  sink: EntrySink,
  signal: AbortSignal,
  budget: Budget,
): Promise<void> {
  budget.addEntry();
  const name = safeName(entry.fileName);
  if (entry.fileName.endsWith('/')) return;
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK) === SYMBOLIC_LINK)
    throw refusal('ARCHIVE_UNSAFE', `the archive holds a link: ${name}`);
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0)
    throw refusal('ARCHIVE_INVALID', 'the archive is protected by a password');
  const content = await zip.openReadStreamPromise(entry);
  await deliver(name, content, sink, budget.counter(entry.compressedSize), signal);
}

async function unpackTar(
  s3: S3Client,
  archive: S3Location,
  sink: EntrySink,
  signal: AbortSignal,
  budget: Budget,
  limits: ArchiveLimits,
): Promise<void> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: archive.bucket, Key: archive.key }), {
    abortSignal: signal,
  });
  const extract = tar.extract();
  extract.on('entry', (header, content, next) => {
    const take = async (): Promise<void> => {
      budget.addEntry();
      const name = safeName(header.name);
      if (header.type === 'directory') content.resume();
      else if (header.type === 'file' || header.type === 'contiguous-file')
        await deliver(name, content as unknown as Readable, sink, budget.counter(null), signal);
      else throw refusal('ARCHIVE_UNSAFE', `the archive holds something that is no file: ${name}`);
    };
    take().then(() => next(), next);
  });
  const gzipped = /\.(tar\.gz|tgz)$/i.test(archive.key);
  // A gzip bomb shows in the whole stream, since a tar's entries have no packed size of their own.
  const guard = new Budget(limits).counter(answer.ContentLength ?? 0);
  try {
    if (gzipped) await pipeline(answer.Body as Readable, createGunzip(), guard, asWritable(extract), { signal });
    else await pipeline(answer.Body as Readable, asWritable(extract), { signal });
  } catch (error) {
    throw signal.aborted ? error : invalid(error as Error);
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
