/** Uppy's real client against the API and the local S3. */
import { findBrowser } from '../../helpers/browser';
import { fileBytes, TEST_TIMEOUT_MS, uploadInBrowser, type BrowserUpload } from '../../helpers/uppy/upload-in-browser';

const browser = findBrowser('uploads by Uppy in a browser');
const inBrowser = browser === null ? test.skip : test;

const MIB = 2 ** 20;
/** As Uppy cuts files. */
const PART_BYTES = 5 * MIB;
const archive = { name: 'flight.zip', bytes: 20 * MIB + 11, seed: 1 };
const photos = [1, 2, 3].map((seed) => ({
  name: `strip ${seed}/Blüte & Co #${seed}.jpg`,
  bytes: 300_000 + seed,
  seed,
}));

jest.setTimeout(TEST_TIMEOUT_MS);

let upload: BrowserUpload | undefined;

afterEach(async () => {
  await upload?.close();
  upload = undefined;
});

inBrowser('of 200 MB whose connection is cut, one part is sent again and every byte arrives', async () => {
  const large = { ...archive, bytes: 200 * MIB };
  upload = await uploadInBrowser(browser!, [large], { afterBytes: 123 * MIB, how: 'reset' });
  expect(upload.page).toMatchObject({
    failed: [],
    problems: [],
    state: 'complete',
    arrived: { files: 1, bytes: large.bytes },
  });
  expect([upload.broke, upload.parts.size]).toEqual([true, 40]);
  expect([...upload.parts].filter(([, times]) => times > 1)).toEqual([[25, 2]]);
  expect(upload.sentBytes).toBeLessThan(large.bytes + PART_BYTES);
  expect((await upload.stored(large.name)).equals(fileBytes(large))).toBe(true);
});

inBrowser('photos go whole, under their own paths; one that was cut is sent again', async () => {
  upload = await uploadInBrowser(browser!, photos, { afterBytes: 400_000, how: 'reset' });
  expect(upload.page).toMatchObject({ failed: [], problems: [], state: 'complete', arrived: { files: 3 } });
  expect([upload.broke, upload.parts.size]).toEqual([true, 0]);
  for (const photo of photos) expect((await upload.stored(photo.name)).equals(fileBytes(photo))).toBe(true);
});

inBrowser('another page goes on where a closed one was, by what the server lists', async () => {
  upload = await uploadInBrowser(browser!, [archive], { afterBytes: 12 * MIB, how: 'stall' }, ['--close']);
  expect(upload.page).toMatchObject({ failed: [], problems: [], state: 'complete' });
  expect([...upload.parts]).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 1],
    [5, 1],
  ]);
  expect(upload.sentBytes).toBeLessThan(archive.bytes + PART_BYTES);
  expect((await upload.stored(archive.name)).equals(fileBytes(archive))).toBe(true);
});
