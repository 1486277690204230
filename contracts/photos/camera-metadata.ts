/** Degrees WGS84 and metres; altitude null where the camera did not say. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number | null;
}

/**
 * Why a photo that has numbers for a position has none that can be believed: `zero` = 0, 0, which receivers without a
 * fix write; `unsigned` = without N, S, E and W they may mean four places; `range` = beyond 90 or 180 degrees.
 */
export type PositionFlaw = 'zero' | 'unsigned' | 'range';

/** What a camera has written into a photo. */
export interface CameraMetadata {
  readonly gps: Position | null;
  /** Null where there is a position, or nothing about one. */
  readonly flaw: PositionFlaw | null;
  readonly camera: string | null;
  /** `YYYY:MM:DD hh:mm:ss`, the camera's own time. */
  readonly takenAt: string | null;
  /** Millimetres on 35 mm film. */
  readonly focalLength35mm: number | null;
  /** The file itself says that it is a thermal picture. */
  readonly thermal: boolean;
}

/**
 * Reads EXIF, and from XMP what drones write there.
 * @param tags of EXIF under exifr's names, with `latitude` and `longitude` in degrees; values as they are stored
 * @param xmp as text; may stand in other bytes
 */
export function cameraMetadata(tags: Readonly<Record<string, unknown>>, xmp: string): CameraMetadata {
  const { Make, Model, DateTimeOriginal, FocalLengthIn35mmFormat } = tags;
  const found = [exifPosition(tags), djiPosition(xmp)];
  const gps = found.find((each) => each !== null && typeof each !== 'string') ?? null;
  return {
    gps: typeof gps === 'string' ? null : gps,
    flaw: gps !== null ? null : (found.find((each) => typeof each === 'string') ?? null),
    camera: `${text(Make)} ${text(Model)}`.trim() || null,
    takenAt: text(DateTimeOriginal) || null,
    focalLength35mm:
      typeof FocalLengthIn35mmFormat === 'number' && FocalLengthIn35mmFormat > 0 ? FocalLengthIn35mmFormat : null,
    thermal: isThermal(xmp),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('\0', '').trim() : '');

type Found = Position | PositionFlaw | null;

function exifPosition(tags: Readonly<Record<string, unknown>>): Found {
  const { latitude, longitude, GPSLatitudeRef, GPSLongitudeRef, GPSAltitude, GPSAltitudeRef } = tags;
  const isBelowSea = Number((GPSAltitudeRef as ArrayLike<number> | undefined)?.[0] ?? GPSAltitudeRef) === 1;
  const altitude = typeof GPSAltitude === 'number' && isBelowSea ? -GPSAltitude : GPSAltitude;
  const found = position(latitude, longitude, altitude);
  const isSigned = typeof GPSLatitudeRef === 'string' && typeof GPSLongitudeRef === 'string';
  return found === null || found === 'zero' || isSigned ? found : 'unsigned';
}

/** Some firmware leaves EXIF's position empty and writes it here only; `GpsLongtitude` is DJI's own spelling. */
const djiPosition = (xmp: string): Found =>
  position(
    number(djiValue(xmp, 'GpsLatitude')),
    number(djiValue(xmp, 'GpsLongitude') ?? djiValue(xmp, 'GpsLongtitude')),
    number(djiValue(xmp, 'AbsoluteAltitude')),
  );

function position(latitude: unknown, longitude: unknown, altitude: unknown): Found {
  if (!isFinite(latitude) || !isFinite(longitude)) return null;
  if (latitude === 0 && longitude === 0) return 'zero';
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return 'range';
  return { latitude, longitude, altitude: isFinite(altitude) ? altitude : null };
}

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const number = (value: string | undefined): number | null =>
  value !== undefined && /^[+-]?\d+(\.\d*)?$/.test(value) ? Number(value) : null;

/** A value of DJI's XMP, written as an attribute or as an element. */
const djiValue = (xmp: string, name: string): string | undefined =>
  new RegExp(`drone-dji:${name}\\s*(?:=\\s*["']|>)\\s*([^"'<\\s]*)`).exec(xmp)?.[1];

/** DJI's image source, and the band name that Parrot, MicaSense and others write for a long-wave camera. */
const isThermal = (xmp: string): boolean =>
  /^infrared/i.test(djiValue(xmp, 'ImageSource') ?? '') || /Camera:BandName\W[^"'/]*\bLWIR\b/i.test(xmp);
