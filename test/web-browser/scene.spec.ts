import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { findBrowser } from '../helpers/browser';
import { WEB_FOLDER } from '../../server/http/static-files';
import { WEBGL_FLAGS } from '../helpers/webgl-flags.mjs';
import { jobRecord } from '../server/helpers';
import { fitted, fromView, project } from '../../web/scene/pose';
import { boxOnGround, toPly } from '../web/ideal-splat';
import { accessibilityProblems, expect, test, watch, type Site } from './fixtures';

const run = promisify(execFile);
test.use({ launchOptions: { executablePath: findBrowser('scenes in a browser') ?? '', args: WEBGL_FLAGS } });

const SPLAT_TRANSFORM = path.join(__dirname, '../../node_modules/.bin/splat-transform');
const SUBJECT = { min: [-5, -3, -4], max: [5, 0, 4] } as const;
const VIEW = { position: [3, -14, -6], target: [0, -1.5, 0], fieldOfViewDeg: 60 } as const;
const SCENE = {
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
};

// Drawn in software, on machines that do other things too.
test.describe.configure({ timeout: 120_000 });

let sog: Buffer;
test.beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-scene-'));
  const [ply, made] = [path.join(folder, 'model.ply'), path.join(folder, 'scene.sog')];
  await writeFile(ply, toPly(boxOnGround(0.08)));
  await run(SPLAT_TRANSFORM, ['-w', '-g', 'cpu', ply, made]);
  sog = await readFile(made);
  await rm(folder, { recursive: true });
});

/** A finished job whose scene is a box of 4 m by 2 m, 3 m high, on the ground. */
function withScene(site: Site, jobId = 'job123456'): void {
  const json = Buffer.from(JSON.stringify(SCENE));
  site.files.set('scene.sog', { type: 'application/octet-stream', body: sog });
  site.files.set('scene.json', { type: 'application/json', body: json });
  site.store.json.set(`${jobId}/scene.json`, SCENE);
  const files = [
    { name: 'scene.sog' as const, bytes: sog.length },
    { name: 'scene.json' as const, bytes: json.length },
  ];
  const record = jobRecord({ jobId, state: 'succeeded', result: { files } });
  site.job({ ...record, request: { ...record.request, email: 'pilot@example.com', name: 'The box' } }, null);
}

const isDrawn = (page: Page): Promise<void> =>
  expect(page.locator('.scene-view')).toHaveAttribute('data-phase', 'ready', { timeout: 60_000 });

/** Where a point of the scene appears, CSS pixels of the page: by the opening view, fitted as the page fits it. */
async function places(page: Page, points: readonly (readonly [number, number, number])[]): Promise<[number, number][]> {
  const box = (await page.locator('.scene-view').boundingBox())!;
  const { position, target, fieldOfViewDeg } = VIEW;
  const pose = fitted(fromView({ eye: position, target, fieldOfViewDeg }), box, SUBJECT);
  return points.map((point) => {
    const { x, y } = project(pose, box, point);
    return [box.x + x, box.y + y];
  });
}

test('the chunk that draws weighs no more than it may', async () => {
  const files = path.join(WEB_FOLDER, 'app');
  const drawing = (await readdir(files)).find((name) => /^scene-[\w-]{8}\.js\.gz$/.test(name))!;
  expect((await stat(path.join(files, drawing))).size).toBeLessThan(410_000);
});

