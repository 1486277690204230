import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { WEB_FOLDER } from '../../server/http/static-files';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Period, Usage, UsageLine } from '../../server/storage/jobs/usage';
import { testConfig } from '../server/helpers';
import { swipeUp } from './fingers';
import { accessibilityProblems, expect, openSite, test, watch } from './fixtures';
import { putJob, SUCCEEDED } from './jobs';
import { look, print } from './pictures';

const DAY_MS = 24 * 3600 * 1000;
const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><path fill="#68a" d="M0 0h4v3H0z"/></svg>';
const picture = { type: 'image/svg+xml', body: Buffer.from(PICTURE) };

/** A green pixel. */
const TILE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mPo2F0OAAOJAbsqPW2wAAAAAElFTkSuQmCC',
  'base64',
);

const photo = (index: number, changes: object = {}): object => ({
  name: `DJI_${String(index).padStart(4, '0')}.JPG`,
  thumbnail: `thumbnails/DJI_${String(index).padStart(4, '0')}.JPG.webp`,
  registered: true,
  part: 0,
  gps: { latitude: 46.84 + index * 1e-4, longitude: -91.99 + (index % 3) * 1e-4, altitude: 120 },
  gpsResidualM: { east: 0.3, north: 0.4, up: 0 },
  reprojectionErrorPx: 0.61,
  whyNot: null,
  ...changes,
});

test('what became of a job: its report and its photos', async ({ page, site }) => {
  const photos = [
    ...Array.from({ length: 7 }, (_, index) => photo(index)),
    photo(7, { registered: false, part: null, gps: null, gpsResidualM: null, whyNot: 'too <blurred>' }),
  ];
  site.files.set('poster.avif', picture);
  site.files.set('coverage.png', picture);
  site.files.set('photos.json', { type: 'application/json', body: Buffer.from(JSON.stringify({ photos })) });
  const thumbnails = photos.map((_, index) => `thumbnails/DJI_000${String(index)}.JPG.webp`);
  for (const name of thumbnails) site.files.set(name, picture);
  for (const kind of ['photo', 'render']) site.files.set(`held-out/0001-${kind}.webp`, picture);
  const legend = ['#d7191c', '#fec980'].map((colour, index) => ({ photos: index + 1, colour }));
  site.files.set('scene.json', {
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ coverage: { legend } })),
  });
  const files = [...SUCCEEDED.result!.files, ...['coverage.png', 'scene.json'].map((name) => ({ name, bytes: 900 }))];
  putJob(site, 'tower1234', { name: 'Water tower', ...SUCCEEDED, result: { files }, endedAtMs: Date.now() });

  await page.goto(`${site.url}/jobs/tower1234`);
  await page.getByRole('link', { name: 'Report', exact: true }).click();
  await expect(page).toHaveTitle('Report: Water tower · Spaceport');
  await expect(page.getByRole('heading', { name: 'The scene is ready' })).toBeVisible();
  await expect(page.locator('.held-out li')).toHaveText([
    'Worst DJI_0003.JPGPhotoModelPSNR 24.9 dB · SSIM 0.83',
    'Median DJI_0011.JPGPSNR 27.4 dB · SSIM 0.87',
    'Best DJI_0019.JPGPSNR 29.6 dB · SSIM 0.91',
  ]);
  for (const name of ['The photo DJI_0003.JPG', 'The model, seen from where DJI_0003.JPG was taken'])
    await expect(page.getByRole('img', { name })).toHaveJSProperty('naturalWidth', 4);
  await expect(page.locator('.report')).toContainText('Times smaller16.5');
  await expect(page.getByRole('row')).toHaveCount(4);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'report');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation')).toHaveCount(0);
  await page.setViewportSize({ width: 718, height: 1000 }); // A4 within its margins
  const cut = `[...document.querySelectorAll('main *')].filter((each) => each.scrollWidth > each.clientWidth + 1 &&
    getComputedStyle(each).overflowX !== 'visible').map(({ className }) => className)`;
  expect(await page.evaluate(cut)).toEqual([]);
  await print(page, 'report');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('link', { name: 'Photos', exact: true }).click();
  const shown = page.locator('.photo-grid li');
  await expect(shown).toHaveCount(8);
  await expect(shown.first()).toContainText('GPS, 0.5 m off · 0.61 px error');
  const map = page.getByRole('region', { name: /^Map of the photos/ });
  await expect(map).toBeVisible();
  await expect(page.locator('.map-legend')).toHaveText(['In the scene', 'Photos that see it, from 1 2']);
  await expect(page.getByRole('img', { name: /^Which places/ })).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'photos');
  // Its place is one step north of the middle: of 20 rem there are 40 pixels on each side, and six steps between.
  const { width, height } = (await map.boundingBox())!;
  const chosen = page.locator('.photo-grid [data-chosen=true]');
  await expect(async () => {
    await map.click({ position: { x: width / 2, y: height / 2 - (height - 80) / 6 } });
    await expect(chosen).toContainText('DJI_0004.JPG', { timeout: 500 });
  }).toPass();
  await page.getByRole('button', { name: 'Left out 1' }).click();
  await expect(shown).toHaveText(['DJI_0007.JPGNot in the scenetoo <blurred>']);
});

