import exifr from 'exifr';
import { imageSize } from 'image-size';

/** How much of a photo's beginning tells its type, size and EXIF. */
export const HEADER_BYTES = 256 * 1024;
/** How much of its end shows whether a JPEG is complete (cameras append previews after the picture). */
export const TAIL_BYTES = 64 * 1024;

interface PhotoFacts {
  readonly type: 'jpg' | 'png';
  readonly width: number;
  readonly height: number;
  readonly gps: { readonly latitude: number; readonly longitude: number; readonly altitude: number | null } | null;
  readonly camera: string | null;
  readonly takenAt: string | null;
}

const MIN_SIDE = 64;
const MAX_PIXELS = 200e6;
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
const HEIF_BRANDS = new Set(['heic', 'heix', 'heim', 'hevc', 'mif1', 'msf1']);
const HEIC_REASON = 'HEIC is not supported: set the camera to JPEG, or convert the photos';
const OTHER_FORMATS: Readonly<Record<string, string>> = {
  avif: 'AVIF is not supported: convert the photos to JPEG',
  tiff: 'TIFF and DNG are not supported: convert the photos to JPEG',
  webp: 'WebP is not supported: convert the photos to JPEG',
  gif: 'GIF is not supported',
  bmp: 'BMP is not supported: convert the photos to JPEG',
};

/**
 * What the first bytes of a file tell, or in one sentence why it cannot be used as a photo. Full decoding happens
 * where the photos are used; here only what headers can tell, before any machine is rented.
 */
export async function readPhotoHeader(header: Buffer, tail: Buffer): Promise<PhotoFacts | string> {
  if (header.length === 0) return 'the file is empty';
  if (header.toString('latin1', 4, 8) === 'ftyp' && HEIF_BRANDS.has(header.toString('latin1', 8, 12)))
    return HEIC_REASON;
  let size: ReturnType<typeof imageSize>;
  try {
    size = imageSize(header);
  } catch {
    return header.subarray(0, 2).equals(Buffer.from([0xff, 0xd8]))
      ? 'the JPEG is truncated or damaged'
      : 'this is not a photo';
  }
  const { width, height, type } = size;
  if (type !== 'jpg' && type !== 'png') return OTHER_FORMATS[type ?? ''] ?? `${type ?? 'this format'} is not supported`;
  if (Math.min(width, height) < MIN_SIDE) return `${width} x ${height} pixels are too few`;
  if (width * height > MAX_PIXELS) return `${width} x ${height} pixels are too many`;
  if (type === 'jpg' && !tail.includes(END_OF_IMAGE)) return 'the JPEG is truncated: its end is missing';
  return { type, width, height, ...(await readExif(header)) };
}

async function readExif(header: Buffer): Promise<Pick<PhotoFacts, 'gps' | 'camera' | 'takenAt'>> {
  try {
    const tags = ((await exifr.parse(header, { gps: true, tiff: true, exif: true, reviveValues: false })) ??
      {}) as Record<string, unknown>;
    const { latitude, longitude, GPSAltitude, Make, Model, DateTimeOriginal } = tags;
    const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
    return {
      gps:
        typeof latitude === 'number' &&
        typeof longitude === 'number' &&
        Number.isFinite(latitude) &&
        Number.isFinite(longitude)
          ? { latitude, longitude, altitude: typeof GPSAltitude === 'number' ? GPSAltitude : null }
          : null,
      camera: `${text(Make)} ${text(Model)}`.trim() || null,
      takenAt: text(DateTimeOriginal) || null,
    };
  } catch {
    return { gps: null, camera: null, takenAt: null }; // a photo without readable EXIF is still a photo
  }
}
