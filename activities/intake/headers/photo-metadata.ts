import exifr from 'exifr';
import type { PictureOutline } from './picture-outline';

/** Degrees WGS84 and metres; altitude null where the camera did not say. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number | null;
}

export interface PhotoMetadata {
  readonly gps: Position | null;
  readonly camera: string | null;
  /** `YYYY:MM:DD hh:mm:ss`, the camera's own time. */
  readonly takenAt: string | null;
  /** Millimetres on 35 mm film. */
  readonly focalLength35mm: number | null;
  /** The file itself says that it is a thermal picture. */
  readonly thermal: boolean;
}

/** Reads EXIF, and from XMP what drones write there. Damaged metadata counts as missing: it never fails a photo. */
export async function readMetadata({ exif, xmp, flir }: PictureOutline): Promise<PhotoMetadata> {
  const tags = exif === null ? {} : await exifTags(exif);
  const { Make, Model, DateTimeOriginal, FocalLengthIn35mmFormat } = tags;
  const text = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('\0', '').trim() : '');
  return {
    gps: exifPosition(tags) ?? djiPosition(xmp ?? ''),
    camera: `${text(Make)} ${text(Model)}`.trim() || null,
    takenAt: text(DateTimeOriginal) || null,
    focalLength35mm:
      typeof FocalLengthIn35mmFormat === 'number' && FocalLengthIn35mmFormat > 0 ? FocalLengthIn35mmFormat : null,
    thermal: flir || isThermal(xmp ?? ''),
  };
}

async function exifTags(tiff: Buffer): Promise<Record<string, unknown>> {
  try {
    const options = { gps: true, tiff: true, exif: true, reviveValues: false };
    return ((await exifr.parse(tiff, options)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Without hemispheres (N, S, E, W) numbers of EXIF may mean four places. */
function exifPosition(tags: Record<string, unknown>): Position | null {
  const { latitude, longitude, GPSLatitudeRef, GPSLongitudeRef, GPSAltitude, GPSAltitudeRef } = tags;
  if (typeof GPSLatitudeRef !== 'string' || typeof GPSLongitudeRef !== 'string') return null;
  const isBelowSea = Number((GPSAltitudeRef as ArrayLike<number> | undefined)?.[0] ?? GPSAltitudeRef) === 1;
  return position(latitude, longitude, typeof GPSAltitude === 'number' && isBelowSea ? -GPSAltitude : GPSAltitude);
}

/** Some firmware leaves EXIF's position empty and writes it here only; `GpsLongtitude` is DJI's own spelling. */
const djiPosition = (xmp: string): Position | null =>
  position(
    number(djiValue(xmp, 'GpsLatitude')),
    number(djiValue(xmp, 'GpsLongitude') ?? djiValue(xmp, 'GpsLongtitude')),
    number(djiValue(xmp, 'AbsoluteAltitude')),
  );

/** Null where a value is missing or out of range, and for 0, 0, which receivers without a fix write. */
function position(latitude: unknown, longitude: unknown, altitude: unknown): Position | null {
  if (!isFinite(latitude) || !isFinite(longitude)) return null;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || (latitude === 0 && longitude === 0)) return null;
  return { latitude, longitude, altitude: isFinite(altitude) ? altitude : null };
}

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const number = (text: string | undefined): number | null =>
  text !== undefined && /^[+-]?\d+(\.\d*)?$/.test(text) ? Number(text) : null;

/** A value of DJI's XMP, written as an attribute or as an element. */
const djiValue = (xmp: string, name: string): string | undefined =>
  new RegExp(`drone-dji:${name}\\s*(?:=\\s*["']|>)\\s*([^"'<\\s]*)`).exec(xmp)?.[1];

/** DJI's image source, and the band name that Parrot, MicaSense and others write for a long-wave camera. */
const isThermal = (xmp: string): boolean =>
  /^infrared/i.test(djiValue(xmp, 'ImageSource') ?? '') || /Camera:BandName\W[^"'/]*\bLWIR\b/i.test(xmp);
