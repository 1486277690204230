import { rayOrigin, type ColumnGrid, type Columns } from '../picking/columns';
import type { Scale } from './frame';
import { scaled, sigmaOf, UP, type Value, type Vertex } from './measurement';
import { dot, mean, minus, type Vector } from './vectors';

/**
 * The volume between a surface and a base plane through the outline of a heap or a pit: heights are taken by vertical
 * rays on a grid, each standing for its cell.
 */

/** Rays of one volume: 80 along each side. */
const RAYS = 6400;
/** Above everything: rays come from so many widths of the outline above it. */
const ABOVE = 20;

export interface VolumePlan {
  readonly grid: ColumnGrid;
  /** By rows, of the rays within the outline, which alone count. */
  readonly inside: readonly boolean[];
  /** Along each ray from its origin to the base plane. */
  readonly base: readonly number[];
  /** Of a cell as seen from above, in units of the scene. */
  readonly cellArea: number;
  /** Of the mean height of the base plane. */
  readonly baseSpread: number;
}

export interface Volume {
  /** What lies above the base plane less what is missing below it. */
  readonly net: Value;
  /** Above the base plane. */
  readonly fill: Value;
  /** Below it. */
  readonly cut: Value;
  /** Of the outline, 0 to 1: what no ray found a surface in counts as level with the base. */
  readonly seen: number;
}

/** Rays for an outline of three vertices or more; null where it encloses nothing as seen from above. */
export function planVolume(vertices: readonly Vertex[]): VolumePlan | null {
  const points = vertices.map(({ point }) => point);
  const [xs, ys, zs] = [0, 1, 2].map((axis) => points.map((point) => point[axis as 0 | 1 | 2]));
  if (xs === undefined || ys === undefined || zs === undefined || points.length < 3) return null;
  const [west, south, wide, long] = [Math.min(...xs), Math.min(...zs), extent(xs), extent(zs)];
  const cell = Math.sqrt((wide * long) / RAYS);
  const plane = levelOf(points);
  if (!(cell > 0) || plane === null) return null;

  const [columns, rows] = [Math.max(1, Math.round(wide / cell)), Math.max(1, Math.round(long / cell))];
  const [stepX, stepZ] = [wide / columns, long / rows];
  const top = Math.min(...ys) - ABOVE * Math.max(wide, long);
  const grid: ColumnGrid = {
    corner: [west, top, south],
    right: [stepX, 0, 0],
    down: [0, 0, stepZ],
    columns,
    rows,
    direction: [0, 1, 0],
  };
  const origins = Array.from({ length: columns * rows }, (_, cell) => rayOrigin(grid, cell));
  return {
    grid,
    inside: origins.map(([x, , z]) => isInside(points, x, z)),
    base: origins.map(([x, y, z]) => plane(x, z) - y),
    cellArea: stepX * stepZ,
    baseSpread: Math.hypot(...vertices.map((vertex) => sigmaOf(vertex, UP))) / vertices.length,
  };
}

/** @param columns what the rays of the plan met */
export function volume({ inside, base, cellArea, baseSpread }: VolumePlan, columns: Columns, scale: Scale): Volume {
  let [fill, cut, cells, seen, variance] = [0, 0, 0, 0, 0];
  inside.forEach((isWithin, i) => {
    if (!isWithin) return;
    cells += 1;
    const found = columns.distances[i] ?? NaN;
    if (Number.isNaN(found)) return;
    seen += 1;
    const above = (base[i] ?? 0) - found;
    if (above > 0) fill += above * cellArea;
    else cut -= above * cellArea;
    variance += (cellArea * (columns.spreads[i] ?? 0)) ** 2;
  });
  const sigma = Math.hypot(baseSpread * cells * cellArea, Math.sqrt(variance));
  const value = (amount: number): Value => scaled(amount, sigma, 3, scale);
  return { net: value(fill - cut), fill: value(fill), cut: value(cut), seen: cells === 0 ? 0 : seen / cells };
}

const extent = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** Whether a place lies in the outline as seen from above: by the sides that a line from it to the east crosses. */
function isInside(points: readonly Vector[], x: number, z: number): boolean {
  let isWithin = false;
  points.forEach(([ax, , az], i) => {
    const [bx, , bz] = points[(i + 1) % points.length] as Vector;
    if (az > z !== bz > z && x < ax + ((z - az) / (bz - az)) * (bx - ax)) isWithin = !isWithin;
  });
  return isWithin;
}

/** y of the plane with the least squares of y over x and z; null where all points lie on a line as seen from above. */
function levelOf(points: readonly Vector[]): ((x: number, z: number) => number) | null {
  const centre = mean(points);
  const offsets = points.map((point) => minus(point, centre));
  const total = (of: (offset: Vector) => number): number => offsets.reduce((so, offset) => so + of(offset), 0);
  const [xx, xz, zz] = [total(([x]) => x * x), total(([x, , z]) => x * z), total(([, , z]) => z * z)];
  const [xy, zy] = [total(([x, y]) => x * y), total(([, y, z]) => z * y)];
  const determinant = xx * zz - xz * xz;
  if (!(determinant > 1e-12 * (xx + zz) ** 2)) return null;
  const alongX = (xy * zz - zy * xz) / determinant;
  const alongZ = (zy * xx - xy * xz) / determinant;
  return (x, z) => centre[1] + dot([alongX, 0, alongZ], [x - centre[0], 0, z - centre[2]]);
}
