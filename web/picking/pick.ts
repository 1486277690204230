import { blocksOf, metBlocks } from './blocks';
import type { Ray, Vector } from './ray';
import type { Gaussians } from './sog';

/** Where a ray meets the surface that Gaussians show. Coordinates and lengths are the scene's. */

export interface Pick {
  readonly point: Vector;
  /** Of length 1, towards the eye: the mean of the shortest axes of what is seen. */
  readonly normal: Vector;
  /** From the ray's origin. */
  readonly distance: number;
  /** Half of the way on which the middle 68 % of the light is stopped: one standard deviation of the depth. */
  readonly spread: number;
  /** Of what is seen: the mean of the shortest half axes, one standard deviation each. */
  readonly thickness: number;
  /** How many Gaussians the ray meets. */
  readonly gaussians: number;
}

/** The renderer leaves out what is fainter. */
const FAINTEST = 1 / 255;
const MAX_ALPHA = 0.99;
/** Of the light: what passes at the surface, and one standard deviation before and behind it. */
const MEDIAN = 0.5;
const BEFORE = 0.8413;
const BEHIND = 0.1587;

/** A Gaussian on a ray: where it is densest there, and how much light it stops. */
interface Hit {
  readonly depth: number;
  readonly alpha: number;
  readonly index: number;
}

/**
 * The median depth of what a ray sees: each Gaussian counts at its exact maximum on the ray,
 * t = d'S⁻¹(m - o) / d'S⁻¹d, with the opacity it has there, composited from front to back. Null where more than half of
 * the light passes through everything.
 *
 * A flat Gaussian stands for a piece of surface (as in 2D Gaussian splatting, Huang et al. 2024): the flatter it is, the
 * more it counts as one. Its shortest half axis s₁ is taken as s₁²/s₂. Else a ray along a wall passes so many faint rims
 * of its Gaussians that they stop it well before the wall, and houses seen from above come out larger than they are.
 * @param among indices of the Gaussians that may be met; left out: all
 */
export function pick(scene: Gaussians, ray: Ray, among?: ArrayLike<number>): Pick | null {
  const hits = hitsOf(scene, ray, among).sort((a, b) => a.depth - b.depth);
  const depths = depthsOf(hits, [BEFORE, MEDIAN, BEHIND]);
  const [before, median, behind] = depths;
  if (median === undefined || before === undefined) return null;
  const last = hits.at(-1)?.depth ?? median;
  const spread = ((behind ?? last) - before) / 2;
  const [ox, oy, oz] = ray.origin;
  const [dx, dy, dz] = ray.direction;
  return {
    point: [ox + median * dx, oy + median * dy, oz + median * dz],
    ...faceOf(scene, hits, ray.direction, behind ?? last),
    distance: median,
    spread,
    gaussians: hits.length,
  };
}

/** Depths at which the light that is left falls to each of these shares; shorter where it does not. */
function depthsOf(hits: readonly Hit[], shares: readonly number[]): number[] {
  const depths: number[] = [];
  let left = 1;
  for (const { depth, alpha } of hits) {
    left *= 1 - alpha;
    while (depths.length < shares.length && left <= (shares[depths.length] as number)) depths.push(depth);
    if (depths.length === shares.length) break;
  }
  return depths;
}

function hitsOf(scene: Gaussians, ray: Ray, among?: ArrayLike<number>): Hit[] {
  const hits: Hit[] = [];
  if (among !== undefined) addHits(hits, scene, ray, 0, among.length, among);
  else {
    const blocks = blocksOf(scene);
    for (const begin of metBlocks(blocks, ray))
      addHits(hits, scene, ray, begin, Math.min(scene.count, begin + blocks.size));
  }
  return hits;
}

