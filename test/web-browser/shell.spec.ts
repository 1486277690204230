import { accessibilityProblems, expect, test } from './fixtures';

test('pages are opened without loading the document again, by keyboard too', async ({ page, site }) => {
  await page.goto(`${site.url}/new`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await expect(page.locator('.offline')).toHaveAttribute('data-connection', 'open');
  expect(site.asked.filter((path) => path.startsWith('/v1/events'))).toEqual(['/v1/events']);
});
