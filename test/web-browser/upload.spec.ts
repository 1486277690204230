/** From photos to a started job, against the real server and the local S3. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { partBytes } from '../../contracts/storage/upload-rules';
import { accessibilityProblems, expect, test as base } from './fixtures';
import { look } from './pictures';
import { dronePhoto, openUploadSite, writeFlight, writeZip, type UploadSite } from './upload-site';

const PHOTOS = 24;

/** Whole ways through a page, on machines that do other things beside. */
base.describe.configure({ timeout: 120_000 });

const test = base.extend<{ readonly uploads: UploadSite; readonly flight: string }>({
  uploads: async ({ page }, use) => {
    const site = await openUploadSite();
    await use(site);
    await page.goto('about:blank'); // a server that goes while a page listens is a problem of the page
    await site.close();
  },
  flight: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-flight-'));
    const flight = path.join(folder, 'Quarry');
    await writeFlight(flight, PHOTOS);
    await use(flight);
    await rm(folder, { recursive: true, force: true });
  },
});

/** Drops a folder of this machine as a person does, with the browser's own events. */
async function drop(page: Page, folder: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { x, y, width, height } = (await page.getByRole('region', { name: 'Photos' }).boundingBox())!;
  const at = { x: x + width / 2, y: y + height / 2, data: { items: [], files: [folder], dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, ...at });
}

const pickFolder = (page: Page, folder: string): Promise<void> =>
  page.locator('input[data-picks=folder]').setInputFiles(folder);

const finding = (page: Page, code: string) => page.locator(`.finding[data-code=${code}]`);

test('that the budget of the month is used up is said before anything is sent', async ({
  page,
  uploads: { url, storage },
}) => {
  await storage.tenants.create({
    id: 'local',
    name: 'Operators',
    limits: {},
    monthlyBudgetUsd: 10,
    alertEmail: null,
    createdAtMs: 0,
    closedAtMs: null,
  });
  storage.usage.spentUsd = async () => 12;
  await page.goto(`${url}/new`);
  await expect(page.getByRole('alert')).toContainText('Nothing can be started: the budget of');
  await expect(page.getByRole('button', { name: 'Upload and start' })).toBeDisabled();
});

test('dropped photos are checked first, and a double click sends them once and starts one job', async ({
  page,
  uploads: { url, puts, runs, bucket },
  flight,
}) => {
  await page.goto(`${url}/new`);
  expect(await accessibilityProblems(page)).toEqual([]);
  await drop(page, flight);

  const report = page.getByRole('region', { name: 'What was found' });
  await expect(report.getByText(`${PHOTOS} of ${PHOTOS}`)).toBeVisible();
  await expect(report.getByText('FC3582')).toBeVisible();
  await expect(report.getByRole('img', { name: /Map of the flight: 24 photos/ })).toBeVisible();
  for (const code of ['lowResolution', 'copies', 'otherKinds', 'junk']) await expect(finding(page, code)).toBeVisible();
  await expect(page.locator('.finding')).toHaveCount(4);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Quarry');
  const estimate = page.getByRole('region', { name: 'Estimate' });
  const presets = page.locator('.preset');
  await expect(presets).toHaveText(Array(await presets.count()).fill(/(min|hr) · (up to )?\$/));
  await expect(page.locator('.preset[data-chosen=true]')).toContainText('suggested');
  await look(page, 'new');
  const standard = await estimate.locator('.big-figures').textContent();
  await page.getByRole('radio', { name: /^Preview/ }).check();
  await expect(estimate.locator('.big-figures')).not.toHaveText(standard!);
  expect(puts).toEqual([]);

  const start = page.getByRole('button', { name: 'Upload and start' });
  await start.click();
  await expect(page.getByText('Mail address must look like pilot@example.com')).toBeVisible();
  await expect(page.getByLabel('Mail address')).toBeFocused();
  await page.keyboard.type('pilot@example.com');
  await page.getByText('More settings').click();
  await page.getByLabel('Most Gaussians', { exact: true }).fill('1.5');
  await expect(page.getByText(/Most Gaussians must be a whole number from/)).toBeVisible();
  await page.getByLabel('Most Gaussians', { exact: true }).fill('200000');
  expect(await accessibilityProblems(page)).toEqual([]);
  await start.dblclick();

  await page.waitForURL(/\/jobs\/[a-z0-9]+$/);
  expect(
    runs.started.map(({ request: { name, preset, email, options } }) => ({ name, preset, email, options })),
  ).toEqual([{ name: 'Quarry', preset: 'preview', email: 'pilot@example.com', options: { maxGaussians: 200_000 } }]);
  expect(puts).toHaveLength(PHOTOS);
  const { key } = runs.started[0]!.request.location;
  expect(await bucket.keysBelow(key)).toHaveLength(PHOTOS);
  expect(await page.evaluate("localStorage.getItem('spaceport.upload')")).toBeNull();
});

