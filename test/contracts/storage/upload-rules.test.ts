import fc from 'fast-check';
import { layout, uploadAt } from '../../../contracts/storage/layout';
import { arrivalOf, nameFromFiles } from '../../../contracts/storage/upload-manifest';
import {
  manifestProblems,
  MAX_PARTS,
  MAX_UPLOAD_BYTES,
  partBytes,
  uploadMediaType,
  uploadNameProblem,
  type AnnouncedFile,
} from '../../../contracts/storage/upload-rules';
import { isUnwanted } from '../../../contracts/storage/unwanted-files';

const UPLOAD_ID = '0123456789abcdef0123456789abcdef';
const FOLDER = layout.uploadPhotosFolder('local', UPLOAD_ID);

const problemsOf = (...files: (string | Partial<AnnouncedFile>)[]): string[] =>
  manifestProblems(
    files.map((file) => ({ name: 'a.jpg', bytes: 1000, ...(typeof file === 'string' ? { name: file } : file) })),
    FOLDER,
  ).map(({ field, message }) => `${field} ${message}`);

test.each([
  'DJI_0001.JPG',
  'flight-1/DJI_0001.jpeg',
  'ältere Bilder/été 2.png',
  'a+b & c%20#1?.jpg',
  '写真.jpg',
  'photos.zip',
  'flight.TAR.GZ',
  'flight.tgz',
  'geo.txt',
  'deep/gcp_list.txt',
  'positions.csv',
  `${'a'.repeat(250)}.jpg`,
])('%j may be uploaded', (name) => {
  expect(uploadNameProblem(name, FOLDER)).toBeNull();
  expect(uploadMediaType(name)).not.toBeNull();
});

test.each([
  ['', /empty/],
  ['../a.jpg', /"\.\."/],
  ['a/../../b.jpg', /"\.\."/],
  ['./a.jpg', /"\."/],
  ['/etc/a.jpg', /below the folder/],
  ['C:/a.jpg', /below the folder/],
  ['a\\b.jpg', /separate folders/],
  ['a//b.jpg', /empty folder/],
  ['a/', /empty folder/],
  ['a\u0000.jpg', /control/],
  ['a\nb.jpg', /control/],
  ['a\u202egpj.exe.jpg', /direction/],
  ['a\ud800.jpg', /control/],
  [`${'a'.repeat(252)}.jpg`, /255 bytes/],
  [`${'é'.repeat(126)}.jpg`, /255 bytes/],
  [`${'abcdefghi/'.repeat(110)}a.jpg`, /in UTF-8/],
  ['.DS_Store', /hidden/],
  ['@eaDir/a.jpg', /hidden/],
  ['DJI_0001.MRK', /hidden/],
  ['MISC/THM/100/a.jpg', /hidden/],
  ['a.exe', /not taken/],
  ['a.html', /not taken/],
  ['a.svg', /not taken/],
  ['a.heic', /not taken/],
  ['notes.txt', /not taken/],
  ['a.constructor', /not taken/],
  ['jpg', /not taken/],
] as const)('%j may not', (name, message) => {
  expect(uploadNameProblem(name, FOLDER)).toMatch(message);
});

test('a key has 1024 bytes at most, folder included', () => {
  const path = 'abcdefghi/'.repeat(94);
  const room = 1024 - Buffer.byteLength(FOLDER) - path.length - '.jpg'.length;
  expect(uploadNameProblem(`${path}${'x'.repeat(room)}.jpg`, FOLDER)).toBeNull();
  expect(uploadNameProblem(`${path}${'x'.repeat(room + 1)}.jpg`, FOLDER)).toMatch(/at most/);
});

