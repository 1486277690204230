// Opens a page in headless Chromium and prints its main text, a line of JSON each time that it has changed, until stdin
// ends; then the problems that there were.
// Usage: follow-page.mjs BROWSER URL
import { once } from 'node:events';
import puppeteer from 'puppeteer-core';

const [executablePath, url] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (text) => text.type() === 'error' && problems.push(text.text()));
  await page.exposeFunction('tell', (text) => process.stdout.write(`${JSON.stringify({ text })}\n`));
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  await page.evaluate(() => {
    const main = document.querySelector('main');
    new window.MutationObserver(() => window.tell(main.textContent)).observe(main, { childList: true });
    return window.tell(main.textContent);
  });
  await once(process.stdin.resume(), 'end');
  process.stdout.write(`${JSON.stringify({ problems })}\n`);
} finally {
  await browser.close();
}
