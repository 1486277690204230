import { isMetric, type Scale } from './frame';
import { cross, dot, length, mean, minus, sum, times, unit, type Vector } from './vectors';

/**
 * What is measured between points of a scene, each value with one standard deviation:
 * sqrt(Σ sigmaᵢ² + (dimension · value · scaleSigma)²), where sigmaᵢ is how much the value changes as a point moves by
 * chance: g = ∂value/∂pointᵢ gives sqrt((g · ray)² · spread² + |g × ray|² · across²). How deep a surface is, which is the
 * least sure, counts as far as the value runs along the ray that found it. Points are the scene's: x east, y down, z
 * north; values are metres where the scale is known, else units of the scene.
 */

/** A point that was picked, and one standard deviation of its place. */
export interface Vertex {
  readonly point: Vector;
  /** Along the ray that found it: how deep the surface is. `UNKNOWN_SPREAD`: values of it have no sigma. */
  readonly spread: number;
  /** At right angles to that ray: how well anybody aims. Left out: as along it. */
  readonly across?: Across | undefined;
}

export const UNKNOWN_SPREAD = Number.NaN;

export interface Across {
  readonly sigma: number;
  /** Of the ray, of length 1. */
  readonly ray: Vector;
}

export interface Value {
  readonly amount: number;
  /** In the same unit; null where nothing says how sure the scale is, or the points are. */
  readonly sigma: number | null;
}

export const UP: Vector = [0, -1, 0];

/** A value of one, two or three dimensions from one, and its spread, in units of the scene. */
export function scaled(amount: number, sigma: number, dimension: 1 | 2 | 3, scale: Scale): Value {
  const factor = scale.factor ** dimension;
  const ofScale = dimension * amount * (scale.relativeSigma ?? 0);
  const isKnown = (!isMetric(scale) || scale.relativeSigma !== null) && !Number.isNaN(sigma);
  return { amount: amount * factor, sigma: isKnown ? Math.hypot(sigma, ofScale) * factor : null };
}

/** Of a value that changes so, per unit that a vertex moves along each axis. */
export function sigmaOf({ spread, across }: Vertex, change: Vector): number {
  if (across === undefined) return spread * length(change);
  const along = dot(change, across.ray);
  return Math.hypot(spread * along, across.sigma * Math.sqrt(Math.max(0, dot(change, change) - along * along)));
}

/** Sigma of a value by how it changes as each vertex moves. */
const spreadOf = (vertices: readonly Vertex[], changes: readonly Vector[]): number =>
  Math.hypot(...vertices.map((vertex, i) => sigmaOf(vertex, changes[i] ?? [0, 0, 0])));

export interface Distance {
  readonly direct: Value;
  readonly horizontal: Value;
  /** Positive where the second point is the higher one. */
  readonly vertical: Value;
}

export function distance(a: Vertex, b: Vertex, scale: Scale): Distance {
  const way = minus(b.point, a.point);
  const level: Vector = [way[0], 0, way[2]];
  const value = (amount: number, along: Vector): Value => scaled(amount, spreadOf([a, b], [along, along]), 1, scale);
  return {
    direct: value(length(way), unit(way) ?? UP),
    horizontal: value(length(level), unit(level) ?? [1, 0, 0]),
    vertical: value(dot(way, UP), UP),
  };
}

/** Of the second point above the first. */
export const height = (ground: Vertex, top: Vertex, scale: Scale): Value => distance(ground, top, scale).vertical;

/** Along all vertices, which are two or more. */
export function polyline(vertices: readonly Vertex[], scale: Scale): Value {
  const ways = vertices.slice(1).map(({ point }, i) => minus(point, vertices[i]?.point ?? point));
  const units = ways.map((way) => unit(way) ?? ([0, 0, 0] as Vector));
  const changes = vertices.map((_, i) => minus(units[i - 1] ?? [0, 0, 0], units[i] ?? [0, 0, 0]));
  const total = ways.reduce((so, way) => so + length(way), 0);
  return scaled(total, spreadOf(vertices, changes), 1, scale);
}

export interface Area {
  /** On the plane that fits the vertices best. */
  readonly plane: Value;
  /** Of the polygon as seen from above. */
  readonly horizontal: Value;
  readonly perimeter: Value;
}

/** Of the polygon through three vertices or more, whose sides do not cross. */
export function area(vertices: readonly Vertex[], scale: Scale): Area {
  const [first] = vertices;
  const closed = first === undefined ? vertices : [...vertices, first];
  return {
    plane: areaAlong(vertices, unit(doubleArea(vertices)) ?? UP, scale),
    horizontal: areaAlong(vertices, UP, scale),
    perimeter: polyline(closed, scale),
  };
}

/** Of a polygon's shadow on a plane with this normal. */
function areaAlong(vertices: readonly Vertex[], normal: Vector, scale: Scale): Value {
  const changes = vertices.map((_, i) => {
    const [before, after] = [neighbour(vertices, i, -1), neighbour(vertices, i, 1)];
    return times(cross(minus(after, before), normal), 0.5);
  });
  return scaled(Math.abs(dot(doubleArea(vertices), normal)) / 2, spreadOf(vertices, changes), 2, scale);
}

const neighbour = (vertices: readonly Vertex[], i: number, by: 1 | -1): Vector =>
  (vertices[(i + by + vertices.length) % vertices.length] as Vertex).point;

/** Newell's vector: twice the area long, and at right angles to the plane that fits the polygon best. */
function doubleArea(vertices: readonly Vertex[]): Vector {
  if (vertices.length === 0) return [0, 0, 0];
  const centre = mean(vertices.map(({ point }) => point));
  return vertices.reduce<Vector>(
    (total, { point }, i) => sum(total, cross(minus(point, centre), minus(neighbour(vertices, i, 1), centre))),
    [0, 0, 0],
  );
}
