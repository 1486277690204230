import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import tar from 'tar-stream';
import { refusal } from '../../application-failures';
import { UNSAFE } from '../photo-names';
import type { ArchiveSource } from './archive-source';
import type { Unpacking } from './unpacking';

/** Tars from before POSIX have no signature; their headers' checksums are still compared. */
const OLD_FORMATS_TOO = { allowUnknownFormat: true } as Parameters<typeof tar.extract>[0];

/** What comes before a cut is unpacked to its last byte; that the tar in it has no end is seen there. */
const CUT_OFF_TOO = { finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Takes the files of a tar, in its order. Where it is cut off or damaged, the files before that are used.
 * Throws ARCHIVE_INVALID where not even its first header can be read.
 */
export async function unpackTar(
  { s3, archive, signal, bytes }: ArchiveSource,
  unpacking: Unpacking,
  isGzipped: boolean,
): Promise<void> {
  const answer = await s3.send(new GetObjectCommand({ Bucket: archive.bucket, Key: archive.key }), {
    abortSignal: signal,
  });
  const body = answer.Body as Readable;
  const extract = tar.extract(OLD_FORMATS_TOO);
  let entries = 0;
  extract.on('entry', (header, content, next) => {
    entries += 1;
    takeEntry(unpacking, header, content as unknown as Readable).then(() => next(), next);
  });
  const writable = extract as unknown as Writable;
  try {
    // Skipped entries count as well: a bomb shows in the whole stream.
    if (isGzipped) await pipeline(body, createGunzip(CUT_OFF_TOO), unpacking.guard(), writable, { signal });
    else await pipeline(body, writable, { signal });
  } catch (error) {
    unpacking.throwUnlessDamage(error);
    if (entries === 0)
      throw refusal('ARCHIVE_INVALID', `the archive cannot be read: it is no tar${isGzipped ? '.gz' : ''}, or damaged`);
    const end = `the archive of ${bytes} bytes is cut off or damaged behind its file ${entries}; what follows is lost`;
    unpacking.leaveOut(path.posix.basename(archive.key), end);
  }
}

async function takeEntry(unpacking: Unpacking, { name, type }: tar.Header, content: Readable): Promise<void> {
  unpacking.count();
  if (type === 'file' || type === 'contiguous-file')
    return unpacking.deliver({ path: name, packedBytes: null, checksum: null }, content);
  if (type === 'symlink' || type === 'link') unpacking.leaveOut(name, UNSAFE.link);
  else if (type !== 'directory') unpacking.leaveOut(name, UNSAFE.special);
  content.resume();
}
