import type { View } from '../measure/mark';
import { cross, dot, minus, sum, times, type Vector } from '../measure/vectors';

/**
 * Where a camera stands, as plain numbers: it looks at a point from a direction, and up stays up. Coordinates are the
 * scene's: x east, y down, z north. Angles are radians.
 */
export interface Pose {
  readonly target: Vector;
  /** From the target to the eye, clockwise from north. */
  readonly yaw: number;
  /** Of the eye above the target. */
  readonly pitch: number;
  readonly distance: number;
  /** Along the longer side of the picture, degrees. */
  readonly fieldOfViewDeg: number;
}

/** Width and height of a picture, in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly min: Vector;
  readonly max: Vector;
}

const UP: Vector = [0, -1, 0];
/** Just before straight down, where east and west would change places. */
const STEEPEST = (89.5 / 180) * Math.PI;
/** Of a view's length: less than this to the side is steep. */
const STEEP_SHARE = 0.2;
const RADIANS = Math.PI / 180;

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/** From the target to the eye, of length 1. */
const direction = ({ yaw, pitch }: Pick<Pose, 'yaw' | 'pitch'>): Vector => [
  Math.sin(yaw) * Math.cos(pitch),
  -Math.sin(pitch),
  Math.cos(yaw) * Math.cos(pitch),
];

export const eyeOf = (pose: Pose): Vector => sum(pose.target, times(direction(pose), pose.distance));

export interface Axes {
  readonly forward: Vector;
  readonly right: Vector;
  readonly up: Vector;
}

/** Of the camera, each of length 1. */
export function axesOf(pose: Pick<Pose, 'yaw' | 'pitch'>): Axes {
  const forward = times(direction(pose), -1);
  const flat = cross(forward, UP);
  const right = times(flat, 1 / Math.hypot(...flat));
  return { forward, right, up: cross(right, forward) };
}

export const toView = (pose: Pose): View => ({
  eye: eyeOf(pose),
  target: pose.target,
  up: axesOf(pose).up,
  fieldOfViewDeg: pose.fieldOfViewDeg,
});

/**
 * The nearest upright pose to a view.
 * @param view whose `up` turns the picture where it looks down or up so steeply that the way there says little
 */
export function fromView({ eye, target, up, fieldOfViewDeg }: Omit<View, 'up'> & Partial<Pick<View, 'up'>>): Pose {
  const [x, y, z] = minus(eye, target);
  const distance = Math.max(Math.hypot(x, y, z), 1e-6);
  const isSteep = Math.hypot(x, z) < STEEP_SHARE * distance;
  const [upX, , upZ] = up ?? UP;
  const side = y < 0 ? -1 : 1; // from above, what is up in the picture lies behind the target
  const [east, north] = isSteep && Math.hypot(upX, upZ) > STEEP_SHARE ? [side * upX, side * upZ] : [x, z];
  return {
    target,
    yaw: Math.atan2(east, north),
    pitch: clamp(Math.asin(-y / distance), -STEEPEST, STEEPEST),
    distance,
    fieldOfViewDeg,
  };
}

/** Tangents of half of the picture's angles. */
export function tangents(fieldOfViewDeg: number, { width, height }: Size): { readonly x: number; readonly y: number } {
  const long = Math.tan((fieldOfViewDeg * RADIANS) / 2);
  return width >= height ? { x: long, y: (long * height) / width } : { x: (long * width) / height, y: long };
}

export interface Projected {
  /** CSS pixels from the left and the top of the picture. */
  readonly x: number;
  readonly y: number;
  /** Before the camera; negative behind it. */
  readonly depth: number;
}

/** Where a point appears in the picture; its place means nothing where it is not before the camera. */
export function project(pose: Pose, size: Size, point: Vector): Projected {
  const { forward, right, up } = axesOf(pose);
  const tan = tangents(pose.fieldOfViewDeg, size);
  const way = minus(point, eyeOf(pose));
  const depth = dot(way, forward);
  const x = dot(way, right) / (depth * tan.x);
  const y = dot(way, up) / (depth * tan.y);
  return { x: ((1 + x) / 2) * size.width, y: ((1 - y) / 2) * size.height, depth };
}

/** From the eye through a place in the picture. */
export function rayThrough(
  pose: Pose,
  size: Size,
  x: number,
  y: number,
): { readonly origin: Vector; readonly direction: Vector } {
  const { forward, right, up } = axesOf(pose);
  const tan = tangents(pose.fieldOfViewDeg, size);
  const across = times(right, ((2 * x) / size.width - 1) * tan.x);
  const along = times(up, (1 - (2 * y) / size.height) * tan.y);
  const way = sum(forward, sum(across, along));
  return { origin: eyeOf(pose), direction: times(way, 1 / Math.hypot(...way)) };
}

