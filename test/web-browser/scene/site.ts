import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { mediaTypeOf, type PublishedFile } from '../../../contracts/storage/layout';
import { findBrowser } from '../../helpers/browser';
import { openingPose } from '../../helpers/scene-page';
import { WEBGL_FLAGS } from '../../helpers/webgl-flags';
import { project } from '../../../web/scene/pose';
import { jobRecord } from '../../server/helpers';
import { boxOnGround, toPly } from '../../web/ideal-splat';
import { test as base, type Site } from '../fixtures';

/** A finished job whose scene is a box of 4 m by 2 m, 3 m high, on the ground. */

const run = promisify(execFile);
const SPLAT_TRANSFORM = path.join(__dirname, '../../../node_modules/.bin/splat-transform');
export const SUBJECT = { min: [-5, -3, -4], max: [5, 0, 4] } as const;
export const VIEW = { position: [3, -14, -6], target: [0, -1.5, 0], fieldOfViewDeg: 60 } as const;
export const SCENE = {
  version: 1,
  axes: 'x east, y down, z north',
  metric: true,
  scale: { source: 'gps', relativeSigma: 0.001 },
  enuFromScene: [
    [1, 0, 0, 0],
    [0, 0, 1, 0],
    [0, -1, 0, 0],
    [0, 0, 0, 1],
  ],
  origin: { datum: 'WGS84', latitude: 46.5, longitude: 7.25, altitude: 600 },
  bounds: { min: [-6, -3, -5], max: [6, 0, 5] },
  subject: SUBJECT,
  openingView: VIEW,
  attribution: ['© Village Drones'],
};

export interface SceneFiles {
  readonly folder: string;
  /** The model that the files were made of. */
  readonly ply: string;
  /** Name below the result's folder -> content. */
  readonly whole: ReadonlyMap<string, Buffer>;
  /** The same with blue where that is red. */
  readonly other: Buffer;
  /** Those of the same as a streamed scene of two levels. */
  readonly streamed: ReadonlyMap<string, Buffer>;
}

/** By PlayCanvas's own program. */
async function makeScene(): Promise<SceneFiles> {
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-scene-'));
  const ply = path.join(folder, 'model.ply');
  const [whole, streamed] = [path.join(folder, 'scene.sog'), path.join(folder, 'scene')];
  const gaussians = boxOnGround(0.08);
  await writeFile(ply, toPly(gaussians));
  const swapped = gaussians.map(({ colour: [r, g, b], ...rest }) => ({ ...rest, colour: [b, g, r] as const }));
  const [otherPly, other] = [path.join(folder, 'other.ply'), path.join(folder, 'other.sog')];
  const coarsePly = path.join(folder, 'coarse.ply');
  await writeFile(otherPly, toPly(swapped));
  await writeFile(coarsePly, toPly(boxOnGround(0.2)));
  const make = (...files: string[]): Promise<unknown> => run(SPLAT_TRANSFORM, ['-w', '-g', 'cpu', ...files]);
  await Promise.all([
    make(ply, whole),
    make(otherPly, other),
    make(ply, '-l', '0', coarsePly, '-l', '1', path.join(streamed, 'lod-meta.json')),
  ]);
  const chunks: [string, Buffer][] = [];
  for (const name of await readdir(streamed, { recursive: true }))
    if ((await stat(path.join(streamed, name))).isFile())
      chunks.push([`scene/${name}`, await readFile(path.join(streamed, name))]);
  const json = Buffer.from(JSON.stringify(SCENE));
  return {
    folder,
    ply,
    other: await readFile(other),
    whole: new Map([
      ['scene.sog', await readFile(whole)],
      ['scene.json', json],
    ]),
    streamed: new Map(chunks),
  };
}

/** In a browser that draws without a graphics card; the files are made once for all tests. */
export const test = base.extend<object, { scene: SceneFiles }>({
  launchOptions: [{ executablePath: findBrowser('scenes in a browser') ?? '', args: WEBGL_FLAGS }, { scope: 'worker' }],
  scene: [
    async ({}, use) => {
      const made = await makeScene();
      await use(made);
      await rm(made.folder, { recursive: true });
    },
    { scope: 'worker' },
  ],
});
// On machines that do other things too.
export const TIMEOUT_MS = 120_000;

/** Puts the job there, with these files of its result. */
export function putScene(
  site: Site,
  files: ReadonlyMap<string, Buffer>,
  jobId = 'job123456',
  name = 'The box',
  scene: typeof SCENE = SCENE,
): void {
  for (const [file, body] of files) site.files.set(file, { type: mediaTypeOf(file as PublishedFile), body });
  const json = { type: 'application/json', body: Buffer.from(JSON.stringify(scene)) };
  if (scene !== SCENE) site.files.set(`${jobId}/scene.json`, json);
  site.store.json.set(`${jobId}/scene.json`, scene);
  const listed = [...files].filter(([file]) => !file.includes('/') || file === 'scene/lod-meta.json');
  const result = { files: listed.map(([file, { length }]) => ({ name: file, bytes: length })) };
  const record = jobRecord({ jobId, state: 'succeeded', result });
  site.job({ ...record, request: { ...record.request, email: 'pilot@example.com', name } }, null);
}

/** Where a point of the scene appears, CSS pixels of the page: by the opening view, fitted as the page fits it. */
export async function places(
  page: Page,
  points: readonly (readonly [number, number, number])[],
): Promise<[number, number][]> {
  const box = (await page.locator('.scene-view').boundingBox())!;
  const pose = openingPose(SCENE, box);
  return points.map((point) => {
    const { x, y } = project(pose, box, point);
    return [box.x + x, box.y + y];
  });
}

/** Which colour stands most at places of the page. */
export async function colours(page: Page, at: readonly (readonly [number, number])[]): Promise<string[]> {
  const picture = (await page.screenshot()).toString('base64');
  return page.evaluate(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${picture}';
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return ${JSON.stringify(at)}.map(([x, y]) => {
      const rgb = [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
      return ['red', 'green', 'blue'][rgb.indexOf(Math.max(...rgb))];
    });
  })()`);
}
