import type { OpeningView } from '../../contracts/generated/reports';
import type { Caller } from '../http/context';
import type { ReadJobs } from '../jobs/read';

type Vector = readonly [number, number, number];

/** Where to stand and what to look at, in the export frame: x east, y down, z north. */
interface Pose {
  readonly position: Vector;
  readonly target: Vector;
}

const FIELD_OF_VIEW_DEGREES = 60;
const DEFAULT_POSE: Pose = { position: [0, -5, -10], target: [0, 0, 0] };
/** From the place of a photo to the point that a person then turns around; in the scene's unit, mostly metres. */
const AHEAD = 10;

/** PlayCanvas turns PLY and SOG by 180 degrees about z, so that y down becomes up. */
const toViewer = ([x, y, z]: Vector): Vector => [-x, -y, z];

/**
 * Settings of supersplat-viewer (its schema, version 2): the view that training chose by what it shows. Results of
 * versions that chose none open at the place of a photo; without usable cameras, at the viewer's default view.
 * @param camerasJson content of `cameras.json`
 * @param chosen of training's report
 */
export function viewerSettings(camerasJson: unknown, chosen?: OpeningView): object {
  const pose = readChosen(chosen) ?? placeOfPhoto(camerasJson) ?? DEFAULT_POSE;
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

/** Those of a job's scene. Throws Problem: ARTIFACT_NOT_FOUND where it has none. */
export async function settingsOfViewer(
  jobs: Pick<ReadJobs, 'resultJson' | 'metrics'>,
  caller: Caller,
  jobId: string,
): Promise<object> {
  const cameras = await jobs.resultJson(caller, jobId, 'cameras.json');
  const { training } = await jobs.metrics(caller, jobId);
  return viewerSettings(cameras, training?.openingView);
}

function readChosen(chosen: OpeningView | undefined): Pose | null {
  const { position = [], target = [] } = chosen ?? {};
  return isVector(position) && isVector(target) ? { position, target } : null;
}

/** The camera in the middle of `cameras.json` (docs/container-contract.md), among those that are usable. */
function placeOfPhoto(camerasJson: unknown): Pose | null {
  const poses = [camerasJson].flat(1).flatMap((entry: unknown): Pose[] => {
    const camera = entry as { readonly position?: unknown; readonly rotation?: unknown } | null | undefined;
    const position = [camera?.position].flat(1);
    const forward = [camera?.rotation].flat(2).slice(6, 9); // the third row: world to camera
    if (!isVector(position) || !isVector(forward)) return [];
    const [x, y, z] = position;
    return [{ position, target: [x + AHEAD * forward[0], y + AHEAD * forward[1], z + AHEAD * forward[2]] }];
  });
  return poses[Math.floor(poses.length / 2)] ?? null;
}

const isVector = (value: readonly unknown[]): value is Vector =>
  value.length === 3 && value.every((x) => Number.isFinite(x));
