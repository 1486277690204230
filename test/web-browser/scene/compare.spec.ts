import { isDrawn } from '../../helpers/scene-page';
import { accessibilityProblems, expect, watch } from '../fixtures';
import { look } from '../pictures';
import { colours, places, putScene, SCENE, test, TIMEOUT_MS } from './site';

test.describe.configure({ timeout: TIMEOUT_MS });

test('two scenes are compared in one picture, from one place, left and right of a divider', async ({
  page,
  site,
  scene,
}) => {
  putScene(site, scene.whole, 'before1234', 'Before');
  putScene(site, scene.whole, 'after12345', 'After');
  site.files.set('after12345/scene.sog', { type: 'application/octet-stream', body: scene.other });
  await page.goto(`${site.url}/jobs/before1234/scene`);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'After' }).click();
  await page.waitForURL('**/compare/before1234/after12345');
  await isDrawn(page);
  const roof = async (): Promise<string[]> =>
    colours(
      page,
      await places(page, [
        [-1.2, -3, -0.6],
        [1.2, -3, -0.6],
      ]),
    );
  await expect.poll(roof).toEqual(['red', 'blue']);
  await expect(page.getByRole('columnheader')).toHaveText(['Before', 'After']);
  const [line, picture] = [
    (await page.locator('.compare-line').boundingBox())!,
    (await page.locator('.scene-view').boundingBox())!,
  ];
  expect(Math.abs(line.x - picture.x - picture.width / 2)).toBeLessThan(3);
  expect(line.height).toBe(picture.height);
  await page.getByRole('slider', { name: 'Divider' }).fill('1');
  await expect.poll(roof).toEqual(['red', 'red']);
  await page.getByRole('button', { name: 'Flip' }).click();
  await expect.poll(roof).toEqual(['blue', 'blue']);

  // The camera of both moves: after half a turn each side shows the other end of its roof.
  await page.getByRole('slider', { name: 'Divider' }).fill('0.5');
  await page.mouse.move(picture.x + 20, picture.y + 60);
  await page.mouse.down();
  await page.mouse.move(picture.x + 20 + Math.PI / 0.006, picture.y + 60, { steps: 3 });
  await page.mouse.up();
  await expect.poll(roof).toEqual(['red', 'blue']);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(roof).toEqual(['red', 'blue']);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'compare');

  // The same place seen from an origin that lies 3 m farther east: its box stands that much farther west.
  const origin = { ...SCENE.origin, longitude: SCENE.origin.longitude + 3 / 76_771 };
  putScene(site, scene.whole, 'moved12345', 'Moved', { ...SCENE, origin });
  await page.goto(`${site.url}/compare/moved12345/after12345`);
  await isDrawn(page);
  await page.getByRole('slider', { name: 'Divider' }).fill('0');
  await expect.poll(async () => colours(page, await places(page, [[-3.2, -3, -0.6]]))).toEqual(['blue']);

  // Of another place altogether: it is drawn over the first, and the page says that they do not match.
  const elsewhere = { ...SCENE.origin, longitude: SCENE.origin.longitude + 1 };
  putScene(site, scene.whole, 'other12345', 'Elsewhere', { ...SCENE, origin: elsewhere });
  await page.goto(`${site.url}/compare/other12345/after12345`);
  await isDrawn(page);
  await expect(page.getByText('show places 77 km apart')).toBeVisible();
  await page.getByRole('slider', { name: 'Divider' }).fill('0');
  await expect.poll(roof).toEqual(['blue', 'blue']);
});

test('the page of another site shows the scene of a link in a frame', async ({ page, site, scene, browser }) => {
  putScene(site, scene.whole);
  const made = await page.request.post(`${site.url}/v1/jobs/job123456/shares`, { data: { scopes: ['measure'] } });
  const { token } = (await made.json()) as { token: string };
  const host = `<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,"><main aria-label="Our site"><h1>Our site</h1>
    <iframe title="Scene" width="640" height="400" src="${site.url}/embed/${token}"></iframe></main></html>`;
  site.files.set('host.html', { type: 'text/html', body: Buffer.from(host) });
  const stranger = await browser.newContext();
  const page2 = await stranger.newPage();
  const problems: string[] = [];
  await watch(page2, problems);
  await page2.goto(`${site.storageUrl}/host.html`);
  const frame = page2.frameLocator('iframe');
  await frame.locator('.scene-view[data-phase="ready"]').waitFor();
  await expect(frame.getByRole('button', { name: 'Show all' })).toBeVisible();
  await expect(frame.getByRole('button', { name: 'Distance' })).toHaveCount(0);
  await expect(frame.getByText('Photos: © Village Drones')).toBeInViewport();
  expect(await accessibilityProblems(page2)).toEqual([]);
  expect(problems).toEqual([]);
  await stranger.close();
});
