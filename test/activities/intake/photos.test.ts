import type { IntakeInput } from '../../../activities/intake/photos';
import { layout } from '../../../contracts/storage/layout';
import { monthOf } from '../../../contracts/usage/budget';
import {
  afterStart,
  djiXmp,
  greyJpeg,
  greyPng,
  heicHeader,
  jpegSegment,
  pngHeader,
  xmpSegment,
} from '../../helpers/photos';
import { BUCKET, goodPhotos, IntakeBench, photo, rejection, type TakenIn } from './intake-bench';

let bench: IntakeBench;

beforeAll(async () => {
  bench = await IntakeBench.start();
});
afterAll(() => bench?.close());

const takeIn = (...given: Parameters<IntakeBench['takeIn']>): Promise<TakenIn> => bench.takeIn(...given);

test('good photos in nested folders are accepted, and the SfM job is told exactly those', async () => {
  const { jobId, summary, prefix, names } = await takeIn({
    ...goodPhotos(3),
    'strip 2/DJI_0.JPG': photo(50),
    'strip 2/.DS_Store': Buffer.from('x'),
  });
  expect(summary).toMatchObject({ accepted: 4, rejected: [] });
  expect(prefix).toBe(`s3://${BUCKET}/uploads/local/${jobId}/`);
  expect(names).toEqual(['DJI_0.JPG', 'DJI_1.JPG', 'DJI_2.JPG', 'strip 2/DJI_0.JPG']);
});

test('files that cannot be used are left out, counted and explained', async () => {
  const { summary, reasons, manifest } = await takeIn({
    ...goodPhotos(4),
    'truncated.jpg': photo(90).subarray(0, 400),
    'header-only.jpg': photo(90).subarray(0, 40),
    'again.jpg': photo(100),
    'phone.heic': heicHeader(),
    'notes.txt': Buffer.from('hello'),
    'empty.jpg': Buffer.alloc(0),
    'tiny.jpg': greyJpeg(8, 8),
    'bomb.png': pngHeader(60_000, 60_000),
    'map.png': greyPng(800, 600),
  });
  expect(summary.accepted).toBe(5);
  expect(reasons).toEqual({
    'truncated.jpg': 'the JPEG is truncated: its end is missing',
    'header-only.jpg': 'the JPEG is truncated: its end is missing',
    'again.jpg': 'the same photo as DJI_0.JPG',
    'phone.heic': expect.stringContaining('HEIC is not supported') as string,
    'notes.txt': 'this is not a photo',
    'empty.jpg': 'the file is empty',
    'tiny.jpg': '8 x 8 pixels are too few',
    'bomb.png': '60000 x 60000 pixels are too many',
  });
  expect(manifest.photos).toHaveLength(13);
  expect(manifest.photos.find(({ name }) => name === 'map.png')).toMatchObject({ used: true, width: 800, height: 600 });
});

test('files of positions go to SfM with the photos, and are neither counted nor listed as left out', async () => {
  const lines = Buffer.from('EPSG:4326\nDJI_0.JPG 8 47\n');
  const { summary, names, manifest } = await takeIn({
    ...goodPhotos(3),
    'geo.txt': lines,
    'ground/GCP_List.TXT': Buffer.from('EPSG:32632\n'),
    'ppk/events.csv': Buffer.from('file,lat,lon\n'),
    '@eaDir/geo.txt': Buffer.from('thumbnail'),
  });
  const positionFiles = ['geo.txt', 'ground/GCP_List.TXT', 'ppk/events.csv'];
  expect(summary).toMatchObject({ accepted: 3, leftOut: 0, rejected: [] });
  expect(names).toEqual(['DJI_0.JPG', 'DJI_1.JPG', 'DJI_2.JPG', ...positionFiles]);
  expect(manifest).toMatchObject({ positionFiles });
  expect(manifest.photos).toHaveLength(3);
});

test('what only looks like a file of positions is left out with the reason', async () => {
  const { summary, names, reasons } = await takeIn({
    ...goodPhotos(3),
    'photo.csv': photo(7),
    'geo.txt.bak': Buffer.from('EPSG:4326'),
    'notes/georeference.txt': Buffer.from('x'),
    'large.csv': Buffer.alloc(4 * 2 ** 20 + 1, 'a'),
    'geo.txt': Buffer.from('EPSG:4326'),
    'GEO.TXT': Buffer.from('EPSG:4979'),
    'empty.csv': Buffer.alloc(0),
  });
  expect(summary.accepted).toBe(3);
  expect(names).toEqual(['DJI_0.JPG', 'DJI_1.JPG', 'DJI_2.JPG', 'GEO.TXT']);
  expect(reasons).toEqual({
    'photo.csv': 'a photo with the name of a table or list: rename it',
    'geo.txt.bak': 'this is not a photo',
    'notes/georeference.txt': 'this is not a photo',
    'large.csv': 'a file of positions has 4 MB at most',
    'geo.txt': 'another file has the same name',
    'empty.csv': 'the file is empty',
  });
});

