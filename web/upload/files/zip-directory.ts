/**
 * What a ZIP holds, by the directory at its end: a few reads, however large it is. Sections are those of PKWARE's
 * APPNOTE 6.3.10.
 */

/** A file in a ZIP. */
export interface ZipEntry {
  /** Its path, with slashes. */
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  /** CRC-32 of the content: two entries of the same size and sum have the same content. */
  readonly crc32: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Where its local header begins. */
  readonly headerAt: number;
}

/**
 * Why the directory cannot be read: `not a zip` = no mark of one at its end (it may also be cut off), `in parts` = one
 * of several files, `damaged` = it contradicts itself.
 */
export type ZipFlaw = 'not a zip' | 'in parts' | 'damaged';

/** A ZIP whose directory cannot be read. */
export class UnreadableZip extends Error {
  constructor(readonly flaw: ZipFlaw) {
    super(`the ZIP is ${flaw}`);
  }
}

const END_BYTES = 22;
const LONGEST_COMMENT_BYTES = 0xffff;
const LOCATOR_BYTES = 20;
const ENTRY_BYTES = 46;
const HEADER_BYTES = 30;
/** Of the fields below where the true value stands in ZIP64's (4.5.3). */
const IN_ZIP64 = 0xffffffff;
const MARK = { end: 0x06054b50, locator: 0x07064b50, end64: 0x06064b50, entry: 0x02014b50, header: 0x04034b50 };
/** Of 20 000 files with long names; more is a mistake. */
const LARGEST_DIRECTORY_BYTES = 64 * 2 ** 20;

/** The files of a ZIP in the order of its directory, without its folders. Throws UnreadableZip. */
export async function readZipDirectory(zip: Blob): Promise<readonly ZipEntry[]> {
  const tailAt = Math.max(0, zip.size - END_BYTES - LONGEST_COMMENT_BYTES);
  const tail = await view(zip, tailAt, zip.size);
  const endAt = lastMark(tail);
  if (endAt === null) throw new UnreadableZip('not a zip');
  const place = (await zip64Place(zip, tailAt + endAt)) ?? placeOf(tail, endAt, tailAt);
  if (place.parts) throw new UnreadableZip('in parts');
  // Programs that put something before an archive leave its own offsets as they were.
  const shift = place.directoryEnd - (place.start + place.bytes);
  if (place.bytes > LARGEST_DIRECTORY_BYTES || shift < 0) throw new UnreadableZip('damaged');
  const directory = await view(zip, place.start + shift, place.directoryEnd);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let count = 0; count < place.entries; count += 1) {
    if (at + ENTRY_BYTES > directory.byteLength || directory.getUint32(at, true) !== MARK.entry)
      throw new UnreadableZip('damaged');
    const { entry, bytes } = entryAt(directory, at, shift);
    if (!entry.name.endsWith('/')) entries.push(entry);
    at += bytes;
  }
  return entries;
}

/**
 * The first bytes of a file in a ZIP, unpacked: fewer than `most` where it has fewer. Null where this cannot be told:
 * encrypted, packed by another method than deflate, or damaged.
 */
