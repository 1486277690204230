import { isDrawn } from '../../helpers/scene-page';
import { expect, watch } from '../fixtures';
import { colours, places, putScene, test, TIMEOUT_MS } from './site';

test.describe.configure({ timeout: TIMEOUT_MS });

test('a streamed scene is drawn from its chunks, on the page of its job and through a link on a phone', async ({
  page,
  site,
  scene,
  browser,
}) => {
  putScene(site, new Map([...scene.whole, ...scene.streamed]));
  const roof = async (shown: typeof page): Promise<string[]> => colours(shown, await places(shown, [[0, -3, 0]]));
  await page.goto(`${site.url}/jobs/job123456/scene`);
  await isDrawn(page);
  expect(await roof(page)).toEqual(['red']);
  expect(site.asked).toContain('/v1/jobs/job123456/scene/lod-meta.json');
  // The coarsest level first, and then what is finer.
  const levels = (): string[] =>
    site.asked.flatMap((path) => /^\/v1\/jobs\/job123456\/scene\/(\d)_\d+\/meta\.json$/.exec(path)?.[1] ?? []);
  expect(levels()[0]).toBe('1');
  await expect.poll(levels).toContain('0');
  expect(site.asked.filter((path) => path.endsWith('scene.sog'))).toEqual([]);

  const made = await page.request.post(`${site.url}/v1/jobs/job123456/shares`, { data: { scopes: ['measure'] } });
  const { url, token } = (await made.json()) as { url: string; token: string };
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const shared = await phone.newPage();
  const problems: string[] = [];
  await watch(shared, problems);
  await shared.goto(url);
  await isDrawn(shared);
  expect(await roof(shared)).toEqual(['red']);
  await expect(shared.getByRole('button', { name: 'Distance' })).toBeVisible();
  await expect(shared.getByRole('button', { name: 'Set scale' })).toHaveCount(0); // not theirs to set
  expect(site.asked.some((path) => path.startsWith(`/v1/shared/${token}/scene/`) && path.endsWith('.webp'))).toBe(true);
  expect(problems).toEqual([]);
  await phone.close();
});

const MISSING = /^The scene cannot be loaded: the storage does not answer/;
const DAMAGED = /^The scene cannot be shown: its file is damaged/;
const half = (file: Buffer): Buffer => file.subarray(0, file.length / 2);

test('says in words why a scene does not appear, in place of a bar', async ({ page, site, scene, problems }) => {
  const all = new Map([...scene.whole, ...scene.streamed]);
  const index = 'scene/lod-meta.json';
  const chunk = [...scene.streamed.keys()].find((name) => name.endsWith('means_l.webp')) ?? '';
  const cases: readonly (readonly [string, ReadonlyMap<string, Buffer>, string, 'gone' | 'cut', RegExp])[] = [
    ['whole1234', scene.whole, 'scene.sog', 'gone', MISSING],
    ['whole2345', scene.whole, 'scene.sog', 'cut', DAMAGED],
    ['parts1234', all, index, 'gone', MISSING],
    ['parts2345', all, chunk, 'cut', MISSING],
  ];
  for (const [jobId, files, name, how, words] of cases) {
    putScene(site, files, jobId);
    const { type, body } = site.files.get(name)!;
    if (how === 'gone') site.files.delete(name);
    else site.files.set(name, { type, body: half(body) });
    await page.goto(`${site.url}/jobs/${jobId}/scene`);
    await expect(page.getByRole('alert')).toHaveText(words);
    await expect(page.getByText(/^Loading the scene/)).toHaveCount(0);
  }
  expect(problems.length).toBeGreaterThan(0);
  problems.length = 0;
});
