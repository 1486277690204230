// Opens the viewer itself in headless Chromium, waits for its first frame, and prints { problems } as JSON.
// Usage: draw-scene.mjs BROWSER URL
import puppeteer from 'puppeteer-core';
import { WEBGL_FLAGS } from '../../helpers/webgl-flags.mjs';

const [executablePath, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: WEBGL_FLAGS });
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => /policy/i.test(message.text()) && problems.push(message.text()));
  page.on('response', (response) => {
    // Browsers ask for the icon of a page that names none.
    if (response.status() >= 400 && !response.url().endsWith('/favicon.ico'))
      problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => problems.push(`${request.url()} ${request.failure()?.errorText}`));
  // supersplat-viewer calls window.firstFrame once the scene is drawn
  await page.evaluateOnNewDocument(() => {
    window.firstFrame = () => (window.sceneIsDrawn = true);
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction('window.sceneIsDrawn === true', { timeout: 60_000, polling: 100 });
  process.stdout.write(`${JSON.stringify({ problems })}\n`);
} finally {
  await browser.close();
}
