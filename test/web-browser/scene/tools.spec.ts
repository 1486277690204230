import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { isDrawn } from '../../helpers/scene-page';
import { jobRecord } from '../../server/helpers';
import { fingersOn, swipeUp } from '../fingers';
import { accessibilityProblems, expect } from '../fixtures';
import { look } from '../pictures';
import { places, putScene, test, TIMEOUT_MS } from './site';

test.describe.configure({ timeout: TIMEOUT_MS });

const LEFT = [-1.9, -3, -0.9] as const;
const RIGHT = [1.9, -3, -0.9] as const;
const ROOF = [
  [-1.5, -3, -0.8],
  [1.5, -3, -0.8],
  [1.5, -3, 0.6],
  [-1.5, -3, 0.6],
] as const;

const photo = (name: string, position: readonly number[], rotation: readonly number[]): object => ({
  name: `flight/${name}.JPG`,
  thumbnail: null,
  camera: 1,
  part: 0,
  pose: { position, rotation },
  gpsResidualM: null,
});
/** One from straight above, north up; one from the north, where walls hide the front of the roof; one that looks away. */
const PHOTOS = {
  cameras: [{ id: 1, model: 'PINHOLE', width: 400, height: 300, params: [200, 200, 200, 150] }],
  photos: [
    photo('ABOVE', [0, -13, 0], [Math.SQRT1_2, Math.SQRT1_2, 0, 0]),
    photo('BEHIND', [0, -1, 9], [0, 0, 1, 0]),
    photo('AWAY', [0, -9, -9], [0, 0, 1, 0]),
  ],
};

/** What a button saves, and under which name. */
async function saved(page: Page, button: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('points are dragged, steps undone, views kept with notes, the scale set, and all of it saved as files', async ({
  page,
  site,
  scene,
}) => {
  putScene(site, new Map([...scene.whole, ['photos.json', Buffer.from(JSON.stringify(PHOTOS))]]));
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  const [left, right, middle, ground] = (await places(page, [LEFT, RIGHT, [0, -3, -0.9], [4, 0, -2]])) as [
    [number, number],
    [number, number],
    [number, number],
    [number, number],
  ];
  const amount = async (index = 0): Promise<number> =>
    Number.parseFloat((await page.locator('.marks .mark strong').nth(index).textContent()) ?? '');

  await page.getByRole('button', { name: 'Distance' }).click();
  await page.mouse.click(...left);
  await page.mouse.click(...right);
  await expect.poll(() => amount()).toBeGreaterThan(3.7);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.mouse.move(...right);
  await page.mouse.down();
  await page.mouse.move(...middle, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => amount()).toBeCloseTo(1.9, 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => amount()).toBeCloseTo(3.8, 1);
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect.poll(() => amount()).toBeCloseTo(1.9, 1);
  await page.getByRole('button', { name: 'Undo' }).click();

  // The photo of its place, seen from where it was taken: west is left, as in the photo.
  await page.getByRole('button', { name: 'Photos of this place' }).click();
  await expect(page.getByRole('heading', { name: 'One photo shows this place' })).toBeVisible();
  await page.getByRole('button', { name: 'ABOVE.JPG' }).click();
  const ends = page.locator('.scene-point');
  const across = async (): Promise<number> =>
    (await ends.nth(1).boundingBox())!.x - (await ends.nth(0).boundingBox())!.x;
  const { width } = (await page.locator('.scene-view').boundingBox())!;
  await expect.poll(async () => (await across()) / ((3.8 / 20) * width)).toBeCloseTo(1, 1);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(async () => Math.abs((await ends.nth(0).boundingBox())!.x + 7.2 - left[0])).toBeLessThan(2);

  await page.getByRole('button', { name: 'Note' }).click();
  await page.mouse.click(...ground);
  await page.getByLabel('Description').fill('A puddle <b>here</b>, which the rain of the last night has left there');
  const note = page.locator('.scene-label', { hasText: 'A puddle <b>here</b>' });
  // Who presses a button with words just typed saves them by that, and presses the button still.
  const kept = Promise.withResolvers<null>();
  await page.route('**/annotations/*', (route) => kept.promise.then(() => route.continue()));
  const table = (await page.getByRole('button', { name: 'CSV' }).boundingBox())!;
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    (async () => {
      await page.mouse.move(table.x + 5, table.y + 5);
      await page.mouse.down();
      await page.getByText('Saving…').waitFor();
      await page.mouse.up();
    })(),
  ]);
  expect(await readFile(await csv.path(), 'utf8')).toContain('A puddle <b>here</b>');
  kept.resolve(null);
  await page.getByRole('application').focus();
  await expect(note).toBeVisible();
  const before = (await note.boundingBox())!;
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowRight');
  await expect.poll(async () => (await note.boundingBox())?.x).not.toBe(before.x);
  await page.getByRole('button', { name: 'Look at it' }).click();
  // The camera may still have come to rest when the note's view was kept.
  await expect.poll(async () => Math.abs(((await note.boundingBox())?.x ?? 0) - before.x)).toBeLessThan(5);

  // The box is 3 m high; a part of its roof measures 3 x 1.4 m.
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Height', exact: true }).click();
  await page.mouse.click(...ground);
  await page.mouse.click(...middle);
  await expect.poll(() => amount(2)).toBeCloseTo(3, 1);
  await page.getByRole('button', { name: 'Area', exact: true }).click();
  for (const corner of await places(page, ROOF)) await page.mouse.click(...corner);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect.poll(() => amount(3)).toBeCloseTo(4.2, 1);

  // What is known to be 7.6 m long measures 3.8: all lengths double.
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Set scale' }).click();
  await page.mouse.click(...left);
  await page.mouse.click(...right);
  await page.getByLabel('Metres', { exact: true }).fill('7.6');
  await page.getByRole('button', { name: 'Set the scale' }).click();
  await expect.poll(() => amount()).toBeCloseTo(7.6, 1);
  await expect(page.getByText('From a distance that somebody knows')).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'scene');

  const { name, text } = await saved(page, 'GeoJSON');
  expect(name).toBe('The-box-measurements.geojson');
  const { features } = JSON.parse(text) as { features: { geometry: { coordinates: unknown[] } }[] };
  expect(features.length).toBeGreaterThanOrEqual(2);
  expect(JSON.stringify(features)).toContain('7.2'); // degrees east
  expect((await saved(page, 'CSV')).text.split('\n').filter((line) => line !== '').length).toBeGreaterThanOrEqual(3);
  expect((await saved(page, 'DXF')).text.trim()).toMatch(/^0\r?\nSECTION[^]*EOF$/);

  // As when somebody chooses feet in another tab.
  await page.evaluate("localStorage.setItem('spaceport.units', 'imperial'), dispatchEvent(new Event('storage'))");
  await expect.poll(() => amount()).toBeCloseTo(7.6 / 0.3048, 0);
  await expect(page.locator('.scene-label', { hasText: / ft$/ }).first()).toBeVisible();
  expect((await saved(page, 'CSV')).text).toMatch(/,2[45]\.\d+,[\d.e-]+,ft,known distance,/);
});