test('an upload goes on after the network was away, and after the page was loaded again with what is missing', async ({
  page,
  context,
  uploads: { url, puts, runs, letThrough },
  flight,
  problems,
}) => {
  const begin = async (button: string): Promise<void> => {
    await pickFolder(page, flight);
    await page.getByRole('button', { name: button }).click();
  };
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(`${url}/new`);
  await page.getByLabel('Mail address').fill('pilot@example.com');
  letThrough(5);
  await begin('Upload and start');
  await expect.poll(() => puts.length).toBe(5);
  await expect(page.getByText(/of 24 files/)).toContainText('5 of');

  await context.setOffline(true);
  await expect(page.getByText('No connection. It goes on by itself')).toBeVisible();
  letThrough(9);
  await context.setOffline(false);
  await expect.poll(() => puts.length).toBeGreaterThanOrEqual(14);
  await expect(page.getByText('No connection. It goes on by itself')).toBeHidden();

  await page.reload();
  const before = new Set(puts).size;
  await expect(page.getByRole('heading', { name: 'The upload “Quarry” is not finished' })).toBeVisible();
  await expect(page.getByText(`${before} of 24 files have arrived.`)).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  letThrough(Infinity);
  await expect(page.getByLabel('Mail address')).toHaveValue('pilot@example.com');
  const arrived = [...puts];
  await begin('Go on');
  await page.waitForURL(/\/jobs\/[a-z0-9]+$/);
  const sent = puts.slice(arrived.length);
  expect(sent.filter((name) => arrived.includes(name))).toEqual([]);
  expect(new Set(puts).size).toBe(PHOTOS);
  expect(runs.started).toHaveLength(1);
  problems.length = 0; // the browser tells of requests that were cut
});

