import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import type { AppDeps } from '../../server/http/app';
import { WEB_FOLDER } from '../../server/http/static-files';
import { testApp, testConfig } from '../server/helpers';

/** The server with its pages as they are built, over memory; and a storage that has files of results. */
export interface Site extends ReturnType<typeof testApp> {
  readonly url: string;
  /** Name of a file of a result -> what the storage answers. */
  readonly files: Map<string, { readonly type: string; readonly body: Buffer }>;
  /** Paths that were asked for, with their queries. */
  readonly asked: string[];
  /** Cuts all streams of events, as a server does that goes. */
  cutStreams(): void;
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @param changes of what the server is made of, such as its clock */
export async function openSite(changes: Partial<AppDeps> = {}): Promise<Site & { close(): void }> {
  const [server, storage] = [createServer(), createServer()];
  const [url, storageUrl] = [await listen(server), await listen(storage)];
  const made = testApp({
    webFolder: WEB_FOLDER,
    now: Date.now,
    ...changes,
    config: { ...testConfig, ...changes.config, publicUrl: url, publicS3Endpoint: storageUrl },
  });
  const files: Site['files'] = new Map();
  made.store.link = async (_jobId, file) => `${storageUrl}/${file}`;
  // Files of a published folder are in no list: the storage is asked for them.
  const head = made.store.head.bind(made.store);
  made.store.head = async (jobId, file) =>
    (await head(jobId, file)) ??
    (files.has(file)
      ? { bytes: 9, mediaType: 'image/webp', disposition: 'inline', etag: '"abc"', modifiedAt: new Date(0) }
      : null);
  storage.on('request', (request, response) => {
    const file = files.get(decodeURIComponent(request.url ?? '').slice(1));
    response.setHeader('access-control-allow-origin', url);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': file.type }).end(file.body);
  });
  const asked: string[] = [];
  const streams = new Set<() => void>();
  server.on('request', (request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/v1/events') === true) {
      const cut = (): void => void request.socket.destroy();
      streams.add(cut);
      response.on('close', () => streams.delete(cut));
    }
    made.app(request, response);
  });
  return {
    ...made,
    url,
    files,
    asked,
    cutStreams: () => streams.forEach((cut) => cut()),
    close() {
      for (const each of [server, storage]) {
        each.closeAllConnections();
        each.close();
      }
    },
  };
}

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
