import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { viewerSettings } from '../../../server/pages/viewer-settings';

type Vector = [number, number, number];

/** An entry of cameras.json that looks straight down; only the third row of its rotation matters here. */
const nadirCamera = (position: Vector) => ({
  name: 'a.jpg',
  width: 800,
  height: 600,
  rotation: [
    [1, 0, 0],
    [0, 0, -1],
    [0, 1, 0],
  ],
  position,
  fx: 600,
  fy: 600,
});
const nadir = [-4, 0, 4].map((east) => nadirCamera([east, -8, 1]));
const chosen = { position: [1, -2, 3], target: [4, 5, 6], fieldOfViewDeg: 60, covered: 0.4 };

function initialPose(cameras: unknown): { position: Vector; target: Vector } {
  const settings = viewerSettings(cameras) as { cameras: { initial: { position: Vector; target: Vector } }[] };
  return settings.cameras[0]!.initial;
}

describe('the start view', () => {
  test('is what training chose, turned by 180 degrees about z, so that up is up', () => {
    expect(viewerSettings(nadir, chosen)).toMatchObject({
      cameras: [{ initial: { position: [-1, 2, 3], target: [-4, -5, 6], fov: 60 } }],
    });
  });

  test('is the place of a photo in results of versions that chose none, and looks where the photo looked', () => {
    const { position, target } = initialPose(nadir);
    expect(position).toEqual([-0, 8, 1]);
    expect(target.map((value, axis) => Math.sign(value - position[axis]!))).toEqual([0, -1, 0]);
    expect(viewerSettings(nadir, { ...chosen, target: [] })).toEqual(viewerSettings(nadir));
  });

  test.each([
    ['null', null],
    ['an empty object', {}],
    ['a position of two numbers', { ...nadir[0], position: [1, 2] }],
    ['a rotation that is none', { ...nadir[0], rotation: 'x' }],
    ['a number', 7],
  ])('leaves out cameras that are not ones: %s', (_what, camera) => {
    expect(initialPose([camera, nadir[0]])).toEqual(initialPose([nadir[0]]));
    expect(initialPose([camera])).toEqual(initialPose([]));
  });

  test.each([
    ['a chosen view', nadir, chosen],
    ['many cameras', nadir, undefined],
    ['one camera', nadir.slice(0, 1), undefined],
    ['none', [], undefined],
    ['an object', { cameras: [] }, undefined],
    ['nonsense', 'x', undefined],
    ['nothing', null, undefined],
  ])('is valid for the viewer with %s', async (_what, cameras, view) => {
    const check = `import('@playcanvas/supersplat-viewer/settings').then((s) => s.validateSettings(JSON.parse(process.argv[1]), { limits: true }))`;
    const settings = JSON.stringify(viewerSettings(cameras, view));
    await promisify(execFile)(process.execPath, ['-e', check, settings], { cwd: __dirname });
  });
});
