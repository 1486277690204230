/**
 * `npm run bench:web`: how soon a scene of 5 MB is there, what a place in it costs, how soon a link's page shows
 * something without scripts, and what 300 live jobs cost a tab. In Chromium without a graphics card, against the server
 * over memory. One line of JSON on stdout.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findCheckout } from '../../local/stack/checkout';
import { WEB_FOLDER } from '../../server/http/static-files';
import { findBrowser } from '../../test/helpers/browser';
import { countDrawings } from '../../test/helpers/scene-page';
import { WEBGL_FLAGS } from '../../test/helpers/webgl-flags';
import { jobRecord } from '../../test/server/helpers';
import { openSite, type Site } from '../../test/web-browser/site';
import { putJob } from '../../test/web-browser/jobs';
import { cpuSeconds, firstFrameMs, idleFrames, largestPaintMs, memoryMb, pickTimes, work } from './browser';

const USAGE = `npm run bench:web -- [OPTION...]
  --gaussians N   of the scene (1000000)
  --jobs N        that are live in the list (300)
  --seconds N     for which the list is watched (20)`;

const SUBJECT = { min: [-23, -3, -23], max: [23, 0, 23] };
const SCENE = {
  version: 1,
  metric: true,
  scale: { source: 'gps', relativeSigma: 0.001 },
  enuFromScene: null,
  origin: null,
  subject: SUBJECT,
  openingView: { position: [20, -40, -40], target: [0, -1.5, 0], fieldOfViewDeg: 60 },
};
const JOB = 'scene12345';
const LOADS = 3;
const RAYS = 300;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gaussians: { type: 'string', default: '1000000' },
      jobs: { type: 'string', default: '300' },
      seconds: { type: 'string', default: '20' },
      help: { type: 'boolean' },
    },
  });
  const executablePath = findBrowser('pages in a browser');
  if (values.help || executablePath === null) {
    process.stderr.write(`${USAGE}\n`);
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-bench-'));
  const site = await openSite();
  const browser = await chromium.launch({ executablePath, args: WEBGL_FLAGS });
  try {
    const bytes = await putScene(site, folder, values.gaussians);
    const scene = await measureScene(browser, site);
    const shared = await measureShare(browser, site);
    const events = await measureEvents(browser, site, Number(values.jobs), Number(values.seconds));
    const figures = { gaussians: Number(values.gaussians), bytes, ...scene, ...shared, events };
    process.stdout.write(`${JSON.stringify({ ...figures, cores: cpus().length, node: process.version })}\n`);
  } finally {
    await browser.close();
    site.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A finished job with a scene of that size. Returns the bytes of scene.sog. */
async function putScene(site: Site, folder: string, gaussians: string): Promise<number> {
  const { python, containersFolder, kernelFolder } = findCheckout();
  const programs = ['common', 'compression'].map((name) => path.join(containersFolder, name));
  const env = { ...process.env, PYTHONPATH: programs.join(path.delimiter), SPACEPORT_KERNEL_DIR: kernelFolder };
  await promisify(execFile)(python, [path.join(__dirname, 'make_scene.py'), folder, gaussians], { env });
  const contents: Record<string, Buffer> = { 'scene.json': Buffer.from(JSON.stringify(SCENE)) };
  for (const name of await readdir(folder)) contents[name] = await readFile(path.join(folder, name));
  const types: Record<string, string> = { '.json': 'application/json', '.jpg': 'image/jpeg' };
  for (const [name, body] of Object.entries(contents))
    site.files.set(name, { type: types[path.extname(name)] ?? 'application/octet-stream', body });
  site.store.json.set(`${JOB}/scene.json`, SCENE);
  const files = Object.entries(contents).map(([name, { length }]) => ({ name, bytes: length }));
  site.job(jobRecord({ jobId: JOB, state: 'succeeded', result: { files } }), null);
  return contents['scene.sog']?.length ?? 0;
}

async function measureScene(browser: Browser, site: Site): Promise<object> {
  const before = await memoryMb(browser);
  const frames: number[] = [];
  const cpu: number[] = [];
  let rest = {};
  for (let load = 0; load < LOADS; load += 1) {
    await inPage(browser, async (page) => {
      await countDrawings(page);
      const begun = await cpuSeconds(browser);
      frames.push(await firstFrameMs(page, `${site.url}/jobs/${JOB}/scene`));
      cpu.push((await cpuSeconds(browser)) - begun);
      if (load < LOADS - 1) return;
      const idle = await idleFrames(page, 3000);
      const memory = (await memoryMb(browser)) - before;
      const worker = (await readdir(path.join(WEB_FOLDER, 'app'))).find((name) => /^picker\.worker-.*\.js$/.test(name));
      const picks = await pickTimes(page, `/app/${worker ?? ''}`, `/v1/jobs/${JOB}/scene/scene.sog`, RAYS);
      rest = { idleFrames: idle, memoryMb: round(memory), pick: { p50Ms: part(picks, 0.5), p95Ms: part(picks, 0.95) } };
    });
  }
  const firstFrameCpuSeconds = part(cpu, 0.5);
  return { firstFrameMs: part(frames, 0.5), firstFrameMsWorst: part(frames, 1), firstFrameCpuSeconds, ...rest };
}

async function measureShare(browser: Browser, site: Site): Promise<object> {
  const made = await fetch(`${site.url}/v1/jobs/${JOB}/shares`, { method: 'POST' });
  const { url } = (await made.json()) as { url: string };
  let ms = 0;
  await inPage(browser, async (page) => void (ms = await largestPaintMs(page, url)));
  return { share: { largestPaintMs: round(ms), posterBytes: site.files.get('poster.jpg')?.body.length } };
}

/** The list of jobs with each of them changed every ten seconds. */
async function measureEvents(browser: Browser, site: Site, jobs: number, seconds: number): Promise<object> {
  const put = (index: number): void => putJob(site, `live${String(index).padStart(6, '0')}`, { state: 'running' });
  for (let index = 0; index < jobs; index += 1) put(index);
  let next = 0;
  const changing = setInterval(() => put((next += 1) % jobs), 10_000 / jobs);
  let figures = {};
  await inPage(browser, async (page) => {
    await page.goto(site.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(3000);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const [begun, startedMs, serverBegun] = [await work(session), performance.now(), process.cpuUsage()];
    await page.waitForTimeout(seconds * 1000);
    const passed = (performance.now() - startedMs) / 1000;
    const ended = await work(session);
    const { user, system } = process.cpuUsage(serverBegun);
    figures = {
      jobs,
      pageOfOneCore: round((ended.seconds - begun.seconds) / passed, 3),
      serverOfOneCore: round((user + system) / 1e6 / passed, 3),
      heapMb: round(ended.heapMb),
    };
  });
  clearInterval(changing);
  return figures;
}

async function inPage(browser: Browser, then: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
  try {
    await then(await context.newPage());
  } finally {
    await context.close();
  }
}

/** The value below which this share of all lies. */
function part(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
