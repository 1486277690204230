import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { openSite, type Site } from './site';

export { openSite, type Site };

interface Fixtures {
  readonly site: Site;
  /**
   * What the browser did not like: script errors, breaches of the policy, requests to other hosts. Checked after each
   * test; a test that expects some takes them out.
   */
  readonly problems: string[];
}

/** Each test has a site of its own, and fails on any problem of its page. */
export const test = base.extend<Fixtures>({
  site: async ({}, use) => {
    const site = await openSite();
    await use(site);
    site.close();
  },
  problems: [
    async ({ page }, use) => {
      const problems: string[] = [];
      await watch(page, problems);
      await use(problems);
      expect(problems).toEqual([]);
    },
    { auto: true },
  ],
});

/** Puts what is wrong with a page into `problems`. */
export async function watch(page: Page, problems: string[]): Promise<void> {
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (said) => {
    if (said.type() === 'error' || /policy/i.test(said.text())) problems.push(said.text());
  });
  page.on('request', (sent) => {
    const { protocol, hostname } = new URL(sent.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && hostname !== '127.0.0.1') problems.push(`asks ${sent.url()}`);
  });
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  );
}

/** What axe-core finds, once the page is there, against WCAG 2.2 A and AA, and its own best practices, in a line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

export { expect };
