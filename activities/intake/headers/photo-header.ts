import { imageSize } from 'image-size';
import { ByteWindow, UnusablePhoto, type FileBytes } from './byte-window';
import { checkJpegEnd, isJpeg, readJpegOutline } from './jpeg';
import { readMetadata, type PhotoMetadata } from './photo-metadata';
import type { PictureOutline } from './picture-outline';
import { checkPngEnd, isPng, readPngOutline } from './png';

export interface PhotoFacts extends PhotoMetadata {
  readonly type: 'jpg' | 'png';
  /** Pixels as they are stored, before EXIF's orientation. */
  readonly width: number;
  readonly height: number;
}

/** Most of other formats than JPEG and PNG is told by this much of the beginning. */
const OTHER_HEADER_BYTES = 64 * 1024;
/** The reason for a file of no format that is known. */
export const NOT_A_PHOTO = 'this is not a photo';
const MIN_SIDE = 64;
const MAX_PIXELS = 200e6;
const HEIF_BRANDS = new Set(['heic', 'heix', 'heim', 'hevc', 'mif1', 'msf1']);
const OTHER_FORMATS: Readonly<Record<string, string>> = {
  avif: 'AVIF is not supported: convert the photos to JPEG',
  heic: 'HEIC is not supported: set the camera to JPEG, or convert the photos',
  tiff: 'TIFF and DNG are not supported: convert the photos to JPEG',
  webp: 'WebP is not supported: convert the photos to JPEG',
  gif: 'GIF is not supported',
  bmp: 'BMP is not supported: convert the photos to JPEG',
};

/**
 * What a file's structure tells, or in one sentence why it cannot be used as a photo. Full decoding happens where the
 * photos are used; here only what headers can tell, before any machine is rented.
 */
export async function readPhotoHeader(bytes: FileBytes): Promise<PhotoFacts | string> {
  if (bytes.size === 0) return 'the file is empty';
  const file = new ByteWindow(bytes);
  try {
    const header = await file.at(0, OTHER_HEADER_BYTES);
    if (isJpeg(header)) {
      const { outline, scanAt } = await readJpegOutline(file);
      return await complete(outline, () => checkJpegEnd(file, scanAt));
    }
    if (isPng(header)) {
      const { outline, pixelsAt } = await readPngOutline(file);
      return await complete(outline, () => checkPngEnd(file, pixelsAt));
    }
    return otherFormat(header);
  } catch (error) {
    if (error instanceof UnusablePhoto) return error.message;
    throw error;
  }
}

async function complete(outline: PictureOutline, checkEnd: () => Promise<void>): Promise<PhotoFacts | string> {
  const { type, width, height } = outline;
  if (Math.min(width, height) < MIN_SIDE) return `${width} x ${height} pixels are too few`;
  if (width * height > MAX_PIXELS) return `${width} x ${height} pixels are too many`;
  await checkEnd();
  return { type, width, height, ...(await readMetadata(outline)) };
}

function otherFormat(header: Buffer): string {
  const isHeif = header.toString('latin1', 4, 8) === 'ftyp' && HEIF_BRANDS.has(header.toString('latin1', 8, 12));
  return OTHER_FORMATS[isHeif ? 'heic' : (typeOf(header) ?? '')] ?? NOT_A_PHOTO;
}

function typeOf(header: Buffer): string | undefined {
  try {
    return imageSize(header).type;
  } catch {
    return undefined;
  }
}