test('a box is measured, marks are kept, and the picture survives lost graphics', async ({ page, site }) => {
  withScene(site);
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);

  // Opens with the whole subject: it fills half of the frame or more, and up is up.
  const box = (await page.locator('.scene-view').boundingBox())!;
  const { min, max } = SUBJECT;
  const corners = await places(
    page,
    [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i) => [(i & 1 ? min : max)[0], (i & 2 ? min : max)[1], (i & 4 ? min : max)[2]] as const,
    ),
  );
  const [xs, ys] = [corners.map(([x]) => (x - box.x) / box.width), corners.map(([, y]) => (y - box.y) / box.height)];
  const fills = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  expect(fills).toBeGreaterThan(0.5);
  expect(Math.min(...xs, ...ys)).toBeGreaterThan(0);
  expect(Math.max(...xs, ...ys)).toBeLessThan(1);
  const [[, top], [, foot]] = (await places(page, [
    [-2, -3, -1],
    [-2, 0, -1],
  ])) as [[number, number], [number, number]];
  expect(top).toBeLessThan(foot);
  expect(
    await colours(
      page,
      await places(page, [
        [0, -3, 0],
        [4, 0, -2],
      ]),
    ),
  ).toEqual(['red', 'green']);

  // Along the front edge of its roof, a hand's breadth within its ends.
  await page.getByRole('button', { name: 'Distance' }).click();
  for (const [x, y] of await places(page, [
    [-1.9, -3, -0.9],
    [1.9, -3, -0.9],
  ]))
    await page.mouse.click(x, y);
  const label = page.locator('.scene-label').first();
  await expect(label).toHaveText(/^3\.8\d* ± 0\.0\d+ m$/);
  const [amount, sigma] = (await label.textContent())!.match(/[\d.]+/g)!.map(Number) as [number, number];
  expect(Math.abs(amount - 3.8)).toBeLessThan(0.02);
  expect(sigma).toBeLessThan(0.038);

  await page.getByRole('button', { name: 'Volume' }).click();
  const around = [
    [-3.2, 0, -2.2],
    [3.2, 0, -2.2],
    [3.2, 0, 3.4],
    [-3.2, 0, 3.4],
  ] as const;
  for (const [x, y] of await places(page, around)) {
    const points = await page.locator('.scene-point').count();
    await page.mouse.click(x, y);
    await expect(page.locator('.scene-point')).toHaveCount(points + 1);
  }
  await page.getByRole('button', { name: 'Done' }).click();
  const volume = page.locator('.mark-details dl div', { hasText: 'Volume' }).locator('dd');
  await expect(volume).toHaveText(/m³$/);
  expect(Math.abs(Number.parseFloat((await volume.textContent())!) / 24 - 1)).toBeLessThan(0.03);

  // Kept as they were made; undone, the server forgets.
  const kept = (): Promise<string[]> =>
    page.evaluate(async () =>
      (
        (await (await fetch('/v1/jobs/job123456/annotations')).json()) as { annotations: { kind: string }[] }
      ).annotations.map(({ kind }) => kind),
    );
  await expect.poll(kept).toEqual(['distance', 'volume']);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(kept).toEqual(['distance']);
  expect(await accessibilityProblems(page)).toEqual([]);

  const lose = (call: string): Promise<void> =>
    page.evaluate(`{
      const canvas = document.querySelector('.scene-canvas');
      (globalThis.lost ??= canvas.getContext('webgl2').getExtension('WEBGL_lose_context')).${call}();
    }`);
  await lose('loseContext');
  await expect(page.locator('.scene-view')).toHaveAttribute('data-phase', 'lost');
  await lose('restoreContext');
  await isDrawn(page);
  await expect.poll(async () => colours(page, await places(page, [[0, -3, 0]]))).toEqual(['red']);
});

/** Which colour stands most at places of the page. */
async function colours(page: Page, at: readonly (readonly [number, number])[]): Promise<string[]> {
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

test('keys alone measure, and a link shows the scene to people without a session, without what it hides', async ({
  page,
  site,
  browser,
}) => {
  withScene(site);
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  const scene = page.getByRole('application', { name: 'The scene in 3D' });
  await scene.focus();
  await page.keyboard.press('m');
  await page.keyboard.press('Enter');
  await expect(page.locator('.scene-point')).toHaveCount(1);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('.marks .mark')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Delete');
  await expect(page.locator('.marks .mark')).toHaveCount(0);

  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('The link, shown this once:').inputValue();
  expect(await accessibilityProblems(page)).toEqual([]);

  const stranger = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const shared = await stranger.newPage();
  const problems: string[] = [];
  await watch(shared, problems);
  const answer = (await shared.goto(link))!;
  expect(answer.headers()['x-robots-tag']).toBe('noindex');
  const written = await answer.text();
  expect(written).toContain('<meta property="og:title" content="The box">');
  expect(written).not.toMatch(/pilot@example|flight|46\.5|job123456/);
  await isDrawn(shared);
  await expect(shared.getByRole('button', { name: 'Distance' })).toHaveCount(0);
  expect(await accessibilityProblems(shared)).toEqual([]);
  expect(problems).toEqual([]);

  await page.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('revoked')).toBeVisible();
  expect((await shared.goto(link))!.status()).toBe(404);
  await stranger.close();
});
