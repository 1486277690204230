/** CesiumJS, installed below .spaceport/field, draws the tiles at their place on the globe, with the axes right. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findBrowser } from '../helpers/browser';
import { waitFor } from '../helpers/wait-for';
import { WEBGL_FLAGS } from '../helpers/webgl-flags';

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

const MIDDLE_PIXEL = `async ({ picture, side }) => {
  const png = await fetch('data:image/png;base64,' + picture);
  const context = new OffscreenCanvas(2 * side, 2 * side).getContext('2d');
  context.drawImage(await createImageBitmap(await png.blob()), 0, 0);
  return [...context.getImageData(side, side, 1, 1).data].slice(0, 3);
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

  async function middlePixel(page: Page): Promise<number[]> {
    const picture = (await page.screenshot()).toString('base64');
    return page.evaluate(`(${MIDDLE_PIXEL})(${JSON.stringify({ picture, side: SIDE_PX / 2 })})`);
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

  test('shows a ball from each side in the colour that it has there', async () => {
    const told = written('write_sided_tileset.py', path.join(folder, 'sided'));
    const wanted = JSON.parse(told) as [number, number, number][];
    expect(wanted).toHaveLength(4);
    const page = await browser.newPage();
    await page.setViewportSize({ width: SIDE_PX, height: SIDE_PX });
    const { port } = server.address() as AddressInfo;
    for (const [side, colour] of wanted.entries()) {
      const at = `${LATITUDE},${LONGITUDE},${ORIGIN_M},${RANGE_M}`;
      await page.goto(`http://127.0.0.1:${port}/globe.html?at=${at}&below=/sided&heading=${90 * side}`);
      await waitFor(
        `the ball, looking to ${90 * side} degrees`,
        async () => {
          const found = await middlePixel(page);
          return found.every((value, channel) => Math.abs(value - colour[channel]!) < 6);
        },
        60_000,
      );
    }
  });
});
