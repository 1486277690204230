import { pick } from './pick';
import type { Ray, Vector } from './ray';
import type { Gaussians } from './sog';

/** Many rays side by side, all in one direction, as a volume needs them. */

export interface ColumnGrid {
  /** Of the first cell. */
  readonly corner: Vector;
  /** From one cell to the next along the rows, and from one row to the next. */
  readonly right: Vector;
  readonly down: Vector;
  readonly columns: number;
  readonly rows: number;
  /** Of all rays, of length 1 and at right angles to `right` and `down`. */
  readonly direction: Vector;
}

/** What each ray meets, row by row. NaN where it meets nothing. */
export interface Columns {
  readonly distances: Float64Array;
  readonly spreads: Float64Array;
}

/**
 * Where the ray of a cell begins: anywhere within it, by the R2 sequence of low discrepancy (Roberts, 2018). Rays at one
 * place of every cell would all count an edge that lies along the grid in the same wrong way.
 */
export function rayOrigin({ corner, right, down, columns }: ColumnGrid, cell: number): Vector {
  const column = (cell % columns) + ((0.5 + 0.7548776662466927 * cell) % 1);
  const row = Math.floor(cell / columns) + ((0.5 + 0.5698402909980532 * cell) % 1);
  const along = (axis: 0 | 1 | 2): number => corner[axis] + column * right[axis] + row * down[axis];
  return [along(0), along(1), along(2)];
}

/** As `pick` for each ray, with the Gaussians sorted into the rays that can meet them first. */
export function pickColumns(scene: Gaussians, grid: ColumnGrid): Columns {
  const near = sorted(scene, grid);
  const distances = new Float64Array(near.length).fill(NaN);
  const spreads = new Float64Array(near.length).fill(NaN);
  near.forEach((among, cell) => {
    if (among === undefined) return;
    const ray: Ray = { origin: rayOrigin(grid, cell), direction: grid.direction };
    const found = pick(scene, ray, among);
    if (found === null) return;
    distances[cell] = found.distance;
    spreads[cell] = found.spread;
  });
  return { distances, spreads };
}

/** Indices of the Gaussians that come near each cell; undefined where none does. */
function sorted({ count, centres, radii }: Gaussians, grid: ColumnGrid): (number[] | undefined)[] {
  const { corner, right, down, columns, rows } = grid;
  const [stepX, stepY] = [Math.hypot(...right), Math.hypot(...down)];
  const near: (number[] | undefined)[] = Array.from({ length: columns * rows });
  for (let i = 0; i < count; i += 1) {
    const offset = [0, 1, 2].map((axis) => (centres[3 * i + axis] as number) - (corner[axis] as number));
    const along = (step: Vector): number => step.reduce((sum, s, axis) => sum + s * (offset[axis] as number), 0);
    const radius = radii[i] as number;
    const [x, y] = [along(right) / stepX, along(down) / stepY];
    const [left, end] = cells(x, radius, stepX, columns);
    const [top, bottom] = cells(y, radius, stepY, rows);
    for (let row = top; row <= bottom; row += 1)
      for (let column = left; column <= end; column += 1) (near[row * columns + column] ??= []).push(i);
  }
  return near;
}

/** First and last cell that a width around a place reaches. */
const cells = (centre: number, radius: number, step: number, count: number): [number, number] => [
  Math.max(0, Math.floor((centre - radius) / step)),
  Math.min(count - 1, Math.floor((centre + radius) / step)),
];
