import { inUnitsOf, metresOf, type UnitSystem } from '../../contracts/scene/units';

/** Where a camera was, metres east and north. */
export interface PathPoint {
  readonly east: number;
  readonly north: number;
}

/** A path as it is drawn, in units of its picture: y points down. */
export interface PathShape {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** A length that fits below the path, round in the unit that people read, and how long it is drawn. */
  readonly scale: { readonly metres: number; readonly length: number };
}

/** Less would draw the noise of a receiver as a flight. */
const MIN_EXTENT_M = 5;

/** Fits a path into a picture, north up, the same scale in both directions. Null of no points. */
export function pathShape(
  points: readonly PathPoint[],
  { width, height, margin }: { readonly width: number; readonly height: number; readonly margin: number },
  units: UnitSystem = 'metric',
): PathShape | null {
  if (points.length === 0) return null;
  const east = rangeOf(points.map((point) => point.east));
  const north = rangeOf(points.map((point) => point.north));
  const unitsPerMetre = Math.min(
    (width - 2 * margin) / Math.max(east.extent, MIN_EXTENT_M),
    (height - 2 * margin) / Math.max(north.extent, MIN_EXTENT_M),
  );
  const metres = metresOf(units, roundDown(inUnitsOf(units, width / 3 / unitsPerMetre)));
  return {
    points: points.map((point) => ({
      x: width / 2 + (point.east - east.middle) * unitsPerMetre,
      y: height / 2 - (point.north - north.middle) * unitsPerMetre,
    })),
    scale: { metres, length: metres * unitsPerMetre },
  };
}

function rangeOf(values: readonly number[]): { readonly middle: number; readonly extent: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return { middle: (low + high) / 2, extent: high - low };
}

/** 1, 2 or 5 times a power of ten, the largest that is not above. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2].find((step) => step * power <= value) ?? 1);
}
