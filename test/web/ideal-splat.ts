import type { Vector } from '../../web/measure/vectors';
import { cross, minus, sum, times, unit } from '../../web/measure/vectors';
import { decodeSog, SOG_PICTURES, type Gaussians, type Pixels, type SogPicture } from '../../web/picking/sog';

/** Surfaces of thin, nearly opaque Gaussians, whose true place is known. Coordinates: x east, y down, z north. */

interface Gaussian {
  readonly centre: Vector;
  /** w, x, y, z. */
  readonly rotation: readonly [number, number, number, number];
  readonly halfAxes: Vector;
  readonly colour: Vector;
}

const THICKNESS = 0.002;
/** Of the sides in a surface, over the way between two Gaussians. */
const WIDTH = 0.6;
/** The outermost stop half of the light so far beyond their centres, over their width. */
const HALF_LIGHT = 1.4;
const OPACITY = 0.95;

/** A rectangle from a corner along two sides at right angles, with Gaussians every `spacing`. */
export function rectangle(corner: Vector, a: Vector, b: Vector, spacing: number, colour: Vector): Gaussian[] {
  const rotation = rotationTo(unit(cross(a, b))!);
  const [columns, rows] = [a, b].map((side) => Math.max(2, Math.round(Math.hypot(...side) / spacing))) as [
    number,
    number,
  ];
  const inset = (side: Vector): number => (HALF_LIGHT * WIDTH * spacing) / Math.hypot(...side);
  return Array.from({ length: columns * rows }, (_, i) => {
    const along = (side: Vector, share: number): Vector => times(side, inset(side) + share * (1 - 2 * inset(side)));
    const [u, v] = [(i % columns) / (columns - 1), Math.floor(i / columns) / (rows - 1)];
    const centre = sum(corner, sum(along(a, u), along(b, v)));
    return { centre, rotation, halfAxes: [spacing * WIDTH, spacing * WIDTH, THICKNESS], colour };
  });
}

/** Sides of a box along the axes, without its floor. */
export function box(min: Vector, max: Vector, spacing: number): Gaussian[] {
  const [x, y, z] = minus(max, min);
  const side = (corner: Vector, a: Vector, b: Vector, colour: Vector): Gaussian[] =>
    rectangle(corner, a, b, spacing, colour);
  return [
    ...side(min, [x, 0, 0], [0, 0, z], [0.9, 0.2, 0.1]),
    ...side(min, [x, 0, 0], [0, y, 0], [0.6, 0.6, 0.65]),
    ...side([min[0], min[1], max[2]], [x, 0, 0], [0, y, 0], [0.5, 0.5, 0.6]),
    ...side(min, [0, y, 0], [0, 0, z], [0.7, 0.65, 0.5]),
    ...side([max[0], min[1], min[2]], [0, y, 0], [0, 0, z], [0.55, 0.5, 0.4]),
  ];
}

/** The box of 4 m by 2 m, 3 m high, that stands on the ground around 0, 0, 0. */
export const BOX = { min: [-2, -3, -1] as Vector, max: [2, 0, 1] as Vector };
export const boxOnGround = (spacing: number): Gaussian[] => [
  ...rectangle([-6, 0, -5], [12, 0, 0], [0, 0, 10], spacing, [0.3, 0.55, 0.25]),
  ...box(BOX.min, BOX.max, spacing),
];

/** From the third axis to a direction. */
function rotationTo(normal: Vector): [number, number, number, number] {
  if (normal[2] < -0.999999) return [0, 1, 0, 0];
  const axis = cross([0, 0, 1], normal);
  const [w, x, y, z] = [1 + normal[2], ...axis];
  const size = Math.hypot(w, x, y, z);
  return [w / size, x / size, y / size, z / size];
}

/** As SOG stores them and the viewer reads them: 16 bits a coordinate, 8 a part of a rotation. */
export function toGaussians(all: readonly Gaussian[]): Gaussians {
  const log = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value));
  const [mins, maxs] = [Math.min, Math.max].map((most) =>
    [0, 1, 2].map((axis) => all.reduce((so, { centre }) => most(so, log(centre[axis]!)), most === Math.min ? 99 : -99)),
  ) as [number[], number[]];
  const sizes = [...new Set(all.flatMap(({ halfAxes }) => halfAxes))];
  const pixels = Object.fromEntries(
    SOG_PICTURES.map((name) => [name, { width: all.length, height: 1, rgba: new Uint8Array(4 * all.length) }]),
  ) as Record<SogPicture, Pixels>;
  all.forEach(({ centre, rotation, halfAxes }, i) => {
    for (let axis = 0; axis < 3; axis += 1) {
      const share = (log(centre[axis]!) - mins[axis]!) / (maxs[axis]! - mins[axis]! || 1);
      const whole = Math.round(share * 65535);
      pixels.meansLow.rgba[4 * i + axis] = whole & 255;
      pixels.meansHigh.rgba[4 * i + axis] = whole >> 8;
      pixels.scales.rgba[4 * i + axis] = sizes.indexOf(halfAxes[axis]!);
    }
    const largest = rotation.map(Math.abs).indexOf(Math.max(...rotation.map(Math.abs)));
    const sign = Math.sign(rotation[largest]!);
    const rest = rotation.filter((_, k) => k !== largest);
    rest.forEach((part, k) => {
      pixels.quats.rgba[4 * i + k] = Math.round(((sign * part) / Math.SQRT2 + 0.5) * 255);
    });
    pixels.quats.rgba[4 * i + 3] = 252 + largest;
    pixels.sh0.rgba[4 * i + 3] = Math.round(OPACITY * 255);
  });
  const files = Object.fromEntries(SOG_PICTURES.map((name) => [name, name])) as Record<SogPicture, string>;
  const scales = Array.from({ length: 256 }, (_, i) => Math.log(sizes[i] ?? 1));
  return decodeSog({ count: all.length, mins, maxs, scales, files }, pixels);
}

/** The 3DGS PLY of the same, from which splat-transform makes files. */
export function toPly(all: readonly Gaussian[]): Buffer {
  const names = ['x', 'y', 'z', 'f_dc_0', 'f_dc_1', 'f_dc_2', 'opacity'];
  names.push(...[0, 1, 2].map((k) => `scale_${k}`), ...[0, 1, 2, 3].map((k) => `rot_${k}`));
  const rows = all.flatMap(({ centre, colour, halfAxes, rotation }) => [
    ...centre,
    ...colour.map((value) => (value - 0.5) / 0.28209479), // over the constant of the 0th band
    Math.log(OPACITY / (1 - OPACITY)),
    ...halfAxes.map(Math.log),
    ...rotation,
  ]);
  const header = [
    'ply',
    'format binary_little_endian 1.0',
    `element vertex ${all.length}`,
    ...names.map((name) => `property float ${name}`),
    'end_header',
    '',
  ];
  return Buffer.concat([Buffer.from(header.join('\n')), Buffer.from(Float32Array.from(rows).buffer)]);
}
