import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { chromium, type Page } from '@playwright/test';
import { findBrowser } from '../helpers/browser';
import { isDrawn } from '../helpers/scene-page';
import { WEBGL_FLAGS } from '../helpers/webgl-flags';

/**
 * `look-at-scene.ts SERVER JOB CA PICTURE`, for scripts/compose-test/: a person elsewhere opens the page of a job's scene,
 * signs in with the key that SPACEPORT_KEY is, and sees it. SERVER is an https address of this machine under another name,
 * CA the certificate that is trusted. The picture is saved as PNG; ends with 1 where no scene is drawn.
 */

/** Shares of the picture, 0 to 1: at least so much of the picture differs from what is behind a scene. */
const LEAST_COVERED = 0.1;
const LEAST_COLOURS = 50;

/**
 * What Chromium is told to take: the public keys (SHA-256, base64) of the chain that leads to the CA, as node finds it.
 * Chromium asks for a certificate store to trust a CA, which would be more of the machine than this test needs.
 */
async function trustedKeys(server: URL, ca: Buffer): Promise<string[]> {
  const socket = connect({ host: '127.0.0.1', port: Number(server.port), servername: server.hostname, ca });
  const chain = await new Promise<DetailedPeerCertificate>((resolve, reject) => {
    socket.once('error', reject).once('secureConnect', () => resolve(socket.getPeerCertificate(true)));
  });
  socket.destroy();
  const keys: string[] = [];
  for (let one = chain; ; one = one.issuerCertificate) {
    const spki = new X509Certificate(one.raw).publicKey.export({ type: 'spki', format: 'der' });
    keys.push(createHash('sha256').update(spki).digest('base64'));
    if (one.issuerCertificate === one) return keys;
  }
}

/** How much of a PNG differs from the colour of its upper left corner, and how many colours (of 4096) it has. */
const measured = (page: Page, picture: Buffer): Promise<{ covered: number; colours: number }> =>
  page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${picture.toString('base64')}'), (one) => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const colours = new Set();
    let differing = 0;
    for (let at = 0; at < data.length; at += 4) {
      colours.add(((data[at] >> 4) << 8) | ((data[at + 1] >> 4) << 4) | (data[at + 2] >> 4));
      if ([0, 1, 2].reduce((sum, channel) => sum + Math.abs(data[at + channel] - data[channel]), 0) > 48) differing += 1;
    }
    return { covered: (4 * differing) / data.length, colours: colours.size };
  })()`);

async function look(server: URL, job: string, ca: Buffer, file: string): Promise<void> {
  const executablePath = findBrowser('the scene in a browser') ?? '';
  const names = `--host-resolver-rules=MAP ${server.hostname} 127.0.0.1`;
  const trust = `--ignore-certificate-errors-spki-list=${(await trustedKeys(server, ca)).join()}`;
  const browser = await chromium.launch({ executablePath, args: [...WEBGL_FLAGS, names, trust] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${server.origin}/jobs/${job}/scene`);
    await page.locator('input[name=key]').fill(process.env.SPACEPORT_KEY ?? '');
    await page.locator('form.sign-in button').click();
    await isDrawn(page);
    // The interface lies over the scene: only what is drawn counts.
    await page.screenshot({ path: file });
    const drawn = await page.locator('.scene-view canvas').first().screenshot();
    const { covered, colours } = await measured(await browser.newPage(), drawn);
    console.log(`${(covered * 100).toFixed(0)} % of the picture is scene, in ${colours} colours`);
    if (covered < LEAST_COVERED || colours < LEAST_COLOURS) problems.push('no scene is to be seen');
    if (problems.length > 0) throw new Error(problems.join('\n'));
  } finally {
    await browser.close();
  }
}

const [server = '', job = '', ca = '', picture = ''] = process.argv.slice(2);
look(new URL(server), job, readFileSync(ca), picture).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
