// Opens a page of the server in headless Chromium and reads files of a scene from it, under the page's own policy.
// Prints JSON: { problems, index, chunk, part, head, missing }. Usage: read-scene.mjs BROWSER PAGE SCENE
// A process of its own, because puppeteer-core is an ES module, which Jest cannot load.
import puppeteer from 'puppeteer-core';

const [executablePath, pageUrl, scene] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu-sandbox'] });
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => /policy/i.test(message.text()) && problems.push(message.text()));
  await page.goto(pageUrl, { waitUntil: 'load' });
  const seen = await page.evaluate(async (base) => {
    const read = async (file, options) => {
      const answer = await fetch(base + file, options);
      const { status, redirected, headers } = answer;
      const range = headers.get('content-range');
      return { status, redirected, type: headers.get('content-type'), range, body: await answer.text() };
    };
    const index = await read('lod-meta.json');
    const [name] = JSON.parse(index.body).filenames;
    return {
      index,
      chunk: await read(name),
      part: await read('scene.sog', { headers: { range: 'bytes=2-4' } }),
      tail: await read('scene.sog', { headers: { range: 'bytes=-3', 'x-made-by': 'a viewer' } }),
      head: await read('scene.sog', { method: 'HEAD' }),
      missing: await read('9_9/meta.json').then(({ status }) => status),
    };
  }, scene);
  process.stdout.write(`${JSON.stringify({ problems, ...seen })}\n`);
} finally {
  await browser.close();
}
