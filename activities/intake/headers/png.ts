import { crc32, inflateSync } from 'node:zlib';
import { UnusablePhoto, type ByteWindow } from './byte-window';
import type { PictureOutline } from './picture-outline';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The whole last chunk: no data, so that its bytes are always these (W3C PNG, 11.2.5). */
const LAST_CHUNK = Buffer.from([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
/** Length and type before, checksum after a chunk's data. */
const HEAD_BYTES = 8;
const FRAME_BYTES = 12;
const TAIL_BYTES = 64 * 1024;
const XMP_KEYWORD = 'XML:com.adobe.xmp';
/** EXIF and XMP beyond this are no camera's. */
const MAX_METADATA_BYTES = 4 * 2 ** 20;

const TRUNCATED = 'the PNG is truncated: its end is missing';
const DAMAGED = 'the PNG is damaged';

export const isPng = (header: Buffer): boolean => header.subarray(0, SIGNATURE.length).equals(SIGNATURE);

interface Chunk {
  readonly type: string;
  readonly dataAt: number;
  readonly length: number;
}

/** A PNG's size and metadata, from the chunks before its pixels, and where those begin. Throws UnusablePhoto. */
export async function readPngOutline(file: ByteWindow): Promise<{ outline: PictureOutline; pixelsAt: number }> {
  const header = await chunkAt(file, SIGNATURE.length);
  if (header.type !== 'IHDR' || header.length < 13) throw new UnusablePhoto(DAMAGED);
  const size = await file.at(header.dataAt, 8);
  if (size.length < 8) throw new UnusablePhoto(TRUNCATED);
  const [width, height] = [size.readUInt32BE(0), size.readUInt32BE(4)];
  const metadata = new Metadata();
  let position = header.dataAt + header.length + 4;
  while (position < file.size) {
    const chunk = await chunkAt(file, position);
    if (chunk.type === 'IDAT' || chunk.type === 'IEND') break;
    await metadata.take(file, chunk);
    position = endOf(chunk);
  }
  const outline: PictureOutline = { type: 'png', width, height, ...metadata.found, flir: false };
  return { outline, pixelsAt: position };
}

/**
 * Throws UnusablePhoto where the last chunk, IEND, is missing. Bytes after it are allowed (W3C PNG, 5.6 and 13.2), so
 * where it is not among the last 64 KiB the chunks are followed from `pixelsAt` on.
 */
export async function checkPngEnd(file: ByteWindow, pixelsAt: number): Promise<void> {
  const tailAt = Math.max(pixelsAt, file.size - TAIL_BYTES);
  if ((await file.at(tailAt, TAIL_BYTES)).includes(LAST_CHUNK)) return;
  for (let position = pixelsAt; position < file.size;) {
    const chunk = await chunkAt(file, position);
    position = endOf(chunk);
    if (position > file.size) break;
    if (chunk.type === 'IEND') return;
  }
  throw new UnusablePhoto(TRUNCATED);
}

const endOf = ({ dataAt, length }: Chunk): number => dataAt + length + FRAME_BYTES - HEAD_BYTES;

async function chunkAt(file: ByteWindow, position: number): Promise<Chunk> {
  const head = await file.at(position, HEAD_BYTES);
  if (head.length < HEAD_BYTES) throw new UnusablePhoto(TRUNCATED);
  const type = head.toString('latin1', 4);
  const length = head.readUInt32BE(0);
  if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff) throw new UnusablePhoto(DAMAGED);
  return { type, dataAt: position + HEAD_BYTES, length };
}

/** EXIF (chunk eXIf) and XMP (chunk iTXt with Adobe's keyword), the first of each. */
class Metadata {
  found: { exif: Buffer | null; xmp: string | null } = { exif: null, xmp: null };

  async take(file: ByteWindow, { type, dataAt, length }: Chunk): Promise<void> {
    if (!['eXIf', 'iTXt'].includes(type) || length > MAX_METADATA_BYTES - 4) return;
    const framed = await file.at(dataAt, length + 4);
    const data = framed.subarray(0, length);
    if (framed.length < length + 4 || crc32(data, crc32(type)) !== framed.readUInt32BE(length)) return;
    if (type === 'eXIf') this.found.exif ??= Buffer.from(data);
    else this.found.xmp ??= xmpOf(data);
  }
}

/** Keyword, 0, compression flag and method, language, 0, translated keyword, 0, text: W3C PNG, 11.3.3.4. */
function xmpOf(data: Buffer): string | null {
  if (data.toString('latin1', 0, data.indexOf(0)) !== XMP_KEYWORD) return null;
  const flags = XMP_KEYWORD.length + 1;
  const languageEnd = data.indexOf(0, flags + 2);
  const textAt = data.indexOf(0, languageEnd + 1) + 1;
  if (languageEnd < 0 || textAt === 0) return null;
  const text = data.subarray(textAt);
  try {
    return (data[flags] === 1 ? inflateSync(text, { maxOutputLength: MAX_METADATA_BYTES }) : text).toString('utf8');
  } catch {
    return null; // metadata that cannot be read never fails a photo
  }
}
