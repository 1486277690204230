import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findCheckout } from '../../../local/stack/checkout';
import { readCameras, sceneCentre, startPose, viewerSettings } from '../../../server/pages/viewer-settings';

type Vector = [number, number, number];

/** An entry of cameras.json that looks from `position` to `target`; only the third row of its rotation matters here. */
function camera(position: Vector, target: Vector) {
  const forward = position.map((value, axis) => (target[axis] ?? 0) - value);
  const length = Math.hypot(...forward);
  const rotation = [[1, 0, 0], [0, 1, 0], forward.map((value) => value / length)];
  return { name: 'a.jpg', width: 800, height: 600, camera: 1, rotation, position, fx: 600, fy: 600, heldOut: false };
}

const grid = [-4, -2, 0, 2, 4].flatMap((east) => [-4, -2, 0, 2, 4].map((north): Vector => [east, -8, north]));
const nadir = grid.map((position) => camera(position, [position[0], 0, position[2]]));
const orbit = Array.from({ length: 12 }, (_, index) => {
  const angle = (index * Math.PI) / 6;
  return camera([3 + 10 * Math.cos(angle), -5, -2 + 10 * Math.sin(angle)], [3, -1, -2]);
});

const POSE = `
import json, sys
from spaceport_common.opening_view import opening_pose, usable_cameras
pose = opening_pose(usable_cameras(json.load(sys.stdin)))
print(json.dumps({"position": pose.position.tolist(), "target": pose.target.tolist()}))`;

/** The start view by containers/common/spaceport_common/opening_view.py. */
function poseOfCompression(cameras: unknown): { position: Vector; target: Vector } {
  const { python, containersFolder } = findCheckout();
  const env = { ...process.env, PYTHONPATH: path.join(containersFolder, 'common') };
  const answer = execFileSync(python, ['-c', POSE], { input: JSON.stringify(cameras), env, encoding: 'utf8' });
  return JSON.parse(answer) as { position: Vector; target: Vector };
}

describe('the start view', () => {
  test('finds the point that an orbit looks at', () => {
    const centre = sceneCentre(readCameras(orbit));
    expect(Math.hypot(centre[0] - 3, centre[1] + 1, centre[2] + 2)).toBeLessThan(0.5);
  });

  test.each([
    ['straight down', 0],
    ['down, by a gimbal that is two degrees off outwards', 0.035],
    ['down, two degrees inwards', -0.035],
  ])('finds the ground below photos taken %s', (_how, outwards) => {
    const photos = grid.map(([east, down, north]) =>
      camera([east, down, north], [east + Math.sign(east) * 8 * outwards, 0, north + Math.sign(north) * 8 * outwards]),
    );
    const [east, down, north] = sceneCentre(readCameras(photos));
    expect(east).toBeCloseTo(0);
    expect(north).toBeCloseTo(0);
    expect(down).toBeGreaterThan(-4);
    expect(down).toBeLessThan(4);
  });

  test.each([
    ['photos straight down', nadir],
    ['an orbit', orbit],
  ])('stands above the scene and looks down on it, for %s', (_what, cameras) => {
    const { position, target } = startPose(readCameras(cameras));
    const below = target[1] - position[1];
    const aside = Math.hypot(target[0] - position[0], target[2] - position[2]);
    const elevation = (Math.atan2(below, aside) * 180) / Math.PI;
    expect(elevation).toBeGreaterThanOrEqual(29.9);
    expect(elevation).toBeLessThanOrEqual(60.1);
  });

  test('turns the export frame by 180 degrees about z, so that up is up', () => {
    const { position, target } = startPose(readCameras(nadir));
    const [initial] = (viewerSettings(nadir) as { cameras: { initial: { position: Vector; target: Vector } }[] })
      .cameras;
    expect(initial?.initial).toMatchObject({
      position: [-position[0], -position[1], position[2]],
      target: [-target[0], -target[1], target[2]],
    });
    expect(initial?.initial.position[1]).toBeGreaterThan(initial?.initial.target[1] ?? Infinity);
  });

  test.each([
    ['photos straight down', nadir],
    ['an orbit', orbit],
    ['some cameras that are not ones', [null, ...orbit, { ...nadir[0], fx: 0 }, { ...nadir[0], rotation: 'x' }]],
    ['one camera', nadir.slice(0, 1)],
    ['twice the same camera', [nadir[0], nadir[0]]],
    ['none', []],
    ['nonsense', 'x'],
  ])('is where the compression program draws what it delivers, for %s', (_what, cameras) => {
    const { position, target } = startPose(readCameras(cameras));
    const drawn = poseOfCompression(cameras);
    [...position, ...target].forEach((value, axis) =>
      expect([...drawn.position, ...drawn.target][axis]).toBeCloseTo(value, 6),
    );
  });

  test('is what training chose, where its report has it', () => {
    const chosen = { position: [1, -2, 3], target: [4, 5, 6], fieldOfViewDeg: 60, covered: 0.4 };
    expect(viewerSettings(nadir, chosen)).toMatchObject({
      cameras: [{ initial: { position: [-1, 2, 3], target: [-4, -5, 6], fov: 60 } }],
    });
    expect(viewerSettings(nadir, { ...chosen, target: [] })).toEqual(viewerSettings(nadir));
  });

  test('leaves out cameras that are not ones', () => {
    expect(
      readCameras([
        nadir[0],
        null,
        {},
        { ...nadir[0], position: [1, 2] },
        { ...nadir[0], rotation: 'x' },
        { ...nadir[0], fx: 0 },
        7,
      ]),
    ).toHaveLength(1);
    expect(readCameras({ cameras: [] })).toEqual([]);
  });

  test.each([
    ['many cameras', nadir],
    ['one camera', nadir.slice(0, 1)],
    ['twice the same camera', [nadir[0], nadir[0]]],
    ['none', []],
    ['nonsense', 'x'],
  ])('is valid for the viewer with %s', async (_what, cameras) => {
    const check = `import('@playcanvas/supersplat-viewer/settings').then((s) => s.validateSettings(JSON.parse(process.argv[1]), { limits: true }))`;
    await promisify(execFile)(process.execPath, ['-e', check, JSON.stringify(viewerSettings(cameras))], {
      cwd: __dirname,
    });
  });
});
