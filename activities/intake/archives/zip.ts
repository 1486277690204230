import path from 'node:path';
import yauzl, { type Entry } from 'yauzl';
import { isUnwanted } from '../../../contracts/storage/unwanted-files';
import { refusal } from '../../application-failures';
import { UNSAFE } from '../photo-names';
import type { ArchiveSource } from './archive-source';
import type { Unpacking } from './unpacking';
import { openZipDirectory } from './zip-bytes';

/** APPNOTE 4.4.5, the methods that people's tools choose; Store (0) and Deflate (8) are read. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'Shrink',
  6: 'Implode',
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  20: 'Zstandard',
  93: 'Zstandard',
  95: 'xz',
  98: 'PPMd',
};
const READABLE_METHODS = new Set([0, 8]);
/** WinZip's method of encrypted entries. */
const AES = 99;
const ENCRYPTED = 0x1 | 0x40;
const UNIX_SYSTEMS = new Set([3, 19]);
const FILE_TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
const SYMBOLIC_LINK = 0o120000;

/** Takes the files of a zip that can be read, in the order of its directory. Throws ARCHIVE_INVALID without one. */
export async function unpackZip(source: ArchiveSource, unpacking: Unpacking): Promise<void> {
  const reader = await openZipDirectory(source);
  if (reader === null)
    throw refusal(
      'ARCHIVE_INVALID',
      'the archive cannot be read: the list of files at its end is missing, so that it is no zip, not complete, ' +
        'or one part of several',
    );
  let entries = 0;
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, reader.bytes, options);
    for await (const entry of zip.eachEntry()) {
      entries += 1;
      await takeEntry(zip, entry, unpacking);
    }
  } catch (error) {
    unpacking.throwUnlessDamage(error);
    if (entries === 0) throw refusal('ARCHIVE_INVALID', 'the archive cannot be read: its list of files is damaged');
    const end = `the archive's list of files is damaged behind file ${entries}; what follows is lost`;
    unpacking.leaveOut(path.posix.basename(source.archive.key), end);
  }
}

async function takeEntry(zip: yauzl.ZipFile, entry: Entry, unpacking: Unpacking): Promise<void> {
  unpacking.count();
  const { generalPurposeBitFlag, fileNameRaw, extraFields, compressedSize, crc32 } = entry;
  const name = yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
  if (isUnwanted(name)) return; // folders too: their names end in a slash
  const reason = whyUnreadable(entry);
  if (reason !== null) {
    unpacking.leaveOut(name, reason);
    return;
  }
  try {
    const content = await zip.openReadStreamPromise(entry);
    await unpacking.deliver({ path: name, packedBytes: compressedSize, checksum: crc32 }, content);
  } catch (error) {
    unpacking.throwUnlessDamage(error);
    unpacking.leaveOut(name, 'it is damaged in the archive');
  }
}

function whyUnreadable({
  versionMadeBy,
  externalFileAttributes,
  generalPurposeBitFlag,
  ...entry
}: Entry): string | null {
  const type = UNIX_SYSTEMS.has(versionMadeBy >>> 8) ? (externalFileAttributes >>> 16) & FILE_TYPE_MASK : REGULAR_FILE;
  if (type === SYMBOLIC_LINK) return UNSAFE.link;
  if (type !== REGULAR_FILE && type !== 0) return UNSAFE.special;
  const { compressionMethod: method } = entry;
  if (method === AES || (generalPurposeBitFlag & ENCRYPTED) !== 0) return 'it is protected by a password';
  if (READABLE_METHODS.has(method)) return null;
  return `it is packed with ${METHODS[method] ?? `method ${method}`}, which is not read: zip with Store or Deflate`;
}
