import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findBrowser } from '../../helpers/browser';
import { waitFor } from '../../helpers/wait-for';
import { jobRecord, NOW_MS, openRun, testApp, testConfig } from '../helpers';

const browser = findBrowser('a page that renews itself in a browser');
const withBrowser = browser === null ? test.skip : test;

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

withBrowser("a job's page listens to its events, shows what they tell, and stops with the job", async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { app, job } = testApp({ config: { ...testConfig, publicUrl } });
  /** Streams that are open, and all addresses that were asked for. */
  let open = 0;
  const asked: string[] = [];
  server.on('request', (request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.endsWith('/events') === true) {
      open += 1;
      response.on('close', () => (open -= 1));
    }
    app(request, response);
  });
  job(jobRecord({ state: 'running', step: 'intake' }), openRun());

  const script = path.join(__dirname, 'follow-page.mjs');
  const child = spawn(process.execPath, [script, browser ?? '', `${publicUrl}/jobs/job123456`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  try {
    await waitFor('the page to listen', () => open === 1);
    job(jobRecord({ state: 'running', step: 'sfm', notice: 'news' }), openRun({ historyLength: 11 }));
    await waitFor('the news', () => lines.at(-1)?.includes('news'));
    const endedAtMs = NOW_MS;
    job(
      jobRecord({ state: 'cancelled', endedAtMs, updatedAtMs: endedAtMs }),
      openRun({ status: 'CANCELLED', closedAtMs: endedAtMs }),
    );
    await waitFor('the end', () => lines.at(-1)?.includes('Cancelled') && open === 0);
  } finally {
    child.stdin.end();
  }
  await exit;
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ problems: [] });
  expect(asked.filter((url) => url === '/v1/jobs/job123456/events').length).toBeLessThanOrEqual(2);
});
