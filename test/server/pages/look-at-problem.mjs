// Opens the viewer of a scene in headless Chromium, waits until the viewer says why there is no scene, and prints it as JSON:
// { problem, bar } where `bar` tells whether the viewer's own bar of loading is still to be seen.
// Usage: look-at-problem.mjs BROWSER URL
// A process of its own, because puppeteer-core is an ES module, which Jest cannot load.
import puppeteer from 'puppeteer-core';
import { WEBGL_FLAGS } from '../../helpers/webgl-flags.mjs';

const [executablePath, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: WEBGL_FLAGS });
try {
  const page = await browser.newPage();
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForSelector('.sse-loadingWrap, .scene-problem', { timeout: 60_000 });
  const problem = await page.waitForSelector('.scene-problem', { visible: true, timeout: 60_000 });
  const text = await problem.evaluate((element) => element.textContent);
  const bar = await page.$eval('.sse-loadingWrap', (element) => element.checkVisibility()).catch(() => false);
  process.stdout.write(`${JSON.stringify({ problem: text, bar })}\n`);
} finally {
  await browser.close();
}
