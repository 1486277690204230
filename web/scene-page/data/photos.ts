import type { View } from '../../measure/mark';
import type { Line } from '../../scene/line';
import { dot, minus, sum, times, vectorOf, type Vector } from '../../measure/vectors';

/** Where photos were taken and what they see, from photos.json. Coordinates are the scene's. */

export interface PhotoPlace {
  readonly name: string;
  /** Of its small picture; null where there is none. */
  readonly thumbnail: string | null;
  readonly position: Vector;
  /** Right, down and ahead, each of length 1. */
  readonly axes: readonly [Vector, Vector, Vector];
  /** Half the picture's width and height, over the focal length. */
  readonly tangents: readonly [number, number];
  /** How far it lies from its GPS position; null where that is not known. */
  readonly residualM: number | null;
}

/** The part of photos.json that is read here (docs/container-contract.md). */
interface PhotosFile {
  readonly cameras: readonly {
    readonly id: number;
    readonly model: string;
    readonly width: number;
    readonly height: number;
    readonly params: readonly number[];
  }[];
  readonly photos: readonly {
    readonly name: string;
    readonly thumbnail: string | null;
    readonly camera: number | null;
    readonly part: number | null;
    readonly pose: { readonly position: readonly number[]; readonly rotation: readonly number[] } | null;
    readonly gpsResidualM: { readonly east: number; readonly north: number; readonly up: number | null } | null;
  }[];
}

/** Models with one focal length, before its principal point. */
const ONE_FOCAL_LENGTH = /^(SIMPLE_|RADIAL)/;

/** The photos that have a place; none of a file that is not there, or is damaged. */
export function readPhotos(json: unknown, thumbnailUrl: (file: string) => string): PhotoPlace[] {
  const { photos = [], cameras = [] } = (json ?? {}) as Partial<PhotosFile>;
  return photos.flatMap(({ name, pose, camera: id, thumbnail, gpsResidualM, part }) => {
    const camera = cameras.find((each) => each.id === id);
    if (!pose || camera === undefined || (part ?? 0) !== 0) return [];
    const [fx = 0, second = 0] = camera.params;
    const fy = ONE_FOCAL_LENGTH.test(camera.model) ? fx : second;
    const [east, north, up] = [gpsResidualM?.east, gpsResidualM?.north, gpsResidualM?.up];
    return [
      {
        name,
        thumbnail: thumbnail === null ? null : thumbnailUrl(thumbnail),
        position: vectorOf(pose.position),
        axes: axesOf(pose.rotation),
        tangents: [camera.width / 2 / fx, camera.height / 2 / fy] as const,
        residualM: east === undefined || north === undefined ? null : Math.hypot(east, north, up ?? 0),
      },
    ];
  });
}

/** Rows of the rotation from scene to camera, of its unit quaternion w, x, y, z. */
function axesOf([w = 1, x = 0, y = 0, z = 0]: readonly number[]): [Vector, Vector, Vector] {
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/**
 * Photos in whose frame a point lies, the best first: near its middle, and from near by. What stands between, others
 * must find out. Lenses bend lines a little, which is left out here.
 */
export function photosWith(photos: readonly PhotoPlace[], point: Vector): PhotoPlace[] {
  return photos
    .flatMap((photo) => {
      const way = minus(point, photo.position);
      const [right, down, ahead] = photo.axes;
      const depth = dot(way, ahead);
      const x = dot(way, right) / depth / photo.tangents[0];
      const y = dot(way, down) / depth / photo.tangents[1];
      if (!(depth > 0) || Math.abs(x) > 1 || Math.abs(y) > 1) return [];
      return [{ photo, worth: depth * (1 + Math.hypot(x, y)) }];
    })
    .sort((a, b) => a.worth - b.worth)
    .map(({ photo }) => photo);
}

/** The way of the camera, and a small pyramid for each photo. */
export function flightLines(photos: readonly PhotoPlace[], size: number): Line[] {
  return [
    { points: photos.map(({ position }) => position), colour: '--scene-path', width: 1.5, dashed: true },
    ...photos.map((photo): Line => {
      const corner = (x: number, y: number): Vector => {
        const [right, down, ahead] = photo.axes;
        const across = times(right, x * photo.tangents[0] * size);
        return sum(photo.position, sum(times(ahead, size), sum(across, times(down, y * photo.tangents[1] * size))));
      };
      const [a, b, c, d] = [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
      const at = photo.position;
      return { points: [at, a, b, at, c, d, at, b, c, d, a], colour: '--scene-path', width: 1 };
    }),
  ];
}

/** From where a photo was taken, towards what it shows. */
export const viewOf = ({ position, axes, tangents }: PhotoPlace, distance: number): View => ({
  eye: position,
  target: sum(position, times(axes[2], distance)),
  up: times(axes[1], -1),
  fieldOfViewDeg: (2 * Math.atan(Math.max(...tangents)) * 180) / Math.PI,
});