export async function startOfEntry(zip: Blob, entry: ZipEntry, most: number): Promise<Uint8Array | null> {
  if (entry.encrypted || (entry.method !== 0 && entry.method !== 8)) return null;
  const header = await view(zip, entry.headerAt, entry.headerAt + HEADER_BYTES);
  if (header.byteLength < HEADER_BYTES || header.getUint32(0, true) !== MARK.header) return null;
  const start = entry.headerAt + HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = zip.slice(start, start + entry.packedBytes);
  if (entry.method === 0) return new Uint8Array(await packed.slice(0, most).arrayBuffer());
  return firstBytes(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')), most);
}

async function firstBytes(unpacked: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array | null> {
  const reader = unpacked.getReader();
  const start = new Uint8Array(most);
  let length = 0;
  try {
    while (length < most) {
      const { value, done } = await reader.read();
      if (done) break;
      const piece = value.subarray(0, most - length);
      start.set(piece, length);
      length += piece.length;
    }
    await reader.cancel();
  } catch {
    if (length === 0) return null;
  }
  return start.subarray(0, length);
}

interface Place {
  readonly entries: number;
  readonly start: number;
  readonly bytes: number;
  /** Where the directory ends, by where its end mark stands. */
  readonly directoryEnd: number;
  readonly parts: boolean;
}

/** 4.3.16 */
const placeOf = (tail: DataView, at: number, tailAt: number): Place => ({
  parts: tail.getUint16(at + 4, true) !== 0,
  entries: tail.getUint16(at + 10, true),
  bytes: tail.getUint32(at + 12, true),
  start: tail.getUint32(at + 16, true),
  directoryEnd: tailAt + at,
});

/** 4.3.14 and 4.3.15; null for an archive that does not need them. */
async function zip64Place(zip: Blob, endAt: number): Promise<Place | null> {
  const locator = await view(zip, endAt - LOCATOR_BYTES, endAt);
  if (locator.byteLength < LOCATOR_BYTES || locator.getUint32(0, true) !== MARK.locator) return null;
  const at = Number(locator.getBigUint64(8, true));
  const end = await view(zip, at, at + 56);
  if (end.byteLength < 56 || end.getUint32(0, true) !== MARK.end64) throw new UnreadableZip('damaged');
  return {
    parts: end.getUint32(16, true) !== 0,
    entries: Number(end.getBigUint64(32, true)),
    bytes: Number(end.getBigUint64(40, true)),
    start: Number(end.getBigUint64(48, true)),
    directoryEnd: at,
  };
}

/** 4.3.12 */
function entryAt(directory: DataView, at: number, shift: number): { readonly entry: ZipEntry; readonly bytes: number } {
  const flags = directory.getUint16(at + 8, true);
  const nameBytes = directory.getUint16(at + 28, true);
  const extraBytes = directory.getUint16(at + 30, true);
  const bytes = ENTRY_BYTES + nameBytes + extraBytes + directory.getUint16(at + 32, true);
  if (at + bytes > directory.byteLength) throw new UnreadableZip('damaged');
  const nameAt = at + ENTRY_BYTES;
  const sizes = {
    bytes: directory.getUint32(at + 24, true),
    packedBytes: directory.getUint32(at + 20, true),
    headerAt: directory.getUint32(at + 42, true),
  };
  const true64 = zip64Sizes(directory, nameAt + nameBytes, extraBytes, sizes);
  const entry: ZipEntry = {
    ...true64,
    headerAt: true64.headerAt + shift,
    name: nameOf(new Uint8Array(directory.buffer, directory.byteOffset + nameAt, nameBytes), (flags & 0x800) !== 0),
    crc32: directory.getUint32(at + 16, true),
    method: directory.getUint16(at + 10, true),
    encrypted: (flags & 1) !== 0,
  };
  return { entry, bytes };
}

type Sizes = Pick<ZipEntry, 'bytes' | 'packedBytes' | 'headerAt'>;

/** 4.5.3: the extra field holds, in this order, only those values that do not fit into theirs. */
function zip64Sizes(directory: DataView, from: number, length: number, sizes: Sizes): Sizes {
  const end = from + length;
  for (let at = from; at + 4 <= end; at += 4 + directory.getUint16(at + 2, true)) {
    if (directory.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    const value = (field: number): number => {
      if (field !== IN_ZIP64) return field;
      if (next + 8 > end) throw new UnreadableZip('damaged');
      next += 8;
      return Number(directory.getBigUint64(next - 8, true));
    };
    return { bytes: value(sizes.bytes), packedBytes: value(sizes.packedBytes), headerAt: value(sizes.headerAt) };
  }
  return sizes;
}

/** Appendix D: UTF-8 where the entry says so. Others are shown as well as their ASCII allows: code page 437 is not decoded. */
const nameOf = (bytes: Uint8Array, isUtf8: boolean): string =>
  new TextDecoder(isUtf8 ? 'utf-8' : 'windows-1252').decode(bytes).replaceAll('\\', '/');

function lastMark(tail: DataView): number | null {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at -= 1)
    if (tail.getUint32(at, true) === MARK.end && at + END_BYTES + tail.getUint16(at + 20, true) <= tail.byteLength)
      return at;
  return null;
}

async function view(zip: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await zip.slice(Math.max(0, from), Math.max(0, to)).arrayBuffer());
}
