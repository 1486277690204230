import { defineConfig } from '@playwright/test';
import { findBrowser } from '../helpers/browser';

const browser = findBrowser('the web application in a browser');

/**
 * The web application as set-up has built it, in Debian's Chromium, against the real server over fakes. A page that is
 * open is asserted many times: a new one costs half a second.
 */
export default defineConfig({
  testDir: __dirname,
  testMatch: browser === null ? [] : '*.spec.ts',
  outputDir: '../../.spaceport/test-results/web-browser',
  workers: 1,
  // For a machine that does much else: they are no measure of speed.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath: browser ?? '', args: ['--no-sandbox'] },
    screenshot: 'only-on-failure',
    // Its own test lets it in: answers from a cache would hide what others look at.
    serviceWorkers: 'block',
  },
});