/** Units of the scene that a CSS pixel is wide at a distance from the eye. */
export const pixelAt = ({ fieldOfViewDeg }: Pose, size: Size, distance: number): number =>
  (2 * tangents(fieldOfViewDeg, size).x * distance) / size.width;

/** Around the target, by angles: to the right and up as the eye goes. */
export const orbited = (pose: Pose, yaw: number, pitch: number): Pose => ({
  ...pose,
  yaw: pose.yaw + yaw,
  pitch: clamp(pose.pitch + pitch, -STEEPEST, STEEPEST),
});

/** So that what is at the target follows a move by these pixels. */
export function panned(pose: Pose, size: Size, dx: number, dy: number): Pose {
  const { right, up } = axesOf(pose);
  const pixel = pixelAt(pose, size, pose.distance);
  return { ...pose, target: sum(pose.target, sum(times(right, -dx * pixel), times(up, dy * pixel))) };
}

/** Nearer by a factor below 1, farther by one above; what is at this place of the picture stays there. */
export function zoomed(pose: Pose, size: Size, factor: number, at: { x: number; y: number }, nearest: number): Pose {
  const distance = Math.max(pose.distance * factor, nearest);
  const kept = 1 - distance / pose.distance;
  const aside = minus(pointAt(pose, size, at), pose.target);
  return { ...pose, distance, target: sum(pose.target, times(aside, kept)) };
}

/** Where a place of the picture lies on the plane through the target. */
function pointAt(pose: Pose, size: Size, { x, y }: { x: number; y: number }): Vector {
  const ray = rayThrough(pose, size, x, y);
  const depth = pose.distance / dot(ray.direction, axesOf(pose).forward);
  return sum(ray.origin, times(ray.direction, depth));
}

/** The whole camera moves: along where it looks, to the right, and plumb up, in units of the scene. */
export function flown(pose: Pose, ahead: number, right: number, up: number): Pose {
  const axes = axesOf(pose);
  const way = sum(times(axes.forward, ahead), sum(times(axes.right, right), times(UP, up)));
  return { ...pose, target: sum(pose.target, way) };
}

/** Part of the way from one pose to another, 0 to 1, by the shorter turn. */
export function between(from: Pose, to: Pose, part: number): Pose {
  const mix = (a: number, b: number): number => a + (b - a) * part;
  const turn = ((((to.yaw - from.yaw) % (2 * Math.PI)) + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
  return {
    target: sum(from.target, times(minus(to.target, from.target), part)),
    yaw: from.yaw + turn * part,
    pitch: mix(from.pitch, to.pitch),
    distance: from.distance * (to.distance / from.distance) ** part,
    fieldOfViewDeg: mix(from.fieldOfViewDeg, to.fieldOfViewDeg),
  };
}

export const cornersOf = ({ min, max }: Box): Vector[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1 ? max[0] : min[0], i & 2 ? max[1] : min[1], i & 4 ? max[2] : min[2]]);

const MARGIN = 1.06;

/**
 * From the same direction, so far that a box is whole in the picture and in its middle, whatever the picture's shape.
 */
export function fitted(pose: Pose, size: Size, box: Box): Pose {
  const { forward, right, up } = axesOf(pose);
  const tan = tangents(pose.fieldOfViewDeg, size);
  const corners = cornersOf(box);
  const middle = times(sum(box.min, box.max), 0.5);
  const span = Math.max(Math.hypot(...minus(box.max, box.min)), 1e-3);
  let target: Vector = middle;
  let distance = span;
  // The middle of the box is not the middle of its picture: what is near takes more of that.
  for (let round = 0; round < 8; round += 1) {
    const offsets = corners.map((corner) => minus(corner, target));
    distance = Math.max(
      span / 100,
      ...offsets.flatMap((offset) => [
        (MARGIN * Math.abs(dot(offset, right))) / tan.x - dot(offset, forward),
        (MARGIN * Math.abs(dot(offset, up))) / tan.y - dot(offset, forward),
      ]),
    );
    const seen = offsets.map((offset) => {
      const depth = distance + dot(offset, forward);
      return [dot(offset, right) / depth, dot(offset, up) / depth] as const;
    });
    const centre = (axis: 0 | 1): number =>
      (Math.max(...seen.map((each) => each[axis])) + Math.min(...seen.map((each) => each[axis]))) / 2;
    target = sum(target, sum(times(right, centre(0) * distance), times(up, centre(1) * distance)));
  }
  return { ...pose, target, distance };
}
