/**
 * CesiumJS, installed below .spaceport/field, draws the tiles at their place on the globe, with the axes right; and our
 * own viewer the same colours from each side.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findBrowser } from '../helpers/browser';
import { isDrawn } from '../helpers/scene-page';
import { waitFor } from '../helpers/wait-for';
import { WEBGL_FLAGS } from '../helpers/webgl-flags';
import { putScene, SCENE } from '../web-browser/scene/site';
import { openSite } from '../web-browser/site';

const ROOT = path.resolve(__dirname, '../..');
const CESIUM = 'cesium@1.145.0';
const HOME = path.join(ROOT, '.spaceport/field', CESIUM);
const [LATITUDE, LONGITUDE] = [47.4, 8.55];
/** Of the marks' ground: the origin's altitude, and 3 m less. */
const GROUND_M = 117;
const ORIGIN_M = 120;
const RANGE_M = 50;
const SIDE_PX = 400;
const MARK_M = 12;
/** Of a channel, of 255. */
const MAX_OFF = 6;

/** Runs in the page, which can decode a PNG. */
const MIDDLE = `async ({ picture, quarter: [left, top], side, strong }) => {
  const png = await fetch('data:image/png;base64,' + picture);
  const context = new OffscreenCanvas(2 * side, 2 * side).getContext('2d');
  context.drawImage(await createImageBitmap(await png.blob()), 0, 0);
  const { data } = context.getImageData(left * side, top * side, side, side);
  let [sum, x, y] = [0, 0, 0];
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    if (data[4 * pixel + strong] - data[4 * pixel + 2 - strong] < 60) continue;
    [sum, x, y] = [sum + 1, x + (pixel % side), y + Math.floor(pixel / side)];
  }
  return sum === 0 ? null : [left * side + x / sum, top * side + y / sum];
}`;

/** As an image: the policy of the viewer's page forbids to fetch one. */
const MIDDLE_PIXEL = `async (picture) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  context.drawImage(image, -Math.floor(image.width / 2), -Math.floor(image.height / 2));
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}`;

jest.setTimeout(300_000);
const browserPath = findBrowser('whether CesiumJS shows the tiles');
const inBrowser = browserPath === null ? describe.skip : describe;

