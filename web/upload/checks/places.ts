import type { Position } from '../../../contracts/photos/camera-metadata';

/** Metres east and north of a place, on a plane that touches the Earth there: good within a flight's distances. */
export interface PlanePoint {
  readonly east: number;
  readonly north: number;
}

/** Mean radius of the Earth, IUGG. */
const EARTH_M = 6_371_009;
const RADIANS = Math.PI / 180;

/** Positions around their middle; also across the 180th meridian. */
export function planePoints(positions: readonly Pick<Position, 'latitude' | 'longitude'>[]): PlanePoint[] {
  const [first] = positions;
  if (first === undefined) return [];
  const longitudes = positions.map(({ longitude }) => nearestTurn(longitude, first.longitude));
  const middle = { latitude: median(positions.map(({ latitude }) => latitude)), longitude: median(longitudes) };
  return positions.map(({ latitude }, index) => ({
    north: (latitude - middle.latitude) * RADIANS * EARTH_M,
    east: ((longitudes[index] ?? 0) - middle.longitude) * RADIANS * EARTH_M * Math.cos(middle.latitude * RADIANS),
  }));
}

const nearestTurn = (longitude: number, near: number): number => longitude + 360 * Math.round((near - longitude) / 360);

/** The middle of numbers in order, the lower of two; NaN of none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? NaN;

/** As SfM has it (containers/sfm/spaceport_sfm/positions.py). */
const OUTLIER = { factor: 10, minM: 300, altitudeM: 1000 };
const MIN_EXTENT_M = 2;

/** What the positions of a set of photos are like. */
export interface PlaceFacts {
  /** Side of the smallest square, north up, around all but the far ones, metres. */
  readonly extentM: number;
  /** All but the far ones are within two metres: the receiver hangs, or the camera stood still. */
  readonly onePlace: boolean;
  /** Numbers of positions that are far from most: 10 times the median distance and 300 m, or 1 km in height. */
  readonly far: readonly number[];
  /** Of the far ones, those that would lie among the others in another hemisphere: N and S or E and W are exchanged. */
  readonly mirrored: readonly number[];
}

export function placeFacts(positions: readonly Position[]): PlaceFacts {
  const points = planePoints(positions);
  const distances = points.map(({ east, north }) => Math.hypot(east, north));
  const limit = Math.max(OUTLIER.minM, OUTLIER.factor * median(distances));
  const altitude = median(positions.flatMap((one) => (one.altitude === null ? [] : [one.altitude])));
  const isFar = (index: number): boolean =>
    (distances[index] ?? 0) > limit ||
    Math.abs((positions[index]?.altitude ?? altitude) - altitude) > OUTLIER.altitudeM;
  const far = positions.flatMap((_, index) => (isFar(index) ? [index] : []));
  const near = points.filter((_, index) => !far.includes(index));
  const spread = (values: readonly number[]): number =>
    values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);
  const extentM = Math.max(spread(near.map(({ east }) => east)), spread(near.map(({ north }) => north)));
  return {
    extentM,
    onePlace: near.length > 1 && extentM < MIN_EXTENT_M,
    far,
    mirrored: far.filter((index) => isMirrored(positions, index, limit)),
  };
}

/** Whether a position would be near the middle of all with another sign. */
function isMirrored(positions: readonly Position[], index: number, limit: number): boolean {
  const one = positions[index];
  if (one === undefined) return false;
  const middle = {
    latitude: median(positions.map(({ latitude }) => latitude)),
    longitude: median(positions.map(({ longitude }) => longitude)),
  };
  const turned = {
    latitude: Math.sign(middle.latitude) * Math.abs(one.latitude),
    longitude: Math.sign(middle.longitude) * Math.abs(one.longitude),
  };
  const [from, to] = planePoints([middle, turned]);
  return from !== undefined && to !== undefined && Math.hypot(from.east - to.east, from.north - to.north) <= limit;
}
