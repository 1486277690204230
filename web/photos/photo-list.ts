import type { PathPoint } from '../map/path-shape';

/** A photo of photos.json (docs/container-contract.md), as its page shows it. */
export interface ListedPhoto {
  readonly name: string;
  /** Its name in the model; null where it was not used. */
  readonly image: string | null;
  readonly thumbnail: string | null;
  readonly isPlaced: boolean;
  readonly gps: { readonly latitude: number; readonly longitude: number } | null;
  /** From its GPS position to its place; null where either is unknown. */
  readonly residualM: number | null;
  readonly errorPx: number | null;
  readonly whyNot: string | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The photos of a file, in its order; null where it is none. */
export function readPhotoList(json: unknown): readonly ListedPhoto[] | null {
  if (!isRecord(json) || !Array.isArray(json.photos)) return null;
  return json.photos.filter(isRecord).flatMap((photo): ListedPhoto[] => {
    const name = textOf(photo.name);
    if (name === null) return [];
    return [
      {
        name,
        image: textOf(photo.image),
        thumbnail: textOf(photo.thumbnail),
        isPlaced: photo.registered === true && (numberOf(photo.part) ?? 0) === 0,
        gps: gpsOf(photo.gps),
        residualM: residualOf(photo.gpsResidualM),
        errorPx: numberOf(photo.reprojectionErrorPx),
        whyNot: textOf(photo.whyNot),
      },
    ];
  });
}

function gpsOf(value: unknown): ListedPhoto['gps'] {
  if (!isRecord(value)) return null;
  const [latitude, longitude] = [numberOf(value.latitude), numberOf(value.longitude)];
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

function residualOf(value: unknown): number | null {
  if (!isRecord(value)) return null;
  const [east, north] = [numberOf(value.east), numberOf(value.north)];
  return east === null || north === null ? null : Math.hypot(east, north, numberOf(value.up) ?? 0);
}

/** Radius of a sphere that is near enough for a picture of a flight, metres (IUGG mean). */
const EARTH_RADIUS_M = 6_371_009;

/** Places of photos with GPS, metres from the first, on a plane that touches the earth there. */
export function flightPath(photos: readonly ListedPhoto[]): PathPoint[] {
  const places = photos.flatMap(({ gps }) => (gps === null ? [] : [gps]));
  const [first] = places;
  if (first === undefined) return [];
  const radians = Math.PI / 180;
  return places.map(({ latitude, longitude }) => ({
    east: (longitude - first.longitude) * radians * EARTH_RADIUS_M * Math.cos(first.latitude * radians),
    north: (latitude - first.latitude) * radians * EARTH_RADIUS_M,
  }));
}
