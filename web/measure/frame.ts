import { dot, times, vectorOf, type Vector } from './vectors';

/** What coordinates of a scene are worth: from its unit to metres, and to a place on Earth. */

export type ScaleSource = 'gps' | 'ground control' | 'known distance' | 'none';

/** Where the scale of a scene comes from. */
export interface Scale {
  readonly source: ScaleSource;
  /** One standard deviation over the scale; null where it is not known. */
  readonly relativeSigma: number | null;
  /** Metres of one unit of the scene; of the scene itself where `source` is `none`. */
  readonly factor: number;
}

export interface Origin {
  readonly latitude: number;
  readonly longitude: number;
  /** Metres; null where the photos do not say. */
  readonly altitude: number | null;
}

/** The part of scene.json that measurements need. */
export interface SceneFrame {
  readonly metric: boolean;
  readonly scale: { readonly source: 'gps' | 'ground control' | 'none'; readonly relativeSigma: number | null };
  readonly enuFromScene: readonly (readonly number[])[] | null;
  readonly origin: Origin | null;
}

/** A length between two points of the scene that somebody knows. */
export interface KnownDistance {
  readonly vertices: readonly [Vector, Vector];
  readonly metres: number;
  readonly sigma: number;
}

/** The scale of a scene, which a known distance replaces. */
export function scaleOf({ metric, scale }: Pick<SceneFrame, 'metric' | 'scale'>, known?: KnownDistance | null): Scale {
  if (known) {
    const [a, b] = known.vertices;
    const found = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    if (found > 0)
      return { source: 'known distance', relativeSigma: known.sigma / known.metres, factor: known.metres / found };
  }
  return metric
    ? { source: scale.source, relativeSigma: scale.relativeSigma, factor: 1 }
    : { source: 'none', relativeSigma: null, factor: 1 };
}

/** Whether values are in metres. */
export const isMetric = (scale: Scale): boolean => scale.source !== 'none';

const WITHOUT_MAP = [
  [1, 0, 0, 0],
  [0, 0, 1, 0],
  [0, -1, 0, 0],
];

/** Where east, north and up point in the scene. */
export function enuAxes({ enuFromScene }: Pick<SceneFrame, 'enuFromScene'>): readonly [Vector, Vector, Vector] {
  const axis = (row: 0 | 1 | 2): Vector => vectorOf((enuFromScene ?? WITHOUT_MAP)[row] ?? []);
  return [axis(0), axis(1), axis(2)];
}

/** East, north and up of the scene's origin, in metres where the scale is known; x east, y down and z north of it. */
export function toEnu(frame: Pick<SceneFrame, 'enuFromScene'>, { factor }: Scale, point: Vector): Vector {
  const [e, n, u] = enuAxes(frame).map((axis, row) => dot(axis, point) + (frame.enuFromScene?.[row]?.[3] ?? 0));
  return times([e ?? 0, n ?? 0, u ?? 0], factor);
}

/** Of WGS 84, metres. */
const SEMI_MAJOR = 6378137;
const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY2 = FLATTENING * (2 - FLATTENING);
const RADIANS = Math.PI / 180;

export interface Place {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  /** Metres, as the origin's are counted; null where those are not known. */
  readonly height: number | null;
}

/**
 * The place on Earth of a point that is so far east, north and up of an origin: through geocentric coordinates, and
 * back by Bowring's iteration, good to less than a millimetre.
 */
export function toPlace(origin: Origin, [east, north, up]: Vector): Place {
  const [phi, lambda] = [origin.latitude * RADIANS, origin.longitude * RADIANS];
  const [sinPhi, cosPhi, sinLambda, cosLambda] = [Math.sin(phi), Math.cos(phi), Math.sin(lambda), Math.cos(lambda)];
  const curvature = SEMI_MAJOR / Math.sqrt(1 - ECCENTRICITY2 * sinPhi * sinPhi);
  const altitude = origin.altitude ?? 0;
  const x =
    (curvature + altitude) * cosPhi * cosLambda -
    sinLambda * east -
    sinPhi * cosLambda * north +
    cosPhi * cosLambda * up;
  const y =
    (curvature + altitude) * cosPhi * sinLambda +
    cosLambda * east -
    sinPhi * sinLambda * north +
    cosPhi * sinLambda * up;
  const z = (curvature * (1 - ECCENTRICITY2) + altitude) * sinPhi + cosPhi * north + sinPhi * up;

  const p = Math.hypot(x, y);
  let latitude = Math.atan2(z, p * (1 - ECCENTRICITY2));
  let radius = SEMI_MAJOR;
  for (let round = 0; round < 5; round += 1) {
    radius = SEMI_MAJOR / Math.sqrt(1 - ECCENTRICITY2 * Math.sin(latitude) ** 2);
    latitude = Math.atan2(z + ECCENTRICITY2 * radius * Math.sin(latitude), p);
  }
  const height = p * Math.cos(latitude) + z * Math.sin(latitude) - SEMI_MAJOR ** 2 / radius;
  return {
    latitude: latitude / RADIANS,
    longitude: Math.atan2(y, x) / RADIANS,
    height: origin.altitude === null ? null : height,
  };
}

/**
 * Where one origin lies from another: metres east, north and up of it, with altitudes that are not known taken as alike.
 * For places near each other: over a kilometre the Earth's bend is 8 cm, which is left out.
 */
export function shiftTo(from: Origin, to: Origin): Vector {
  const [here, east, north] = [toPlace(from, [0, 0, 0]), toPlace(from, [1, 0, 0]), toPlace(from, [0, 1, 0])];
  return [
    (to.longitude - here.longitude) / (east.longitude - here.longitude),
    (to.latitude - here.latitude) / (north.latitude - here.latitude),
    from.altitude === null || to.altitude === null ? 0 : to.altitude - from.altitude,
  ];
}
