import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { WEB_FOLDER } from '../../../server/http/static-files';
import { compareWithDrawing, MIN_VIEWER_PSNR_DB } from '../../helpers/compare-with-drawing';
import { countDrawings, isDrawn, savePicture, shownFirst } from '../../helpers/scene-page';
import { accessibilityProblems, expect, watch } from '../fixtures';
import { colours, places, putScene, SCENE, SUBJECT, test, TIMEOUT_MS } from './site';

test.describe.configure({ timeout: TIMEOUT_MS });

test('the chunk that draws weighs no more than it may', async () => {
  const files = path.join(WEB_FOLDER, 'app');
  const drawing = (await readdir(files)).find((name) => /^scene-[\w-]{8}\.js\.gz$/.test(name))!;
  expect((await stat(path.join(files, drawing))).size).toBeLessThan(410_000);
});

const drawings = (page: Page): Promise<number> => page.evaluate('drawings');

test('C03: the scene is drawn as the compression program draws it, and not again while nothing happens', async ({
  page,
  site,
  scene,
}) => {
  putScene(site, scene.whole);
  await countDrawings(page);
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  const picture = path.join(scene.folder, 'picture.png');
  await savePicture(page, picture);
  const { psnr, covered } = await compareWithDrawing(scene.ply, await shownFirst(page, SCENE), picture);
  expect(covered).toBeGreaterThan(0.2);
  expect(psnr).toBeGreaterThan(MIN_VIEWER_PSNR_DB);
  const before = await drawings(page);
  await page.waitForTimeout(1000);
  expect([before > 0, await drawings(page)]).toEqual([true, before]);
  // It is asked for before the code that draws it is there, and not a second time.
  expect(site.asked.filter((url) => url.endsWith('/scene.sog'))).toHaveLength(1);
});

test('a box is measured, marks are kept, and the picture survives lost graphics', async ({ page, site, scene }) => {
  putScene(site, scene.whole);
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

test('keys alone measure and fly, and a link shows the scene to people without a session, without what it hides', async ({
  page,
  site,
  scene,
  browser,
}) => {
  putScene(site, scene.whole);
  await countDrawings(page);
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  const picture = page.getByRole('application', { name: 'The scene in 3D' });
  await picture.focus();
  await page.keyboard.press('m');
  await page.keyboard.press('Enter');
  await expect(page.locator('.scene-point')).toHaveCount(1);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.locator('.marks .mark')).toHaveCount(1);

  // Nearer with W and sideways with D, until the key is up, wherever the focus is by then.
  const ends = page.locator('.scene-point');
  const place = async (index: number): Promise<number> => (await ends.nth(index).boundingBox())!.x;
  const between = async (): Promise<number> => (await place(1)) - (await place(0));
  const before = await between();
  await page.keyboard.down('w');
  await expect.poll(between, { intervals: [50] }).toBeGreaterThan(1.1 * before);
  await page.keyboard.up('w');
  await page.keyboard.down('d');
  const aside = await place(0);
  await expect.poll(() => place(0), { intervals: [50] }).toBeLessThan(aside - 10);
  await page.getByRole('button', { name: 'Share' }).focus();
  await page.keyboard.up('d');
  const stands = (): Promise<boolean> =>
    page.evaluate(`new Promise((resolve) => {
      const left = () => document.querySelector('.scene-point').style.left;
      const [now] = [left()];
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(left() === now)));
    })`);
  await expect.poll(stands).toBe(true);
  await picture.focus();
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
