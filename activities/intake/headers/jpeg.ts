import { UnusablePhoto, type ByteWindow } from './byte-window';
import type { PictureOutline } from './picture-outline';

/** Markers of ITU-T T.81, table B.1. */
const MARKER = { TEM: 0x01, RST0: 0xd0, SOI: 0xd8, EOI: 0xd9, SOS: 0xda, APP1: 0xe1 };
const START_OF_IMAGE = Buffer.from([0xff, MARKER.SOI]);
const END_OF_IMAGE = Buffer.from([0xff, MARKER.EOI]);
/** Frames that libjpeg decodes: baseline, extended and progressive with Huffman or arithmetic coding, and lossless. */
const DECODABLE_FRAMES = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca]);
/** 0xc0 to 0xcf without DHT, JPG and DAC. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const EXIF = Buffer.from('Exif\0');
const XMP = Buffer.from('http://ns.adobe.com/xap/1.0/\0');
const FLIR = Buffer.from('FLIR\0');
/** Where cameras' trailers are short, the end of the picture lies in these last bytes. */
const TAIL_BYTES = 64 * 1024;

const TRUNCATED = 'the JPEG is truncated: its end is missing';
const DAMAGED = 'the JPEG is truncated or damaged';

export const isJpeg = (header: Buffer): boolean => header.subarray(0, 2).equals(START_OF_IMAGE);

/**
 * Reads a JPEG's markers up to its first scan, however much metadata stands before it (T.81 B.2.4 sets no limit to the
 * number of segments). `endIsThere` then looks for the end of the picture: cameras append previews and films to it.
 * Both throw UnusablePhoto.
 */
export async function readJpegOutline(file: ByteWindow): Promise<{ outline: PictureOutline; scanAt: number }> {
  let size: { width: number; height: number } | null = null;
  let exif: Buffer | null = null;
  let xmp: string | null = null;
  let flir = false;
  for (let position = START_OF_IMAGE.length; ;) {
    const { marker, at } = await nextMarker(file, position);
    if (marker === MARKER.TEM || (marker >= MARKER.RST0 && marker <= MARKER.SOI)) {
      position = at + 2;
      continue;
    }
    if (marker === MARKER.EOI) throw new UnusablePhoto('the JPEG holds no picture');
    const head = await file.at(at, 4);
    if (head.length < 4) throw new UnusablePhoto(TRUNCATED);
    const length = head.readUInt16BE(2);
    if (length < 2) throw new UnusablePhoto(DAMAGED);
    const end = at + 2 + length;
    if (end > file.size) throw new UnusablePhoto(TRUNCATED);
    if (isFrame(marker)) size = frameSize(marker, await file.at(at + 4, Math.min(length - 2, 6)));
    if (marker === MARKER.APP1) {
      const segment = await file.at(at + 4, length - 2);
      if (startsWith(segment, EXIF)) exif ??= Buffer.from(segment.subarray(EXIF.length + 1));
      else if (startsWith(segment, XMP)) xmp ??= segment.toString('utf8', XMP.length);
      else if (startsWith(segment, FLIR)) flir = true;
    }
    if (marker === MARKER.SOS) {
      if (size === null) throw new UnusablePhoto(DAMAGED);
      return { outline: { type: 'jpg', ...size, exif, xmp, flir }, scanAt: end };
    }
    position = end;
  }
}

/**
 * Throws UnusablePhoto where the picture has no end. In coded pixels a byte 0xff is followed by 0 or a restart number,
 * so that an end marker after the first scan's header is one.
 */
export async function checkJpegEnd(file: ByteWindow, scanAt: number): Promise<void> {
  const tailAt = Math.max(scanAt, file.size - TAIL_BYTES);
  if ((await file.at(tailAt, TAIL_BYTES)).includes(END_OF_IMAGE)) return;
  for (let position = scanAt; position < file.size;) {
    const block = await file.from(position);
    if (block.includes(END_OF_IMAGE)) return;
    // The marker may be cut in two by the end of the block.
    position += Math.max(1, block.length - 1);
  }
  throw new UnusablePhoto(TRUNCATED);
}

const startsWith = (segment: Buffer, name: Buffer): boolean => segment.subarray(0, name.length).equals(name);

/**
 * The marker at `position` or after it. Fill bytes may precede it (T.81 B.1.1.2), and what else stands between two
 * segments is skipped, as decoders do.
 */
async function nextMarker(file: ByteWindow, position: number): Promise<{ marker: number; at: number }> {
  for (;;) {
    const block = await file.from(position);
    if (block.length === 0) throw new UnusablePhoto(TRUNCATED);
    const found = block.indexOf(0xff);
    if (found < 0) {
      position += block.length;
      continue;
    }
    position += found;
    const [, marker] = await file.at(position, 2);
    if (marker === undefined) throw new UnusablePhoto(TRUNCATED);
    if (marker !== 0x00 && marker !== 0xff) return { marker, at: position };
    position += marker === 0xff ? 1 : 2;
  }
}

/** Precision, height, width and number of components: T.81 B.2.2. */
function frameSize(marker: number, frame: Buffer): { width: number; height: number } {
  if (frame.length < 6) throw new UnusablePhoto(DAMAGED);
  const [bits = 0, , , , , components = 0] = frame;
  if (!DECODABLE_FRAMES.has(marker))
    throw new UnusablePhoto('this kind of JPEG (hierarchical or arithmetic lossless) is not supported: save it anew');
  if (bits !== 8) throw new UnusablePhoto(`a JPEG with ${bits} bits a colour is not supported: save it with 8`);
  if (![1, 3, 4].includes(components))
    throw new UnusablePhoto(`a JPEG with ${components} colour channels is not supported: save it in RGB`);
  return { height: frame.readUInt16BE(1), width: frame.readUInt16BE(3) };
}
