import type { Gaussians } from './sog';
import type { Ray } from './ray';

/**
 * An index of a scene: boxes around runs of Gaussians. SOG keeps neighbours beside each other (Morton order), so that a
 * ray comes near few of them; of a scene that does not, every box is met, and nothing is lost but the time of looking.
 */
export interface Blocks {
  readonly size: number;
  /** Of each run: smallest x, y, z, largest x, y, z of its Gaussians with their radii. */
  readonly boxes: Float32Array;
}

/** Gaussians of a run: a million are four thousand boxes. */
const SIZE = 256;
/** Boxes are kept with 24 bits: so much wider, in shares of their own coordinates, nothing falls out of them. */
const ROUNDING = 2 ** -22;

const known = new WeakMap<Gaussians, Blocks>();

/** The index of a scene; made when it is first asked for. */
export function blocksOf(scene: Gaussians): Blocks {
  const made = known.get(scene) ?? makeBlocks(scene);
  known.set(scene, made);
  return made;
}

function makeBlocks({ count, centres, radii }: Gaussians): Blocks {
  const boxes = new Float32Array(6 * Math.ceil(count / SIZE));
  for (let begin = 0, at = 0; begin < count; begin += SIZE, at += 6) {
    const end = Math.min(count, begin + SIZE);
    for (let axis = 0; axis < 3; axis += 1) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = begin; i < end; i += 1) {
        const centre = centres[3 * i + axis] as number;
        const radius = radii[i] as number;
        if (centre - radius < low) low = centre - radius;
        if (centre + radius > high) high = centre + radius;
      }
      boxes[at + axis] = low - Math.abs(low) * ROUNDING;
      boxes[at + 3 + axis] = high + Math.abs(high) * ROUNDING;
    }
  }
  return { size: SIZE, boxes };
}

/** First Gaussians of the runs that a ray comes near, in their order. */
export function metBlocks({ size, boxes }: Blocks, { origin, direction }: Ray): number[] {
  const met: number[] = [];
  for (let at = 0; at < boxes.length; at += 6) {
    let [near, far] = [0, Infinity];
    for (let axis = 0; axis < 3; axis += 1) {
      const from = origin[axis] as number;
      const way = direction[axis] as number;
      const low = (boxes[at + axis] as number) - from;
      const high = (boxes[at + 3 + axis] as number) - from;
      if (way === 0) {
        if (low > 0 || high < 0) far = -1;
        continue;
      }
      const [enters, leaves] = way > 0 ? [low / way, high / way] : [high / way, low / way];
      if (enters > near) near = enters;
      if (leaves < far) far = leaves;
    }
    if (near <= far) met.push((at / 6) * size);
  }
  return met;
}
