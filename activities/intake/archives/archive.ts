import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { readObject } from '../../../platform/s3-objects';
import { refusal } from '../../application-failures';
import { UNSAFE } from '../photo-names';
import type { ArchiveSource } from './archive-source';
import { unpackTar } from './tar';
import { ARCHIVE_LIMITS, Unpacking, type EntrySink, type LeftOut } from './unpacking';
import { unpackZip } from './zip';

/** Signatures of what people send as archives; a tar has its own only 257 bytes later, and old ones none at all. */
const SIGNATURES: readonly (readonly [kind: string, signature: string])[] = [
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['zip', 'PK\x07\x08'],
  ['gzip', '\x1f\x8b'],
  ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', 'Rar!\x1a\x07'],
  ['an xz archive', '\xfd7zXZ\0'],
  ['a bzip2 archive', 'BZh'],
  ['a Zstandard archive', '\x28\xb5\x2f\xfd'],
  ['a photo', '\xff\xd8\xff'],
];
const SIGNATURE_BYTES = 8;

/**
 * Hands each ordinary file of a zip, tar or gzipped tar in S3 to `sink`, one after the other, streaming; nothing is ever
 * written to a path of the archive's choosing. Folders, and what `isUnwanted` names, are skipped. Resolves with the
 * files that could not be handed over. What kind the archive is, its first bytes say and not its name.
 * Throws ARCHIVE_TOO_LARGE; ARCHIVE_INVALID and ARCHIVE_UNSAFE where not a single file came out.
 */
export async function unpackArchive(
  { s3, archive, signal }: Omit<ArchiveSource, 'bytes'>,
  sink: EntrySink,
  limits = ARCHIVE_LIMITS,
): Promise<readonly LeftOut[]> {
  const head = new HeadObjectCommand({ Bucket: archive.bucket, Key: archive.key });
  const bytes = (await s3.send(head, { abortSignal: signal })).ContentLength ?? 0;
  const source = { s3, archive, bytes, signal };
  if (bytes === 0) throw refusal('ARCHIVE_INVALID', 'the archive is empty: it has 0 bytes');
  const beginning = (await readObject(s3, archive, signal, `bytes=0-${SIGNATURE_BYTES - 1}`)).toString('latin1');
  const [kind] = SIGNATURES.find(([, signature]) => beginning.startsWith(signature)) ?? [
    /\.zip$/i.test(archive.key) ? 'zip' : 'tar',
  ];
  const unpacking = new Unpacking(bytes, sink, signal, limits);
  if (kind === 'zip') await unpackZip(source, unpacking);
  else if (kind === 'tar' || kind === 'gzip') await unpackTar(source, unpacking, kind === 'gzip');
  else throw refusal('ARCHIVE_INVALID', `the file is ${kind}, whatever its name says`);
  if (unpacking.delivered === 0) throw nothingCameOut(unpacking.leftOut);
  return unpacking.leftOut;
}

function nothingCameOut(leftOut: readonly LeftOut[]): Error {
  const [first] = leftOut;
  if (first === undefined) return refusal('ARCHIVE_INVALID', 'the archive holds no files');
  const unsafe: readonly string[] = Object.values(UNSAFE);
  const isUnsafe = leftOut.every(({ reason }) => unsafe.includes(reason));
  const count = leftOut.length === 1 ? 'its only file' : `none of its ${leftOut.length} files`;
  return refusal(
    isUnsafe ? 'ARCHIVE_UNSAFE' : 'ARCHIVE_INVALID',
    leftOut.length === 1
      ? `${count}, ${first.name}, cannot be taken out of the archive: ${first.reason}`
      : `${count} can be taken out of the archive, such as ${first.name}: ${first.reason}`,
  );
}