test('position files are copied with photos whose keys cannot be paths', async () => {
  const { jobId, names, prefix } = await takeIn({
    ...goodPhotos(2),
    '/DJI_9.JPG': photo(9),
    'geo.txt': Buffer.from('EPSG:4326'),
  });
  expect(prefix).toBe(`s3://${BUCKET}/${layout.unpackedFolder(jobId)}`);
  expect(names).toContain('geo.txt');
  expect((await bench.read(`${layout.unpackedFolder(jobId)}geo.txt`)).toString()).toBe('EPSG:4326');
});

test('one photo twice counts once, and the second says which the first is', async () => {
  const { summary } = await takeIn({ ...goodPhotos(3), 'copy.jpg': photo(100) });
  expect(summary).toMatchObject({
    accepted: 3,
    rejected: [{ name: 'copy.jpg', reason: 'the same photo as DJI_0.JPG' }],
  });
});

test('too few, none, too many and nothing at all each have their own code', async () => {
  await expect(takeIn(goodPhotos(2))).rejects.toMatchObject(rejection('TOO_FEW_PHOTOS', '2 usable photos, at least 3'));
  await expect(takeIn({ 'a.txt': Buffer.from('a'), 'b.txt': Buffer.from('b') })).rejects.toMatchObject(
    rejection('NO_PHOTOS', 'a.txt: this is not a photo'),
  );
  await expect(takeIn(goodPhotos(4), '', { maxPhotos: 3 })).rejects.toMatchObject(
    rejection('TOO_MANY_PHOTOS', '4 photos'),
  );
  await expect(takeIn({})).rejects.toMatchObject(rejection('INPUT_NOT_FOUND', 'there is nothing at'));
  await expect(takeIn({}, 'missing.zip')).rejects.toMatchObject(rejection('INPUT_NOT_FOUND', 'missing.zip'));
});

test('more files may be left out than are listed: the number says all of them', async () => {
  const notes = Object.fromEntries(Array.from({ length: 105 }, (_, i) => [`note-${i}.txt`, Buffer.from(`note ${i}`)]));
  const { summary } = await takeIn({ ...goodPhotos(3), ...notes });
  expect(summary.rejected).toHaveLength(100);
  expect(summary.leftOut).toBe(105);
});

test("another bucket and another job's folder are refused", async () => {
  const place = (bucket: string, key: string): Partial<IntakeInput> => ({ location: { bucket, key } });
  await expect(takeIn({}, '', place('elsewhere', 'x/'))).rejects.toMatchObject(
    rejection('INPUT_FORBIDDEN', 'elsewhere'),
  );
  await expect(takeIn({}, '', place(BUCKET, 'jobs/abc/'))).rejects.toMatchObject(
    rejection('INPUT_FORBIDDEN', 'jobs/abc'),
  );
});

test('a job begins nothing while the budget of its tenant is used up, of this month alone', async () => {
  const month = monthOf(Date.now()).name;
  const take = (tenant: string): Promise<unknown> => takeIn(goodPhotos(3), '', { tenant });
  await bench.usedUpBudgets.note('spent', { month, message: 'the budget is 10 USD; 12 USD are spent' });
  await expect(take('spent')).rejects.toMatchObject(rejection('BUDGET_EXHAUSTED', '12 USD are spent'));
  await expect(take('other')).resolves.toMatchObject({ summary: { accepted: 3 } });
  await bench.usedUpBudgets.note('spent', { month: '2020-01', message: 'long ago' });
  await expect(take('spent')).resolves.toMatchObject({ summary: { accepted: 3 } });
  await bench.usedUpBudgets.note('spent', null);
  await expect(take('spent')).resolves.toMatchObject({ summary: { accepted: 3 } });
});

test('I01: photos with 400 KB of metadata before the picture are used', async () => {
  const block = jpegSegment(0xe3, Buffer.alloc(65_533, 'm'));
  const files = Object.entries(goodPhotos(4)).map(([name, content], i) => [
    name,
    i % 2 === 0 ? content : afterStart(content, block, block, block, block, block, block),
  ]);
  expect((await takeIn(Object.fromEntries(files) as Record<string, Buffer>)).summary).toMatchObject({
    accepted: 4,
    rejected: [],
  });
});

test('I03: photos under an empty folder name are used', async () => {
  const [first, second, third] = Object.values(goodPhotos(3)) as [Buffer, Buffer, Buffer];
  const { jobId, summary, names, prefix, reasons } = await takeIn({
    'DJI_0.JPG': first,
    '/DJI_1.JPG': second,
    'strip//DJI_2.JPG': third,
  });
  expect(summary.accepted).toBe(3);
  expect(reasons).toEqual({});
  expect([...names].sort()).toEqual(['DJI_0.JPG', 'DJI_1.JPG', 'strip/DJI_2.JPG']);
  expect(prefix).toBe(`s3://${BUCKET}/${layout.unpackedFolder(jobId)}`);
  expect(await bench.read(`${layout.unpackedFolder(jobId)}strip/DJI_2.JPG`)).toEqual(third);
});

