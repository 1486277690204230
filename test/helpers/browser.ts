import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * A browser to look at pages with, or null, with a notice, where none is found. In CI there must be one: the path of
 * Debian's Chromium then, so that the test fails instead of being left out.
 */
export function findBrowser(untested: string): string | null {
  const found = PLACES.find((file) => existsSync(file));
  if (found !== undefined) return found;
  if (process.env.CI !== undefined) return '/usr/bin/chromium';
  process.stderr.write(
    `Not tested here: ${untested}. Install Chromium to test it (Debian: apt-get install chromium).\n`,
  );
  return null;
}
