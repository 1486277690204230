import type { OpeningView } from '../../contracts/generated/reports';

/** A camera of `cameras.json`, as far as a start view needs it (docs/container-contract.md). */
export interface SceneCamera {
  /** In the export frame: x east, y down, z north. */
  readonly position: Vector;
  /** Third row of the world-to-camera rotation: where the camera looks. */
  readonly forward: Vector;
  /** Share of its distance that the photo covers along the shorter side: `min(width / fx, height / fy)`. */
  readonly cover: number;
}

type Vector = readonly [number, number, number];

const FIELD_OF_VIEW_DEGREES = 60;
/** Mean tilt (sine) below which a flight looks straight down, but for a gimbal that is a few degrees off. */
const MIN_TILT = 0.1;
/** Distance of the start view in radii of what was photographed: most is in sight (all at 1.73, with 60 degrees). */
const RADII_AWAY = 1.5;
const MIN_ELEVATION_DEGREES = 30;
const MAX_ELEVATION_DEGREES = 60;
/** Step between neighbouring photos as a share of what one covers: 70 % overlap, as flights for mapping have. */
const USUAL_STEP = 0.3;
/** Weight of the distance guessed from that overlap: above what a shaking gimbal says, below rays that really meet. */
const GUESS_WEIGHT = 0.1;

const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const scale = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const distance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const mean = (vectors: readonly Vector[]): Vector => scale(vectors.reduce(add, [0, 0, 0]), 1 / vectors.length);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** PlayCanvas turns PLY and SOG by 180 degrees about z, so that y down becomes up. */
const toViewer = ([x, y, z]: Vector): Vector => [-x, -y, z];

/**
 * Settings of supersplat-viewer (its schema, version 2): the view that training chose by what it shows. Results without
 * such a choice open at an oblique view from above onto what the cameras looked at, from the side of the photos, where
 * the splat is best, and far enough to see most of it; without usable cameras, at the viewer's default view.
 * @param camerasJson content of `cameras.json`
 * @param chosen of training's report
 */
export function viewerSettings(camerasJson: unknown, chosen?: OpeningView): object {
  const pose = readChosen(chosen) ?? startPose(readCameras(camerasJson));
  return {
    version: 2,
    tonemapping: 'none',
    highPrecisionRendering: false,
    background: { color: [0.1, 0.11, 0.13] },
    postEffectSettings: {
      sharpness: { enabled: false, amount: 0 },
      bloom: { enabled: false, intensity: 0.1, blurLevel: 2 },
      grading: { enabled: false, brightness: 1, contrast: 1, saturation: 1, tint: [1, 1, 1] },
      vignette: { enabled: false, intensity: 0.5, inner: 0.3, outer: 0.75, curvature: 1 },
      fringing: { enabled: false, intensity: 0.5 },
    },
    animTracks: [],
    cameras: [
      { initial: { position: toViewer(pose.position), target: toViewer(pose.target), fov: FIELD_OF_VIEW_DEGREES } },
    ],
    annotations: [],
    startMode: 'default',
  };
}

/** The usable entries of `cameras.json`; whatever else is in it is left out. */
export function readCameras(value: unknown): SceneCamera[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: Record<string, unknown> | null): SceneCamera[] => {
    const position = [entry?.position].flat(1);
    const forward = [entry?.rotation].flat(2).slice(6, 9);
    const covers = [Number(entry?.width) / Number(entry?.fx), Number(entry?.height) / Number(entry?.fy)];
    const usable =
      isVector(position) && isVector(forward) && covers.every((cover) => Number.isFinite(cover) && cover > 0);
    return usable ? [{ position, forward, cover: Math.min(...covers) }] : [];
  });
}

function readChosen(chosen: OpeningView | undefined): { position: Vector; target: Vector } | null {
  const { position = [], target = [] } = chosen ?? {};
  return isVector(position) && isVector(target) ? { position, target } : null;
}