test('I03: keys with control characters are listed and used, and hidden system files are not', async () => {
  const { summary, names } = await takeIn({
    ...goodPhotos(2),
    'a\bb+c d%.jpg': photo(50),
    'c\r\nd.jpg': photo(51),
    'Icon\r': Buffer.from('icon'),
  });
  expect(summary).toMatchObject({ accepted: 4, rejected: [] });
  expect([...names].sort()).toEqual(['DJI_0.JPG', 'DJI_1.JPG', 'a_b+c d%.jpg', 'c__d.jpg']);
});

test('I03: names that one file system takes for the same, and a photo where another has its folder, are all used', async () => {
  const { summary, names } = await takeIn({
    'a.jpg': photo(50),
    'A.JPG': photo(51),
    'a.jpg/b.jpg': photo(52),
  });
  expect(summary).toMatchObject({ accepted: 3, rejected: [] });
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(3);
});

test('I03: a key with ".." is left out with the reason', async () => {
  const { reasons, summary } = await takeIn({ ...goodPhotos(3), 'a/../b.jpg': photo(50) });
  expect(summary.accepted).toBe(3);
  expect(reasons).toEqual({ 'a/../b.jpg': 'its path leads out of its folder ("..")' });
});

test('I04: a name of 255 bytes is used, a longer one is left out with the reason', async () => {
  const longest = `${'測'.repeat(83)}x.jpg`.slice(0, -1) + 'g';
  const { names, reasons } = await takeIn({
    ...goodPhotos(3),
    [longest]: photo(50),
    [`${'x'.repeat(252)}.jpg`]: photo(51),
  });
  expect(names).toContain(longest);
  expect(Object.values(reasons)).toEqual(['a name in its path is longer than 255 bytes: rename it']);
});

test('I06: thumbnails of file servers are not photos', async () => {
  const { summary } = await takeIn({
    ...goodPhotos(3),
    '@eaDir/DJI_0.JPG/SYNOPHOTO_THUMB_XL.jpg': photo(1),
    '.@__thumb/DJI_0.JPG': photo(2),
    'Thumbs.db': Buffer.from('x'),
  });
  expect(summary).toMatchObject({ accepted: 3, rejected: [] });
  await expect(takeIn({ '@eaDir/a/b.jpg': photo(1) })).rejects.toMatchObject(
    rejection('INPUT_NOT_FOUND', 'there is nothing but thumbnails, hidden files and the like at s3://'),
  );
});

test.each([
  ['photos.7z', 'an archive of a kind that is not read'],
  ['photos.rar', 'an archive of a kind that is not read'],
  ['photos.tar.xz', 'an archive of a kind that is not read'],
  ['DJI_0001.JPG', 'a single photo'],
  ['photos', 'of a kind that is not read'],
])('I10: the address of the object %s says that this is one file', async (name, kind) => {
  await expect(takeIn({ [name]: photo(1) }, `${name}/`)).rejects.toMatchObject(
    rejection('INPUT_UNSUPPORTED', `${name} is one file, ${kind}; what is read is a folder, .zip, .tar, .tar.gz`),
  );
});

test('I10: a folder with the ending of an archive is a folder', async () => {
  const files = Object.fromEntries(Object.entries(goodPhotos(3)).map(([name, body]) => [`site.zip/${name}`, body]));
  expect((await takeIn(files, 'site.zip')).summary.accepted).toBe(3);
});

test('I13: truncated PNGs are left out before a machine is rented', async () => {
  const whole = greyPng(640, 480, 60);
  const { summary, reasons } = await takeIn({
    'a.png': greyPng(640, 480, 61),
    'b.png': Buffer.concat([greyPng(640, 480, 62), Buffer.from('appended')]),
    'c.png': greyPng(640, 480, 63),
    'cut.png': whole.subarray(0, Math.floor(whole.length * 0.6)),
  });
  expect(summary.accepted).toBe(3);
  expect(reasons).toEqual({ 'cut.png': 'the PNG is truncated: its end is missing' });
});

test('S04: a position in XMP alone stands in the manifest', async () => {
  const xmp = xmpSegment(djiXmp({ GpsLatitude: '+45.5', GpsLongtitude: '-7.25', AbsoluteAltitude: '+120.5' }));
  const { manifest } = await takeIn({ ...goodPhotos(2), 'DJI_9.JPG': afterStart(photo(9), xmp) });
  expect(manifest.photos.at(-1)).toMatchObject({ gps: { latitude: 45.5, longitude: -7.25, altitude: 120.5 } });
});

test('S09: colour photos make the scene, and their thermal companions are named', async () => {
  const pairs = Array.from({ length: 4 }, (_, i): [string, Buffer][] => [
    [`DJI_${i}_V.JPG`, greyJpeg(1200, 900, 60 + i)],
    [`DJI_${i}_T.JPG`, greyJpeg(640, 512, 160 + i)],
  ]).flat();
  const { summary, names, reasons } = await takeIn(Object.fromEntries(pairs));
  expect(summary.accepted).toBe(4);
  expect(names.every((name) => name.endsWith('_V.JPG'))).toBe(true);
  expect(reasons['DJI_2_T.JPG']).toBe('a thermal picture (640 x 512): DJI_2_V.JPG shows the same moment in colour');
});