test('on a phone the photos lie on the tiles of the style that the server names, and a finger on the map scrolls the page', async ({
  browser,
}) => {
  const asked: string[] = [];
  const tiles = createServer(({ url = '' }, response) => {
    asked.push(url);
    const source = {
      type: 'raster',
      tiles: [`${origin}/{z}/{x}/{y}.png`],
      tileSize: 256,
      attribution: 'Map: the test',
    };
    const style = { version: 8, sources: { base: source }, layers: [{ id: 'base', type: 'raster', source: 'base' }] };
    const [type, body] = url === '/style' ? ['application/json', JSON.stringify(style)] : ['image/png', TILE];
    response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(body);
  });
  tiles.listen(0, '127.0.0.1');
  await once(tiles, 'listening');
  const origin = `http://127.0.0.1:${(tiles.address() as AddressInfo).port}`;
  const map = { styleUrl: `${origin}/style`, origins: [origin] };
  const site = await openSite({ config: { ...testConfig, map } });
  const photos = Array.from({ length: 30 }, (_, index) => photo(index, { thumbnail: null }));
  site.files.set('photos.json', { type: 'application/json', body: Buffer.from(JSON.stringify({ photos })) });
  putJob(site, 'tower1234', { name: 'Water tower', ...SUCCEEDED, endedAtMs: Date.now() });

  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await phone.newPage();
  const problems: string[] = [];
  await watch(page, problems);
  await page.goto(`${site.url}/jobs/tower1234/photos`);
  const shown = page.locator('.flight-map');
  await expect(shown).toContainText('Map: the test');
  await expect.poll(() => asked.filter((path) => /^\/\d+\/\d+\/\d+\.png$/.test(path)).length).toBeGreaterThan(0);
  await look(page, 'photos-on-tiles');
  const { x, y, width, height } = (await shown.boundingBox())!;
  await swipeUp(page, { x: x + width / 2, y: y + height / 2 }, 200);
  await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(50);
  expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  expect(problems).toEqual([]);
  await phone.close();
  site.close();
  tiles.closeAllConnections();
  tiles.close();
});

