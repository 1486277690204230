import exifr from 'exifr';
import { imageSize } from 'image-size';
import { cameraMetadata, type CameraMetadata } from '../../../contracts/photos/camera-metadata';

/** What the beginning of a file tells of a photo. */
export interface PhotoFacts extends CameraMetadata {
  /** Pixels as they are stored; null where no picture begins in the bytes that were read. */
  readonly pixels: { readonly width: number; readonly height: number } | null;
  /** `jpg`, `png`, or another format's name in image-size's words; null where it is none that is known. */
  readonly format: string | null;
}

/** The first `bytes` of a file, or all that it has. */
export type ReadStart = (bytes: number) => Promise<Uint8Array>;

/**
 * Metadata stands before the picture. Nine of ten drones' photos begin it within the first of these sizes; thermal
 * ones carry a megabyte of their own.
 */
const STARTS = [64 * 1024, 512 * 1024, 4 * 2 ** 20];

/** Reads as much of a file's beginning as there is metadata. Damaged metadata counts as missing. */
export async function readPhotoFacts(read: ReadStart): Promise<PhotoFacts> {
  for (const [index, bytes] of STARTS.entries()) {
    const start = await read(bytes);
    const outline = outlineOf(start);
    const isAll = start.length < bytes || index === STARTS.length - 1;
    if (outline === null || outline.pixels !== null || isAll)
      return { ...cameraMetadata(await exifTags(start), xmpOf(start)), pixels: null, format: null, ...outline };
  }
  throw new Error('no start was read');
}

/** Null for what is no picture at all. */
function outlineOf(start: Uint8Array): Pick<PhotoFacts, 'pixels' | 'format'> | null {
  try {
    const { type = null, width, height } = imageSize(start);
    return { format: type, pixels: { width, height } };
  } catch {
    if (isJpeg(start)) return { format: 'jpg', pixels: null };
    return isHeif(start) ? { format: 'heic', pixels: null } : null;
  }
}

/** ISO/IEC 14496-12: a file of boxes, the first of which names what is in it; phones' HEIC pictures are such. */
const isHeif = (start: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(start.subarray(4, 12)).startsWith('ftyp');
const isJpeg = ([first, second]: Uint8Array): boolean => first === 0xff && second === 0xd8;

async function exifTags(start: Uint8Array): Promise<Record<string, unknown>> {
  try {
    const options = { gps: true, tiff: true, exif: true, reviveValues: false };
    return ((await exifr.parse(start, options)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** XMP is text among other bytes; what is looked for in it is ASCII. */
const xmpOf = (start: Uint8Array): string => {
  const text = new TextDecoder('latin1').decode(start);
  const at = text.indexOf('<x:xmpmeta');
  return at < 0 ? '' : text.slice(at, text.indexOf('</x:xmpmeta>', at));
};
