import { newSecret } from '../../server/access/secrets';
import { testConfig } from '../server/helpers';

import { accessibilityProblems, expect, openSite, test } from './fixtures';
import { putJob } from './jobs';
import { look } from './pictures';

const OPERATOR = newSecret('spk');

// A server that others reach: who comes without a key is nobody.
test.use({
  site: async ({}, use) => {
    const site = await openSite({
      config: {
        ...testConfig,
        http: { ...testConfig.http, host: '0.0.0.0' },
        access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
      },
    });
    await use(site);
    site.close();
  },
});

test('a key is exchanged for a session, which leads on to the page that was asked for', async ({
  page,
  site,
  problems,
}) => {
  const key = OPERATOR.secret;
  putJob(site, 'tower1234', { name: 'Water tower', state: 'running' });
  await page.goto(`${site.url}/jobs/tower1234?a=b`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(site.asked.filter((path) => path.startsWith('/v1/'))).toEqual([]);
  expect(await accessibilityProblems(page)).toEqual([]);
  await look(page, 'sign-in');
  await page.getByLabel('API key').fill('spk_wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('unknown, expired or revoked. Check it');
  await page.getByLabel('API key').fill(key);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Water tower');
  expect(page.url()).toBe(`${site.url}/jobs/tower1234?a=b`);
  expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).not.toContain(key);
  expect(problems.splice(0)).toEqual([expect.stringContaining('401')]); // the wrong key
});

test('opening the link of a mail uses nothing up; its button signs in, and the address forgets it', async ({
  page,
  site,
}) => {
  const asked = await fetch(`${site.url}/v1/sign-in-links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'pilot@example.com', scopes: ['read'] }),
  });
  expect(asked.status).toBe(201);
  const [link = ''] = /http\S+#link=\S+/.exec(site.mails.at(-1)?.text ?? '') ?? [];
  await page.goto(link);
  await expect(page.locator('form')).toContainText('once, in this browser');
  await expect(page.getByLabel('API key')).toHaveCount(0);
  expect(page.url()).toBe(`${site.url}/sign-in`);
  await page.goto('about:blank');
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${site.url}/`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});
