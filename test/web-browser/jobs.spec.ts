import { accessibilityProblems, expect, test } from './fixtures';
import { heartbeat, PARKED, putJob, SUCCEEDED } from './jobs';
import { look } from './pictures';
import { request } from '../server/helpers';

const POSTER = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><path fill="#6a8" d="M0 0h4v3H0z"/></svg>',
);

test('an empty list invites to the first upload', async ({ page, site }) => {
  await page.goto(site.url);
  await expect(page.getByRole('heading', { name: 'Turn photos into a 3D scene' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Choose photos' })).toHaveAttribute('href', '/new');
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'empty');
});

test('the list shows jobs live, finds them, and is used by keyboard alone', async ({ page, site, problems }) => {
  site.files.set('poster.avif', { type: 'image/svg+xml', body: POSTER });
  putJob(site, 'tower1234', { name: 'Water tower', ageMinutes: 90, ...SUCCEEDED, endedAtMs: Date.now() - 50 * 60_000 });
  putJob(site, 'barn12345', { name: 'Barn <b> 7', ageMinutes: 200, ...PARKED });
  putJob(site, 'quarry123', { name: 'Quarry, north face', state: 'running', step: 'intake' });
  putJob(site, 'other1234', { request: { ...request, name: 'Not yours', tenant: 'acme' } });
  await page.goto(site.url);
  const rows = page.locator('.job-list li');
  await expect(rows).toHaveCount(3);
  const quarry = rows.filter({ hasText: 'Quarry' });
  await expect(quarry).toContainText('Checking the photos');
  await expect(rows.filter({ hasText: 'Barn <b> 7' })).toContainText('Failed, can be retried');
  await expect(rows.filter({ hasText: 'Water tower' }).getByRole('img')).toBeVisible();

  // What happens comes by the stream of events alone: nothing is loaded again.
  const loads = site.asked.filter((path) => path === '/').length;
  putJob(
    site,
    'quarry123',
    { name: 'Quarry, north face', state: 'running', step: 'training' },
    {
      heartbeats: [
        heartbeat('quarry123', 'training', { phase: 'train', done: 2100, total: 7000, metrics: { psnr: 21.4 } }),
      ],
    },
  );
  await expect(quarry).toContainText('Training the 3D model, 26%');
  await expect(quarry).toContainText('Running');
  putJob(site, 'new123456', { name: 'Brand new', state: 'queued', ageMinutes: 0 });
  await expect(rows.filter({ hasText: 'Brand new' })).toContainText('Queued');
  const name = 'Water tower';
  const tower = rows.filter({ hasText: name });
  putJob(site, 'tower1234', { name, ageMinutes: 90, ...SUCCEEDED, state: 'running', step: 'compression' });
  await expect(tower).toContainText('Running');
  await expect(tower.getByRole('img')).toBeVisible(); // of the scene whose other files are made
  putJob(site, 'tower1234', { name, ageMinutes: 90, ...SUCCEEDED, restedMs: 60_000, endedAtMs: Date.now() });
  await expect(tower).toContainText('Done1 hr 29 min');
  expect(site.asked.filter((path) => path === '/').length).toBe(loads);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'jobs');

  await page.getByRole('button', { name: 'Done' }).click();
  await expect(rows).toHaveText([/Water tower/]);
  await page.getByRole('button', { name: 'All' }).click();
  await page.getByRole('searchbox').fill('barn');
  await expect(rows).toHaveText([/Barn/]);
  expect(new URL(page.url()).searchParams.get('text')).toBe('barn');
  await page.getByRole('searchbox').press('Tab');
  await expect(page.getByRole('link', { name: 'Barn <b> 7' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Barn <b> 7');
  await page.goBack();
  await expect(rows).toHaveText([/Barn/]);

  // The server goes and comes back: the page says so, then shows what has happened meanwhile.
  const search = page.getByRole('searchbox');
  await search.fill('');
  await expect(rows).toHaveCount(4);
  site.cutStreams();
  await expect(page.locator('.offline')).toHaveText(/Not connected/);
  putJob(site, 'quarry123', { name: 'Quarry, north face', state: 'cancelled', endedAtMs: Date.now() });
  await expect(page.locator('.offline')).toHaveText('', { timeout: 15_000 });
  await expect(quarry).toContainText('Cancelled');
  problems.splice(0, problems.length, ...problems.filter((text) => !/INCOMPLETE|ERR_CONNECTION|ERR_EMPTY/.test(text)));
});
