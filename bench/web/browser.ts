import { readFile } from 'node:fs/promises';
import type { Browser, CDPSession, Page } from '@playwright/test';

/** What a browser tells of itself. */

/** Megabytes of memory of all processes of the browser, what they share counted once. */
export async function memoryMb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = await Promise.all(
    processInfo.map(async ({ id }) => {
      const text = await readFile(`/proc/${String(id)}/smaps_rollup`, 'utf8').catch(() => '');
      return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
    }),
  );
  return sizes.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
}

/** CPU seconds of all processes of the browser so far, those that draw too: the same on a machine that does much else. */
export async function cpuSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** CPU seconds of the page's main thread so far, whatever else the machine did, and megabytes that its scripts hold. */
export async function work(session: CDPSession): Promise<{ seconds: number; heapMb: number }> {
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((each) => each.name === name)?.value ?? 0;
  return { seconds: of('ThreadTime'), heapMb: of('JSHeapUsedSize') / 1e6 };
}

/**
 * Milliseconds from navigation to the first picture of a scene, in a context of its own. The graphics draw for a second
 * or two after the page has told them what: the picture is there when they have passed a fence behind it, and the
 * browser has put it on the screen.
 */
export async function firstFrameMs(page: Page, url: string): Promise<number> {
  await page.addInitScript(`globalThis.firstFrameMs = new Promise((resolve) => {
    new MutationObserver((_changes, observer) => {
      if (document.querySelector('.scene-view[data-phase="ready"]') === null) return;
      observer.disconnect();
      const gl = document.querySelector('.scene-canvas').getContext('webgl2');
      const drawn = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl.flush();
      const look = () => {
        if (gl.clientWaitSync(drawn, 0, 0) === gl.TIMEOUT_EXPIRED) setTimeout(look, 1);
        else requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
      };
      setTimeout(look, 0);
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-phase'] });
  });`);
  await page.goto(url);
  await page.locator('.scene-view[data-phase="ready"]').waitFor({ timeout: 120_000 });
  return page.evaluate('globalThis.firstFrameMs');
}

/** Pictures that a page draws in so many milliseconds while nothing happens. */
export async function idleFrames(page: Page, ms: number): Promise<number> {
  const draws = (): Promise<number> => page.evaluate('globalThis.drawings');
  const before = await draws();
  await page.waitForTimeout(ms);
  return (await draws()) - before;
}

/** Milliseconds of each of so many picks, by the picker's own worker, after it has read the scene. */
export async function pickTimes(page: Page, worker: string, scene: string, rays: number): Promise<number[]> {
  return page.evaluate(`(async () => {
    const worker = new Worker(${JSON.stringify(worker)}, { type: 'module' });
    let id = 0;
    const ask = (request) => new Promise((resolve, reject) => {
      const own = (id += 1);
      worker.addEventListener('message', function heard({ data }) {
        if (data.id !== own) return;
        worker.removeEventListener('message', heard);
        if ('error' in data) reject(new Error(data.error)); else resolve(data);
      });
      worker.postMessage({ ...request, id: own });
    });
    await ask({ url: new URL(${JSON.stringify(scene)}, location.href).href });
    const times = [];
    for (let i = 0; i < ${String(rays)}; i += 1) {
      const turn = (2 * Math.PI * i) / ${String(rays)};
      const origin = [50 * Math.cos(turn), -30, 50 * Math.sin(turn)];
      const way = [18 * Math.sin(7 * turn), -1, 18 * Math.cos(5 * turn)].map((to, axis) => to - origin[axis]);
      const startedMs = performance.now();
      await ask({ ray: { origin, direction: way.map((part) => part / Math.hypot(...way)) } });
      times.push(performance.now() - startedMs);
    }
    worker.terminate();
    return times;
  })()`);
}

/** Milliseconds to the largest paint of a page whose scripts never come, on a slow phone's network. */
export async function largestPaintMs(page: Page, url: string): Promise<number> {
  await page.route(/\.js$/, (route) => route.abort());
  const session = await page.context().newCDPSession(page);
  // Lighthouse's slow 4G.
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 150,
    downloadThroughput: (1.6 * 1024 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  });
  await page.addInitScript(`new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) globalThis.largestPaintMs = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });`);
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForTimeout(1000);
  return page.evaluate('globalThis.largestPaintMs ?? null');
}
