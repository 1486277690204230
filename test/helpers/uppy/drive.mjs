// Uploads files with Uppy in headless Chromium and prints what the page says of it as JSON, with errors of the page.
// With --close the page is closed when a line comes on stdin, and another one goes on with the upload.
// Usage: drive.mjs BROWSER ORIGIN FILES-AS-JSON [--close]
import { once } from 'node:events';
import path from 'node:path';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';

const [executablePath, origin, files, close] = process.argv.slice(2);
const bundled = await build({
  entryPoints: [path.join(import.meta.dirname, 'page.mjs')],
  bundle: true,
  write: false,
  format: 'iife',
  logLevel: 'error',
});
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'], protocolTimeout: 600_000 });
const problems = [];

/** A page of the server's origin, whatever it shows, with the uploader in it. */
async function openPage() {
  const page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await page.setBypassCSP(true);
  await page.goto(`${origin}/v1/uploads`);
  await page.addScriptTag({ content: bundled.outputFiles[0].text });
  return page;
}

try {
  let page = await openPage();
  let begun = null;
  if (close === '--close') {
    await page.evaluate((list) => void window.uploadAll(list, null), JSON.parse(files));
    await once(process.stdin, 'data');
    begun = await page.evaluate(() => window.uploadId);
    await page.close();
    page = await openPage();
  }
  const result = await page.evaluate((list, uploadId) => window.uploadAll(list, uploadId), JSON.parse(files), begun);
  process.stdout.write(`${JSON.stringify({ ...result, problems })}\n`);
} finally {
  await browser.close();
}