const isVector = (value: readonly unknown[]): value is Vector =>
  value.length === 3 && value.every((x) => Number.isFinite(x));

/**
 * Where to stand and what to look at, in the export frame. The compression program draws what it delivers from here
 * (containers/common/spaceport_common/opening_view.py), so both change together.
 */
export function startPose(cameras: readonly SceneCamera[]): { position: Vector; target: Vector } {
  if (cameras.length === 0) return { position: [0, -5, -10], target: [0, 0, 0] };
  const target = sceneCentre(cameras);
  const middle = mean(cameras.map(({ position }) => position));
  const height = median(cameras.map(({ position }) => distance(position, target)));
  const radius = Math.max(...cameras.map(({ position, cover }) => distance(position, middle) + (cover * height) / 2));
  const away = Math.max(height, RADII_AWAY * radius);
  const elevations = cameras.map(({ position }) =>
    Math.asin((target[1] - position[1]) / (distance(position, target) || 1)),
  );
  const limit = (degrees: number): number => (degrees * Math.PI) / 180;
  const elevation = Math.min(limit(MAX_ELEVATION_DEGREES), Math.max(limit(MIN_ELEVATION_DEGREES), median(elevations)));
  // Looking the way that tilted cameras look; north where all look straight down.
  const [east, , north] = mean(cameras.map(({ forward }) => forward));
  const tilt = Math.hypot(east, north);
  const [aheadEast, aheadNorth] = tilt > MIN_TILT ? [east / tilt, north / tilt] : [0, 1];
  const flat = away * Math.cos(elevation);
  return { target, position: add(target, [-aheadEast * flat, -away * Math.sin(elevation), -aheadNorth * flat]) };
}

/**
 * The point nearest to all viewing rays (least squares). Rays straight down are parallel and leave its depth open, so
 * every camera also pulls it, weakly, to the distance that the usual overlap gives.
 */
export function sceneCentre(cameras: readonly SceneCamera[]): Vector {
  const guess = usualDistance(cameras);
  const rows: [number, number, number, number][] = [0, 1, 2].map(() => [0, 0, 0, 0]);
  for (const { position, forward } of cameras) {
    // (I - f f' + w f f') x = (I - f f') p + w (f'p + guess) f, with the right side as the fourth column
    const along = dot(forward, position);
    rows.forEach((row, axis) => {
      const f = forward[axis] ?? 0;
      for (const other of [0, 1, 2] as const)
        row[other] += (axis === other ? 1 : 0) - (1 - GUESS_WEIGHT) * f * forward[other];
      row[3] += (position[axis] ?? 0) - along * f + GUESS_WEIGHT * (along + guess) * f;
    });
  }
  return solve3(rows);
}

/** Distance at which the step to the nearest other camera is the usual share of what a photo covers. */
function usualDistance(cameras: readonly SceneCamera[]): number {
  const steps = cameras.map((camera) =>
    Math.min(
      ...cameras
        .filter((other) => other !== camera)
        .map((other) => distance(camera.position, other.position) / (USUAL_STEP * camera.cover)),
    ),
  );
  const guess = median(steps);
  return Number.isFinite(guess) && guess > 0 ? guess : 10;
}

/**
 * Three equations, right side last, by Cramer's rule; positive definite, since each camera adds `GUESS_WEIGHT` or more
 * in every direction.
 */
function solve3(rows: readonly (readonly [number, number, number, number])[]): Vector {
  const column = (index: 0 | 1 | 2 | 3): Vector => [0, 1, 2].map((row) => rows[row]?.[index] ?? 0) as unknown as Vector;
  const determinant = (a: Vector, b: Vector, c: Vector): number =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1]);
  const [a, b, c, right] = [column(0), column(1), column(2), column(3)];
  const all = determinant(a, b, c);
  return [determinant(right, b, c) / all, determinant(a, right, c) / all, determinant(a, b, right) / all];
}