test('a large photo goes in parts over a slow network, those that arrived are not sent again, and keys alone do it all', async ({
  page,
  uploads: { url, puts, runs, letThrough },
  flight,
  problems,
}) => {
  await writeFile(
    path.join(flight, 'PANORAMA.JPG'),
    Buffer.concat([dronePhoto(1), Buffer.alloc(3.5 * partBytes(1), 7)]),
  );
  const network = await page.context().newCDPSession(page);
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 20,
    downloadThroughput: -1,
    uploadThroughput: 24 * 2 ** 20,
  });
  page.on('dialog', (dialog) => void dialog.accept());
  const tabTo = async (what: Locator): Promise<void> => {
    while ((await what.and(page.locator(':focus')).count()) === 0) await page.keyboard.press('Tab');
  };
  const choose = async (): Promise<void> => {
    const choosing = page.waitForEvent('filechooser');
    await tabTo(page.getByRole('button', { name: 'Choose a folder' }));
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(flight);
  };
  letThrough(Infinity, 2);
  await page.goto(`${url}/new`);
  await choose();
  await expect(page.getByText('What was found')).toBeVisible();
  await tabTo(page.getByLabel('Mail address'));
  await page.keyboard.type('pilot@example.com');
  await tabTo(page.getByRole('button', { name: 'Upload and start' }));
  await page.keyboard.press('Enter');
  await expect.poll(() => puts).toHaveLength(PHOTOS + 2);
  const arrived = [...puts];
  expect(arrived).toEqual(expect.arrayContaining(['Quarry/PANORAMA.JPG#1', 'Quarry/PANORAMA.JPG#2']));

  await page.reload();
  await expect(page.getByRole('heading', { name: /^The upload .* is not finished$/ })).toBeVisible();
  letThrough(Infinity);
  await choose();
  await tabTo(page.getByRole('button', { name: 'Go on' }));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\/[a-z0-9]+$/);
  expect(puts.slice(arrived.length)).toEqual(['Quarry/PANORAMA.JPG#3', 'Quarry/PANORAMA.JPG#4']);
  expect(runs.started).toHaveLength(1);
  problems.length = 0; // the browser tells of requests that were cut
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, serviceWorkers: 'allow' });

  test('a ZIP chosen by keyboard is looked into, shared photos come in and are sent while the screen stays on, and the page opens without a network', async ({
    page,
    context,
    uploads: { url, puts, letThrough },
    flight,
    problems,
  }) => {
    const zip = `${flight}.zip`;
    await writeZip(zip, 24, false);
    // A browser without a screen gives no lock.
    await page.addInitScript(`if ('WakeLock' in globalThis) {
      globalThis.locks = [];
      WakeLock.prototype.request = async () => {
        const lock = { released: false, release: async () => (lock.released = true) };
        locks.push(lock);
        return lock;
      };
    }`);
    await page.goto(`${url}/new`);
    await page.evaluate('navigator.serviceWorker.ready.then(() => null)');
    const choosing = page.waitForEvent('filechooser');
    const folder = page.getByRole('button', { name: 'Choose a folder' });
    await page.getByRole('link', { name: 'Skip to the page' }).focus();
    await page.keyboard.press('Enter');
    while ((await folder.and(page.locator(':focus')).count()) === 0) await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(zip);
    await expect(finding(page, 'noGps')).toContainText('No photo says where it was taken');
    await expect(page.getByRole('region', { name: 'What was found' }).getByText('0 of 24')).toBeVisible();
    const isWide = (): Promise<boolean> => page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect([await isWide(), await accessibilityProblems(page)]).toEqual([false, []]);

    await page.evaluate(`
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'multipart/form-data', action: '/new', id: 'share' });
      form.innerHTML = '<input type="file" name="photos" multiple>';
      document.body.append(form);
    `);
    const photos = Array.from({ length: 6 }, (_, index) => ({
      name: `IMG_${index}.jpg`,
      mimeType: 'image/jpeg',
      buffer: dronePhoto(index),
    }));
    await page.locator('#share input').setInputFiles(photos);
    await page.evaluate("document.querySelector('#share').submit()");
    await expect(page.getByRole('region', { name: 'What was found' }).getByText('6 of 6')).toBeVisible();
    expect(page.url()).toBe(`${url}/new`);

    expect(puts).toEqual([]);
    letThrough(3);
    await page.getByLabel('Mail address').fill('pilot@example.com');
    await page.getByRole('button', { name: 'Upload and start' }).click();
    await expect(page.getByText('The screen stays on meanwhile.')).toBeVisible();
    const locks = (): Promise<boolean[]> => page.evaluate('locks.map(({ released }) => released)');
    expect(await locks()).toEqual([false]);
    letThrough(Infinity);
    await page.waitForURL(/\/jobs\/[a-z0-9]+$/);
    await expect.poll(locks).toEqual([true]);

    await context.setOffline(true);
    await page.goto(`${url}/new`);
    await expect(page.getByRole('heading', { name: 'New scene' })).toBeVisible();
    await context.setOffline(false);
    problems.length = 0; // the browser tells of requests that had no network
  });
});