inBrowser('CesiumJS', () => {
  let folder: string;
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'spaceport-cesium-'));
    if (!existsSync(path.join(HOME, 'node_modules'))) {
      mkdirSync(HOME, { recursive: true });
      const install = ['install', '--prefix', HOME, '--ignore-scripts', '--no-audit', '--no-fund', CESIUM];
      execFileSync('npm', install, { stdio: 'ignore' });
    }
    written('write_marked_tileset.py', folder);
    const site = express();
    for (const place of [folder, HOME, path.join(__dirname, 'cesium')]) site.use(express.static(place));
    server = site.listen(0, '127.0.0.1');
    browser = await chromium.launch({ executablePath: browserPath!, args: WEBGL_FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the script prints that writes tiles below a folder. */
  function written(script: string, below: string): string {
    const packages = ['common', 'compression'].map((name) => path.join(ROOT, 'containers', name));
    return execFileSync(
      path.join(ROOT, '.spaceport/python/bin/python'),
      [path.join(__dirname, 'cesium', script), below, String(LATITUDE), String(LONGITUDE)],
      { env: { ...process.env, PYTHONPATH: packages.join(path.delimiter) }, encoding: 'utf8' },
    );
  }

  /** Of the first element that a selector finds. */
  async function middlePixel(page: Page, selector: string): Promise<number[]> {
    const picture = (await page.locator(selector).screenshot()).toString('base64');
    return page.evaluate(`(${MIDDLE_PIXEL})('${picture}')`);
  }

  /** The middle of what is far more of one colour than of the other, in pixels of a quarter; null where nothing is. */
  async function middle(
    page: Page,
    quarter: readonly [number, number],
    channel: 0 | 2,
  ): Promise<[number, number] | null> {
    const picture = (await page.screenshot()).toString('base64');
    return page.evaluate(`(${MIDDLE})(${JSON.stringify({ picture, quarter, side: SIDE_PX / 2, strong: channel })})`);
  }

  test('shows each mark of a scene where it lies on the globe', async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: SIDE_PX, height: SIDE_PX });
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/globe.html?at=${LATITUDE},${LONGITUDE},${GROUND_M},${RANGE_M}`);
    await page.waitForFunction('window.isLoaded', null, { timeout: 120_000 });
    // CesiumJS looks 60 degrees wide.
    const offsetPx = (MARK_M / RANGE_M / Math.tan(Math.PI / 6)) * (SIDE_PX / 2);
    const [low, high] = [SIDE_PX / 2 - offsetPx, SIDE_PX / 2 + offsetPx];
    const wanted = { northWest: [low, low], northEast: [high, low], southEast: [high, high] } as const;
    const quarters = { northWest: [0, 0], northEast: [1, 0], southEast: [1, 1] } as const;
    // Splats are sorted and drawn some pictures after their tiles are there.
    await waitFor('the blue mark', async () => (await middle(page, [0, 1], 2)) !== null, 120_000);
    for (const name of ['northWest', 'northEast', 'southEast'] as const) {
      const found = await middle(page, quarters[name], 0);
      expect(found?.map((value, axis) => Math.abs(value - wanted[name][axis]!) < 4)).toEqual([true, true]);
    }
    const [x, y] = (await middle(page, [0, 1], 2))!;
    expect([Math.abs(x - low) < 4, Math.abs(y - high) < 4]).toEqual([true, true]);
    expect(await middle(page, [0, 1], 0)).toBeNull();
  });

  describe('a ball of another colour from each side', () => {
    /** Red, green and blue of a look to north, east, south and west, as the compression program has them. */
    let wanted: readonly (readonly [number, number, number])[];
    beforeAll(() => {
      wanted = JSON.parse(written('write_sided_ball.py', path.join(folder, 'sided'))) as typeof wanted;
      expect(wanted).toHaveLength(4);
    });
    const off = (found: readonly number[], side: number): number =>
      Math.max(...found.map((value, channel) => Math.abs(value - wanted[side]![channel]!)));

    test.each([0, 1, 2, 3])('has it in CesiumJS: side %d', async (side) => {
      const page = await browser.newPage();
      await page.setViewportSize({ width: SIDE_PX, height: SIDE_PX });
      const { port } = server.address() as AddressInfo;
      const at = `${LATITUDE},${LONGITUDE},${ORIGIN_M},${RANGE_M}`;
      await page.goto(`http://127.0.0.1:${port}/globe.html?at=${at}&below=/sided&heading=${90 * side}`);
      await waitFor('the ball', async () => off(await middlePixel(page, '#globe'), side) < MAX_OFF, 60_000);
      await page.close();
    });

    test.each([0, 1, 2, 3])('has it in our own viewer: side %d', async (side) => {
      const site = await openSite();
      const [min, max] = [-12, 12].map((reach) => [reach, reach, reach]) as [number[], number[]];
      const [east, north] = [Math.sin((side * Math.PI) / 2), Math.cos((side * Math.PI) / 2)];
      const openingView = { position: [-RANGE_M * east, 0, -RANGE_M * north], target: [0, 0, 0], fieldOfViewDeg: 60 };
      const scene = { ...SCENE, bounds: { min, max }, subject: { min, max }, openingView };
      const files = new Map([
        ['scene.sog', readFileSync(path.join(folder, 'sided/scene.sog'))],
        ['scene.json', Buffer.from(JSON.stringify(scene))],
      ]);
      putScene(site, files, 'sided1234', 'The ball', scene as unknown as typeof SCENE);
      const page = await browser.newPage();
      try {
        await page.goto(`${site.url}/jobs/sided1234/scene`);
        await isDrawn(page);
        expect(off(await middlePixel(page, '.scene-canvas'), side)).toBeLessThan(MAX_OFF);
      } finally {
        await page.close();
        site.close();
      }
    });
  });
});