/** Adds what the ray meets of so many Gaussians: of those whose indices are given, else of the scene. */
function addHits(
  hits: Hit[],
  scene: Gaussians,
  { origin, direction }: Ray,
  begin: number,
  end: number,
  among?: ArrayLike<number>,
): void {
  const { centres, radii, packed, halfAxes } = scene;
  const [ox, oy, oz] = origin;
  const [dx, dy, dz] = direction;
  for (let n = begin; n < end; n += 1) {
    const i = among === undefined ? n : (among[n] as number);
    // By its sphere first, which almost all fail.
    const vx = (centres[3 * i] as number) - ox;
    const vy = (centres[3 * i + 1] as number) - oy;
    const vz = (centres[3 * i + 2] as number) - oz;
    const along = vx * dx + vy * dy + vz * dz;
    const radius = radii[i] as number;
    if (along < -radius || vx * vx + vy * vy + vz * vz - along * along > radius * radius) continue;

    readAxes(packed, 8 * i);
    const shortest = readSizes(packed, 8 * i, halfAxes);
    const second = Math.min(sizes[(shortest + 1) % 3] as number, sizes[(shortest + 2) % 3] as number);
    sizes[shortest] = (sizes[shortest] as number) ** 2 / second;
    let dd = 0;
    let dv = 0;
    let vv = 0;
    for (let axis = 0; axis < 3; axis += 1) {
      const ax = axes[3 * axis] as number;
      const ay = axes[3 * axis + 1] as number;
      const az = axes[3 * axis + 2] as number;
      const size = sizes[axis] as number;
      const d = (ax * dx + ay * dy + az * dz) / size;
      const v = (ax * vx + ay * vy + az * vz) / size;
      dd += d * d;
      dv += d * v;
      vv += v * v;
    }
    const depth = dv / dd;
    const alpha = ((packed[8 * i + 7] as number) / 255) * Math.exp(-0.5 * (vv - (dv * dv) / dd));
    if (depth > 0 && alpha >= FAINTEST) hits.push({ depth, alpha: Math.min(alpha, MAX_ALPHA), index: i });
  }
}

/** The axes of the Gaussian that was read last, one after the other: a ray reads too many to make arrays of them. */
const axes = new Float64Array(9);

/** Half axes of the same. */
const sizes = new Float64Array(3);

/** Returns which of the half axes is the shortest. */
function readSizes(packed: Uint8Array, offset: number, halfAxes: Float32Array): number {
  let shortest = 0;
  for (let axis = 0; axis < 3; axis += 1) {
    sizes[axis] = halfAxes[packed[offset + 4 + axis] as number] as number;
    if ((sizes[axis] as number) < (sizes[shortest] as number)) shortest = axis;
  }
  return shortest;
}

/** From its quaternion as SOG packs it: the three small parts, and which one is left out. */
function readAxes(packed: Uint8Array, offset: number): void {
  const a = ((packed[offset] as number) / 255 - 0.5) * Math.SQRT2;
  const b = ((packed[offset + 1] as number) / 255 - 0.5) * Math.SQRT2;
  const c = ((packed[offset + 2] as number) / 255 - 0.5) * Math.SQRT2;
  const d = Math.sqrt(Math.max(0, 1 - a * a - b * b - c * c));
  const largest = (packed[offset + 3] as number) - 252;
  const w = largest === 0 ? d : a;
  const x = largest === 0 ? a : largest === 1 ? d : b;
  const y = largest === 2 ? d : largest === 3 ? c : b;
  const z = largest === 3 ? d : c;
  axes[0] = 1 - 2 * (y * y + z * z);
  axes[1] = 2 * (x * y + w * z);
  axes[2] = 2 * (x * z - w * y);
  axes[3] = 2 * (x * y - w * z);
  axes[4] = 1 - 2 * (x * x + z * z);
  axes[5] = 2 * (y * z + w * x);
  axes[6] = 2 * (x * z + w * y);
  axes[7] = 2 * (y * z - w * x);
  axes[8] = 1 - 2 * (x * x + y * y);
}

/** Which way the surface looks, and how thick it is. */
function faceOf(
  { packed, halfAxes }: Gaussians,
  hits: readonly Hit[],
  direction: Vector,
  until: number,
): { readonly normal: Vector; readonly thickness: number } {
  const [dx, dy, dz] = direction;
  let [nx, ny, nz] = [0, 0, 0];
  let [thickness, stopped] = [0, 0];
  let left = 1;
  for (const { depth, alpha, index } of hits) {
    if (depth > until) break;
    readAxes(packed, 8 * index);
    const shortest = readSizes(packed, 8 * index, halfAxes);
    const least = sizes[shortest] as number;
    const [x = 0, y = 0, z = 0] = axes.subarray(3 * shortest);
    const light = left * alpha;
    const weight = light * (x * dx + y * dy + z * dz > 0 ? -1 : 1);
    nx += weight * x;
    ny += weight * y;
    nz += weight * z;
    thickness += light * least;
    stopped += light;
    left *= 1 - alpha;
  }
  const length = Math.hypot(nx, ny, nz);
  return {
    normal: length === 0 ? [-dx, -dy, -dz] : [nx / length, ny / length, nz / length],
    thickness: stopped === 0 ? 0 : thickness / stopped,
  };
}
