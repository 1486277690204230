import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { isUnwanted } from '../../../contracts/storage/unwanted-files';
import { refusal } from '../../application-failures';
import { PhotoNames, readable } from '../photo-names';

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

/** Takes one file of an archive under a path that is safe and its own; must read `content` to its end. */
export type EntrySink = (name: string, content: Readable) => Promise<void>;

/** A file that is not used, and why, for a person. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** One file in an archive. */
export interface ArchivedFile {
  readonly path: string;
  /** Its size in the archive; null where only the whole archive is compressed. */
  readonly packedBytes: number | null;
  /** CRC-32 of its content; null where the archive has none. */
  readonly checksum: number | null;
}

/** The archive is wrong here, not the place that it is read from or written to. */
class Damage extends Error {}

interface Cause {
  readonly error: unknown;
  /** The entry's own content, not its destination or a limit. */
  readonly isEntry: boolean;
}

/**
 * One pass over an archive: hands its files to a sink and keeps a list of those that it cannot hand over, so that one
 * unreadable entry never loses the rest. Counts what comes out: the archive's own claims about sizes are not trusted.
 */
export class Unpacking {
  readonly leftOut: LeftOut[] = [];
  /** Files that the sink has taken. */
  delivered = 0;
  private entries = 0;
  private bytes = 0;
  /** What the sink has thrown. */
  private sinkFailure: { readonly error: unknown } | null = null;
  private readonly names = new PhotoNames();

  constructor(
    private readonly archiveBytes: number,
    private readonly sink: EntrySink,
    private readonly signal: AbortSignal,
    private readonly limits: typeof ARCHIVE_LIMITS,
  ) {}

  /** Counts an entry, of whatever kind. Throws ARCHIVE_TOO_LARGE. */
  count(): void {
    this.entries += 1;
    if (this.entries > this.limits.entries)
      throw refusal('ARCHIVE_TOO_LARGE', `the archive has more than ${this.limits.entries} files`);
  }

  leaveOut(path: string, reason: string): void {
    if (!isUnwanted(path)) this.leftOut.push({ name: readable(path), reason });
  }

  /**
   * Runs a file through a counter into the sink. An entry that turns out to be damaged is left out; whatever else fails,
   * the sink above all, is thrown, and so is ARCHIVE_TOO_LARGE.
   */
  async deliver({ path, packedBytes, checksum }: ArchivedFile, content: Readable): Promise<void> {
    const { name, reason } = isUnwanted(path) ? { name: null, reason: null } : this.names.take(path);
    if (name === null) {
      if (reason !== null) this.leaveOut(path, reason);
      await pipeline(content, this.counter(packedBytes, null), drain, { signal: this.signal }).catch((error: unknown) =>
        this.throwUnlessDamage(error),
      );
      return;
    }
    const counted = new PassThrough();
    // The first to fail is the cause: its error travels through the streams to the others.
    let cause: Cause | null = null;
    content.once('error', (error) => (cause ??= { error, isEntry: true }));
    const counter = this.counter(packedBytes, checksum);
    counter.once('error', (error) => (cause ??= { error, isEntry: error instanceof Damage }));
    const copying = pipeline(content, counter, counted, { signal: this.signal });
    const storing = this.sink(name, counted).catch((error: unknown) => {
      cause ??= { error, isEntry: false };
      if (!cause.isEntry) this.sinkFailure = { error };
      counted.destroy(error as Error);
      throw error;
    });
    const failed = (await Promise.allSettled([copying, storing])).find((result) => result.status === 'rejected');
    if (failed === undefined) {
      this.delivered += 1;
      return;
    }
    const { error, isEntry } = (cause as Cause | null) ?? { error: failed.reason as unknown, isEntry: false };
    if (!isEntry) throw error;
    this.throwUnlessDamage(error);
    this.leaveOut(path, error instanceof Damage ? error.message : 'it is damaged in the archive');
  }

  /** Throws what is not the archive's own fault: a limit of ours, the sink, S3, the network, a cancel. */
  throwUnlessDamage(error: unknown): void {
    if (this.sinkFailure !== null) throw this.sinkFailure.error;
    if (this.signal.aborted || isTyped(error) || isTransport(error)) throw error;
  }

  /** For the whole stream of a compressed archive: what is skipped in it counts as well. */
  guard(): Transform {
    return new Unpacking(this.archiveBytes, this.sink, this.signal, this.limits).counter(null, null);
  }

  /** A stream that counts, and compares the checksum at its end. */
  private counter(packedBytes: number | null, checksum: number | null): Transform {
    let own = 0;
    let sum = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        own += chunk.length;
        this.bytes += chunk.length;
        if (checksum !== null) sum = crc32(chunk, sum);
        const { totalBytes, ratio } = this.limits;
        const isBomb = (packed: number, unpacked: number): boolean =>
          unpacked > RATIO_MATTERS_BYTES && unpacked > packed * ratio;
        if (this.bytes > totalBytes)
          done(refusal('ARCHIVE_TOO_LARGE', `the archive unpacks to more than ${totalBytes} bytes`));
        else if (packedBytes !== null && isBomb(packedBytes, own))
          done(refusal('ARCHIVE_TOO_LARGE', `a file of the archive unpacks to more than ${ratio} times its size`));
        else if (isBomb(this.archiveBytes, this.bytes))
          done(refusal('ARCHIVE_TOO_LARGE', `the archive unpacks to more than ${ratio} times its size`));
        else done(null, chunk);
      },
      flush: (done) =>
        done(checksum === null || sum === checksum ? null : new Damage('its checksum in the archive is wrong')),
    });
  }
}

async function drain(content: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of content) void chunk;
}

/** S3 or the network failed, not the archive: the activity is tried again. */
const isTransport = (error: unknown): boolean =>
  error instanceof Error && ('$metadata' in error || ('code' in error && /^E[A-Z]+$/.test(String(error.code))));

const isTyped = (error: unknown): boolean => error instanceof Error && error.name === 'ApplicationFailure';
