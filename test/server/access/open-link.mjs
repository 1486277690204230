// Opens a page in headless Chromium without pressing anything, waits until told by a line on stdin, then presses its
// button. Prints JSON twice: { address, text } before, { address, heading, problems } after.
// Usage: open-link.mjs BROWSER URL
/* global location -- inside waitForFunction(), which runs in the page */
import { once } from 'node:events';
import process from 'node:process';
import puppeteer from 'puppeteer-core';

const [executablePath, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu-sandbox'] });
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(url, { waitUntil: 'networkidle0' });
  print({ address: page.url(), text: await page.$eval('main', (main) => main.innerText) });
  await once(process.stdin, 'data');
  const next = page.waitForResponse((response) => response.url().endsWith('/v1/session'));
  await page.locator('#sign-in-link button').click();
  await next;
  await page.waitForFunction(
    () => location.pathname !== '/sign-in' || document.querySelector('.message').textContent !== '',
  );
  print({ address: page.url(), heading: await page.$eval('h1', (h1) => h1.textContent), problems });
} finally {
  await browser.close();
  process.stdin.destroy();
}
