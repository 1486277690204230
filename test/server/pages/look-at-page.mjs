// Opens the viewer of a scene in headless Chromium, waits for its first frame, and prints what is to be seen as JSON:
// { problems, bar (of an animation), controls (the name of those explained), colours, red: {count, meanY}, grey: {count, meanY} }.
// Usage: look-at-page.mjs BROWSER URL [SCREENSHOT.png]
// A process of its own, because puppeteer-core is an ES module, which Jest cannot load.
/* global Image, requestAnimationFrame -- inside evaluate(), which runs in the page */
import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';
import { WEBGL_FLAGS } from '../../helpers/webgl-flags.mjs';

const [executablePath, url, screenshotPath] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: WEBGL_FLAGS });
try {
  const page = await browser.newPage();
  const problems = [];
  // Browsers ask for the icon of a page that names none.
  const isIcon = (message) => message.location().url?.endsWith('/favicon.ico');
  page.on('console', (message) => message.type() === 'error' && !isIcon(message) && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('requestfailed', (request) => problems.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.setViewport({ width: 860, height: 630 });
  // supersplat-viewer calls window.firstFrame once the scene is drawn
  await page.evaluateOnNewDocument(() => {
    window.firstFrame = () => (window.sceneIsDrawn = true);
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction('window.sceneIsDrawn === true', { timeout: 60_000, polling: 100 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const bar = await page.$eval('.sse-timelineContainer', (timeline) => timeline.checkVisibility());
  const controls = await page.$eval('.sse-controlsHintTitle', (title) => title.textContent);
  const image = await page.screenshot({ encoding: 'base64' });
  if (screenshotPath) await writeFile(screenshotPath, Buffer.from(image, 'base64'));
  // Counted in a page of its own, whose policy allows data: images.
  const counter = await browser.newPage();
  const seen = await counter.evaluate(async (source) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${source}`;
    await picture.decode();
    const context = Object.assign(document.createElement('canvas'), {
      width: picture.width,
      height: picture.height,
    }).getContext('2d');
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    const colours = new Set();
    const red = { count: 0, sumY: 0 };
    const grey = { count: 0, sumY: 0 };
    for (let pixel = 0; pixel < data.length / 4; pixel += 1) {
      const [r, g, b] = data.subarray(pixel * 4, pixel * 4 + 3);
      colours.add(((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4));
      const kind = r > 150 && g < 80 && b < 80 ? red : Math.abs(r - g) < 25 && b > g && r > 90 && r < 180 ? grey : null;
      if (kind === null) continue;
      kind.count += 1;
      kind.sumY += Math.floor(pixel / picture.width);
    }
    const mean = ({ count, sumY }) => ({ count, meanY: count === 0 ? null : sumY / count });
    return { colours: colours.size, red: mean(red), grey: mean(grey) };
  }, image);
  process.stdout.write(`${JSON.stringify({ problems, bar, controls, ...seen })}\n`);
} finally {
  await browser.close();
}