test('a finger that rests aims with a magnifier, one turns, two come nearer, and below the scene the page scrolls', async ({
  site,
  scene,
  browser,
}) => {
  putScene(site, scene.whole);
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await phone.newPage();
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  await page.getByRole('button', { name: 'Point', exact: true }).click();
  const [[x, y], [toX, toY]] = (await places(page, [
    [0.5, -3, 0],
    [0, -3, 0],
  ])) as [[number, number], [number, number]];
  const touch = await fingersOn(page);
  await touch('touchStart', { x, y });
  const loupe = page.locator('.scene-loupe');
  await expect(loupe).toBeVisible();
  await touch('touchMove', { x: toX, y: toY });
  // The roof fills it: red, and nothing clear.
  await expect
    .poll(() =>
      loupe.evaluate<number[], { getContext(kind: '2d'): { getImageData(...at: number[]): { data: Uint8Array } } }>(
        (canvas) => [...canvas.getContext('2d').getImageData(120, 120, 1, 1).data],
      ),
    )
    .toEqual([expect.any(Number), expect.any(Number), expect.any(Number), 255]);
  await touch('touchEnd');
  await expect(loupe).toBeHidden();
  await expect(page.locator('.marks .mark')).toHaveCount(1);

  // Two fingers that part about a place take what is beside it twice as far away, and carry it along.
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const point = page.locator('.scene-point');
  const at = async (): Promise<{ x: number; y: number }> => {
    const box = (await point.boundingBox())!;
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const begun = await at();
  const middle = { x: begun.x + 60, y: begun.y + 80 };
  const apart = (half: number, down = 0): { x: number; y: number; id: number }[] =>
    [-1, 1].map((side, id) => ({ x: middle.x + side * half, y: middle.y + down, id }));
  await touch('touchStart', ...apart(40));
  await touch('touchMove', ...apart(80));
  const away = async (): Promise<number> => Math.hypot(middle.x - (await at()).x, middle.y - (await at()).y) / 100;
  await expect.poll(away).toBeCloseTo(2, 0);
  const pinched = await at();
  await touch('touchMove', ...apart(80, 50));
  await expect.poll(async () => ((await at()).y - pinched.y) / 50).toBeCloseTo(1, 0);
  await touch('touchEnd');
  const [turned, scrolled] = [await at(), (): Promise<number> => page.evaluate('scrollY')];
  await swipeUp(page, middle, 100);
  await expect.poll(async () => Math.abs((await at()).y - turned.y)).toBeGreaterThan(10);
  expect([await scrolled(), await page.evaluate('visualViewport.scale')]).toEqual([0, 1]);
  await swipeUp(page, { x: 195, y: 800 }, 200);
  await expect.poll(scrolled).toBeGreaterThan(50);
  await phone.close();
});

test("another tenant's job has no scene here", async ({ page, site, scene, problems }) => {
  putScene(site, scene.whole);
  const record = jobRecord({ jobId: 'foreign123', state: 'succeeded' });
  site.job({ ...record, request: { ...record.request, tenant: 'acme' } }, null);
  const answer = await page.request.get(`${site.url}/v1/jobs/foreign123`);
  expect(answer.status()).toBe(404);
  await page.goto(`${site.url}/jobs/foreign123/scene`);
  await expect(page.getByRole('heading', { name: 'This scene cannot be opened.' })).toBeVisible();
  await expect(page.locator('.scene-view')).toHaveCount(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(problems.every((said) => said.includes('404'))).toBe(true);
  problems.length = 0;
});
