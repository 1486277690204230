// Opens a job's page in headless Chromium, presses a button, fills in and confirms what it asks (or presses Escape),
// and prints { problems, asked, message, main } as JSON: what was asked, the message then shown, the page's text.
// Usage: press-button.mjs BROWSER URL LABEL [FIELDS as JSON | --escape] [SCREENSHOT.png]
import { writeFile } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';

const [executablePath, url, label, answer, screenshotPath] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (text) => text.type() === 'error' && !text.text().includes('409') && problems.push(text.text()));
  await page.setViewport({ width: 390, height: 700 });
  await page.goto(url, { waitUntil: 'load' });
  const escapes = answer === '--escape';
  const posted = escapes ? null : page.waitForResponse((response) => response.request().method() === 'POST');
  await page.locator(`button ::-p-text(${label})`).click();
  let asked = null;
  if (answer !== undefined) {
    const dialog = await page.waitForSelector('dialog[open]');
    asked = await dialog.evaluate((element) => element.querySelector('p').textContent);
    if (screenshotPath) await writeFile(screenshotPath, await page.screenshot());
    if (escapes) await page.keyboard.press('Escape');
    else {
      for (const [name, value] of Object.entries(JSON.parse(answer)))
        await page.locator(`dialog input[name=${name}]`).fill(String(value));
      await page.keyboard.press('Enter');
    }
    await page.waitForFunction(() => document.querySelector('dialog') === null);
  }
  await posted;
  // Beside the stream of the job's events, which has no end.
  await page.waitForNetworkIdle({ idleTime: 200, concurrency: 1 });
  const [message, main] = await Promise.all(
    ['.message', 'main'].map((selector) => page.$eval(selector, (element) => element.textContent)),
  );
  process.stdout.write(`${JSON.stringify({ problems, asked, message, main })}\n`);
} finally {
  await browser.close();
}
