/** Vectors of three numbers, as plain arrays. */
export type Vector = readonly [number, number, number];

export const sum = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const times = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const length = (a: Vector): number => Math.hypot(...a);
/** Shorter ways have no direction: they are what rounding leaves between equal points. */
const SHORTEST = 1e-9;
/** Of length 1; null of a vector without a direction. */
export const unit = (a: Vector): Vector | null => {
  const size = length(a);
  return size > SHORTEST ? times(a, 1 / size) : null;
};
/** Of at least one. */
export const mean = (points: readonly Vector[]): Vector =>
  times(
    points.reduce((total, point) => sum(total, point), [0, 0, 0]),
    1 / points.length,
  );
/** Of the first three of some numbers. */
export const vectorOf = ([x = 0, y = 0, z = 0]: readonly number[]): Vector => [x, y, z];
