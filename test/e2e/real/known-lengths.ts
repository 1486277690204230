import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { scaleOf, shiftTo, type Origin, type SceneFrame } from '../../../web/measure/frame';
import { distance, type Value, type Vertex } from '../../../web/measure/measurement';
import { minus, sum, times, type Vector } from '../../../web/measure/vectors';
import { sigmaAcross } from '../../../web/picking/aim';
import { pick } from '../../../web/picking/pick';
import { decodeSog, readSogMeta, SOG_PICTURES, type Gaussians, type Pixels } from '../../../web/picking/sog';

/** Lengths between walls of the synthetic village as a person measures them from above, beside the true ones. */

/** Metres and radians, of ENU around an origin. */
interface House {
  readonly centre: Vector;
  readonly half: Vector;
  readonly yaw: number;
}
interface Known {
  readonly origin: Origin;
  readonly houses: readonly House[];
}
/** A wall where the roof's middle line meets it: where it is, and where the scene shows that it ends. */
interface Wall {
  readonly house: number;
  readonly at: Vector;
  readonly found: Vertex;
}
export interface KnownLength {
  readonly trueM: number;
  readonly level: Value;
}
interface Village {
  readonly scene: Gaussians;
  readonly frame: SceneFrame;
  readonly known: Known;
}

/** From so high above a roof a person looks down. */
const EYE_M = 30;
/** Of a picture 944 pixels wide that shows 60 degrees: width of one, over the distance. */
const PIXEL_SHARE = (2 * Math.tan(Math.PI / 6)) / 944;
const STEP_M = 0.05;
const BEYOND_M = 2;
/** Lower ones are hard to tell from the ground. */
const MIN_RISE_M = 2.5;
/** Few photos look beyond, and what they show of a wall is a cloud. */
const MAX_FROM_MIDDLE_M = 28;
const BURIED_M = 1;

/** @param folder what houses_and_pixels.py has written, with scene.json */
export async function readVillage(folder: string): Promise<Village> {
  const file = (name: string): Promise<Buffer> => readFile(path.join(folder, name));
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  const meta = readSogMeta(await json('meta.json'));
  const pixels = async (name: string): Promise<Pixels> => ({ width: 1, height: 1, rgba: await file(`${name}.rgba`) });
  const pictures = await Promise.all(SOG_PICTURES.map(async (name) => [name, await pixels(meta.files[name])] as const));
  return {
    scene: decodeSog(meta, Object.fromEntries(pictures) as Record<(typeof SOG_PICTURES)[number], Pixels>),
    frame: (await json('scene.json')) as SceneFrame,
    known: (await json('houses.json')) as Known,
  };
}

/** Of houses that the scene shows: from wall to wall of each, and between walls of two. */
export function knownLengths(village: Village): { readonly within: KnownLength[]; readonly between: KnownLength[] } {
  const scale = scaleOf(village.frame);
  const walls = village.known.houses.flatMap((house, index) => wallsOf(village, house, index));
  const within: KnownLength[] = [];
  const between: KnownLength[] = [];
  walls.forEach((a, i) => {
    for (const b of walls.slice(i + 1)) {
      const length = {
        trueM: Math.hypot(...minus(a.at, b.at).slice(0, 2)),
        level: distance(a.found, b.found, scale).horizontal,
      };
      if (a.house !== b.house) between.push(length);
      // Opposite ones alone are as far apart as the house is long or wide.
      else if (walls.indexOf(b) - i === 1 && i % 2 === 0) within.push(length);
    }
  });
  return { within, between };
}

/** The four walls of a house, opposite ones beside each other; none of one that the scene does not show whole. */
function wallsOf(village: Village, house: House, index: number): Wall[] {
  const { centre, half, yaw } = house;
  const rise = 2 * half[2] - BURIED_M;
  const roof = centre[2] + half[2];
  if (rise < MIN_RISE_M || Math.hypot(centre[0], centre[1]) > MAX_FROM_MIDDLE_M) return [];
  const axes: readonly (readonly [Vector, number])[] = [
    [[Math.cos(yaw), Math.sin(yaw), 0], half[0]],
    [[-Math.sin(yaw), Math.cos(yaw), 0], half[1]],
  ];
  const walls = axes.flatMap(([axis, reach]) =>
    ([1, -1] as const).flatMap((side): Wall[] => {
      const on = (far: number): Vector => sum(centre, times(axis, side * far));
      const isRoof = (far: number): Vertex | null => {
        const found = lookDown(village, on(far), roof);
        return found !== null && found.up > roof - rise / 2 ? found.vertex : null;
      };
      let last: Vertex | null = null;
      for (let far = 0; far < reach + BEYOND_M; far += STEP_M) {
        const vertex = isRoof(far);
        if (vertex === null) return last === null ? [] : [{ house: index, at: on(reach), found: last }];
        last = vertex;
      }
      return [];
    }),
  );
  return walls.length === 4 ? walls : [];
}

/** What a ray straight down meets at a place of the village, from above a roof; `up` in its own metres. */
function lookDown(village: Village, [east, north]: Vector, roof: number): { vertex: Vertex; up: number } | null {
  const shift = shiftOf(village);
  const eye = minus([east, north, roof + EYE_M], shift);
  const ray: Vector = [0, 1, 0];
  const found = pick(village.scene, { origin: [eye[0], -eye[2], eye[1]], direction: ray });
  if (found === null) return null;
  const { point, spread, distance: depth } = found;
  const sigma = sigmaAcross(found, PIXEL_SHARE * depth);
  return { vertex: { point, spread, across: { ray, sigma } }, up: shift[2] - point[1] };
}

/** Where the scene's origin lies in the village: metres east, north and up. */
function shiftOf({ frame: { origin }, known }: Village): Vector {
  if (origin === null) throw new Error('the scene is not laid on the map');
  return shiftTo(known.origin, origin);
}