test('no name that is taken leads out of its folder, or is hidden from intake', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', '/', '\\', '.jpg', 'C:', '%2e', '\u0000')), (parts) => {
      const name = parts.join('');
      if (uploadNameProblem(name, FOLDER) !== null) return;
      expect(new URL(name.split('/').map(encodeURIComponent).join('/'), `http://s3/b/${FOLDER}`).pathname).toMatch(
        new RegExp(`^/b/${FOLDER}`),
      );
      expect(isUnwanted(name)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('sizes have limits by kind and in total', () => {
  expect(problemsOf({ bytes: 0 })).toEqual(['files.0.bytes is 0: the file is empty']);
  expect(problemsOf({ bytes: 2 ** 30 + 1 })).toEqual(['files.0.bytes is too large: a photo has 1 GB at most']);
  expect(problemsOf('b.jpg', { name: 'geo.txt', bytes: 5 * 2 ** 20 })).toEqual([
    'files.1.bytes is too large: a file of positions has 4 MB at most',
  ]);
  expect(problemsOf({ name: 'a.zip', bytes: MAX_UPLOAD_BYTES })).toEqual([]);
  expect(problemsOf({ name: 'a.zip', bytes: MAX_UPLOAD_BYTES + 1 })).toEqual([
    'files.0.bytes is too large: an archive has 256 GB at most',
  ]);
  const many = Array.from({ length: 257 }, (_, index) => ({ name: `${index}.jpg`, bytes: 2 ** 30 }));
  expect(problemsOf(...many)).toEqual(['files must have 256 GB at most in all']);
});

test('an upload holds photos or one archive, with positions beside them, each name once', () => {
  expect(problemsOf('a.jpg', 'geo.txt')).toEqual([]);
  expect(problemsOf('a.zip', 'geo.txt')).toEqual([]);
  expect(problemsOf('geo.txt')[0]).toMatch(/alone/);
  expect(problemsOf('a.zip', 'b.zip')[0]).toMatch(/one archive at most, not 2/);
  expect(problemsOf('a.zip', 'b.jpg')[0]).toMatch(/not both/);
  expect(problemsOf('a.jpg', 'A.jpg', 'a.jpg')).toEqual(['files.2.name stands in the list twice']);
});

test('a photo of another kind than its name says is refused; types of archives and tables mean nothing', () => {
  expect(problemsOf({ type: 'image/heic' })).toEqual(['files.0.type does not fit the name, which says image/jpeg']);
  for (const type of ['', 'image/jpeg', 'image/jpg', 'IMAGE/JPEG; q=1', 'application/octet-stream', 'constructor'])
    expect(problemsOf({ type })).toEqual([]);
  expect(problemsOf({ name: 'a.zip', type: 'application/x-zip-compressed' })).toEqual([]);
  expect(problemsOf('a.jpg', { name: 'geo.csv', type: 'application/vnd.ms-excel' })).toEqual([]);
});

test('a hundred problems are named, not ten thousand', () => {
  expect(problemsOf(...Array.from({ length: 10_000 }, () => '../a.exe'))).toHaveLength(100);
});

test('files are cut into 8 MiB, or into as many parts as S3 takes', () => {
  expect(partBytes(1)).toBe(8 * 2 ** 20);
  for (const bytes of [80 * 2 ** 30, 100 * 2 ** 30, MAX_UPLOAD_BYTES]) {
    expect(Math.ceil(bytes / partBytes(bytes))).toBeLessThanOrEqual(MAX_PARTS);
    expect(partBytes(bytes) % 2 ** 20).toBe(0);
  }
});

test('an upload is called by its archive, or by the folder that everything is in', () => {
  const named = (...names: string[]): string | null => nameFromFiles(names.map((name) => ({ name })));
  expect(named('Quarry 3.zip', 'geo.txt')).toBe('Quarry 3');
  expect(named('Quarry/a.jpg', 'Quarry/sub/b.jpg', 'geo.txt')).toBe('Quarry');
  expect(named('Quarry/a.jpg', 'b.jpg')).toBeNull();
  expect(named('a.jpg')).toBeNull();
});

test('what arrived is compared by name and size', () => {
  const [first, second, third] = ['a', 'b', 'c'].map((name) => ({ name, bytes: 10, modifiedAt: null }));
  expect(
    arrivalOf(
      [first!, second!, third!],
      new Map([
        ['a', 10],
        ['b', 9],
        ['other', 10],
      ]),
    ),
  ).toEqual({
    arrived: { files: 1, bytes: 10 },
    missing: [third],
    differing: [{ ...second, arrivedBytes: 9 }],
  });
});

test("intake takes neither manifest nor state for photos, and only the API's folders are uploads", () => {
  for (const key of [layout.uploadManifest('local', UPLOAD_ID), layout.uploadCompletion('local', UPLOAD_ID)]) {
    expect(isUnwanted(key.slice(layout.uploadFolder('local', UPLOAD_ID).length))).toBe(true);
    expect(key.startsWith(FOLDER)).toBe(false);
  }
  expect(uploadAt(`${FOLDER}a.jpg`)).toEqual({ tenant: 'local', uploadId: UPLOAD_ID });
  for (const key of ['uploads/local/my-flight/', 'uploads/local/', '', `jobs/local/${UPLOAD_ID}/`])
    expect(uploadAt(key)).toBeNull();
});