test('settings make and revoke keys and webhooks; usage tells what was spent', async ({ page, site }) => {
  putJob(site, 'tower1234', { name: 'Water tower', ...SUCCEEDED, endedAtMs: Date.now() });
  const shared = await fetch(`${site.url}/v1/jobs/tower1234/shares`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ scopes: ['view', 'measure'] }),
  });
  const { token } = (await shared.json()) as { readonly token: string };
  await page.goto(`${site.url}/settings`);
  await page.getByRole('radio', { name: 'Feet' }).check();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Feet' })).toBeChecked();
  await expect(page.getByText(/^There are no (keys|webhooks) yet/)).toHaveCount(2);
  await page.getByRole('button', { name: 'New key…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Field laptop');
  await page.keyboard.press('Enter');
  await expect(page.locator('code.secret')).toHaveText(/^spk_/);
  await page.getByRole('button', { name: 'Done' }).click();
  const keys = page.locator('.settings-list').first().locator('li');
  await expect(keys).toHaveText([/Field laptop.*See jobs and scenes, Start and change jobs · Last used: never/]);
  await page.getByRole('button', { name: 'New webhook…' }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill('https://hooks.example.com/spaceport');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('It is shown this once');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Done' }).click();
  const hooks = page.locator('.settings-list').nth(1).locator('li');
  await expect(hooks).toContainText(['https://hooks.example.com/spaceport']);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'settings');
  await hooks.getByRole('button', { name: 'Disable' }).click();
  await expect(hooks).toContainText(['disabled']);
  await hooks.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await expect(hooks).toHaveCount(1);
  await hooks.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(hooks).toHaveCount(0);
  await keys.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(keys).toContainText(['revoked']);

  const links = page.getByRole('list', { name: 'Shared links' }).locator('li');
  await expect(links).toHaveText([/tower1234See, Measure · made just now · without an end/]);
  await links.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(links).toContainText(['revoked']);
  expect((await fetch(`${site.url}/v1/shared/${token}`)).status).toBe(404);

  const spent = { preset: 'preview', jobs: 1, attempts: 1, billedSeconds: 5400, costUsd: 1.2 };
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const lines = [
    { ...spent, dayMs: Date.UTC(2020, 1, 28), stage: 'sfm', costUsd: 0.4, billedSeconds: 1800 },
    { ...spent, dayMs: Date.UTC(2020, 1, 29), stage: 'training' },
    { ...spent, dayMs: today, stage: 'training' },
  ];
  const within = ({ fromMs, toMs }: Period): UsageLine[] =>
    lines.filter(({ dayMs }) => dayMs >= fromMs && dayMs < toMs);
  const sum = (of: readonly UsageLine[], what: 'attempts' | 'billedSeconds' | 'costUsd'): number =>
    of.reduce((total, line) => total + line[what], 0);
  Object.assign(site.storage.usage, {
    lines: async (_tenant, period) => within(period),
    totals: async (_tenant, period) => {
      const found = within(period);
      const [attempts, billedSeconds] = [sum(found, 'attempts'), sum(found, 'billedSeconds')];
      return { jobs: found.length, attempts, billedSeconds, costUsd: sum(found, 'costUsd') };
    },
  } satisfies Partial<Usage>);
  await page.getByRole('link', { name: 'Usage' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Usage' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Download as CSV' })).toHaveAttribute(
    'href',
    /^\/v1\/usage\?from=.*format=csv$/,
  );
  await expect(page.locator('.facts')).toContainText('Machine hours');
  const sums = page.locator('.facts dd');
  await expect(sums).toHaveText(['$1.20', '1.50', '1', '1']);
  await page.getByLabel('To').fill('2020-02-29'); // before the first day, which becomes that day too
  await expect(page.getByLabel('From')).toHaveValue('2020-02-29');
  await expect(sums).toHaveText(['$1.20', '1.50', '1', '1']);
  await page.getByLabel('From').fill('2020-02-01');
  await expect(sums).toHaveText(['$1.60', '2.00', '2', '2']);
  await expect(page.getByRole('table').nth(1).locator('tbody tr')).toHaveCount(2);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'usage');
  const [table] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download as CSV' }).click(),
  ]);
  expect(table.suggestedFilename()).toBe('spaceport-usage-2020-02-01-2020-02-29.csv');
  expect(readFileSync(await table.path(), 'utf8')).toContain('2020-02-29,preview,training,1,1,1.5,1.2');
  await page.getByLabel('From').fill('2020-03-05');
  await expect(page.getByLabel('To')).toHaveValue('2020-03-05');
  await expect(page.getByText('No machine ended in these days.')).toBeVisible();
});

/** Bytes of the scripts that the document itself loads, with what they import before anything is shown, compressed. */
function firstScriptBytes(): number {
  const folder = path.join(WEB_FOLDER, 'app');
  const first = [...readFileSync(path.join(WEB_FOLDER, 'index.html'), 'utf8').matchAll(/\/app\/([\w.-]+\.js)/g)];
  const names = new Set(first.map(([, name = '']) => name));
  for (const name of names)
    for (const [, imported = ''] of readFileSync(path.join(folder, name), 'utf8').matchAll(
      /\bfrom"\.\/([\w.-]+\.js)"/g,
    ))
      names.add(imported);
  return [...names].reduce((sum, name) => sum + gzipSync(readFileSync(path.join(folder, name))).length, 0);
}

test('the first script is 120 kB at most, compressed', () => {
  expect(readdirSync(path.join(WEB_FOLDER, 'app')).length).toBeGreaterThan(10);
  expect(firstScriptBytes()).toBeGreaterThan(50_000);
  expect(firstScriptBytes()).toBeLessThan(120_000);
});
