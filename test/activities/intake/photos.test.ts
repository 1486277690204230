import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { buffer } from 'node:stream/consumers';
import tar from 'tar-stream';
import { ZipFile } from 'yazl';
import { ARCHIVE_LIMITS, unpackArchive } from '../../../activities/intake/archive';
import { createPhotoActivities, type IntakeInput } from '../../../activities/intake/photos';
import type { PhotoSummary } from '../../../contracts/job/record';
import type { PhotoManifest } from '../../../contracts/storage/photo-manifest';
import { layout } from '../../../contracts/storage/layout';
import { greyJpeg, heicHeader, pngHeader } from '../../helpers/photos';
import { removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

const BUCKET = 'spaceport';
let server: RunningS3;
let s3: S3Client;
let jobs = 0;

beforeAll(async () => {
  server = await startS3();
  s3 = server.client();
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await server?.close();
  await removeFolder(server.root);
});

const photo = (shade: number): Buffer => greyJpeg(640, 480, shade);
const goodPhotos = (count: number): Record<string, Buffer> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`DJI_${i}.JPG`, photo(100 + i)]));

/** Uploads files as one job's input and takes them in. */
async function intake(
  files: Record<string, Buffer>,
  archive: string | null = null,
  limits: Partial<IntakeInput> = {},
): Promise<{ jobId: string; summary: PhotoSummary }> {
  const jobId = `testjob${(jobs += 1)}`;
  const folder = layout.uploadFolder('local', jobId);
  for (const [name, Body] of Object.entries(files))
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: folder + name, Body }));
  const { intakePhotos } = createPhotoActivities({ s3, bucket: BUCKET, inputBuckets: [BUCKET] });
  const input = {
    jobId,
    location: { bucket: BUCKET, key: folder + (archive ?? '') },
    minPhotos: 3,
    maxPhotos: 100,
    ...limits,
  };
  return {
    jobId,
    summary: await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<
      [IntakeInput],
      PhotoSummary,
      typeof intakePhotos
    >(intakePhotos, input),
  };
}

async function readJson<T>(key: string): Promise<T> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return JSON.parse((await Body?.transformToString()) ?? 'null') as T;
}

async function zip(files: Record<string, Buffer>): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, content] of Object.entries(files)) file.addBuffer(content, name);
  file.end();
  return await buffer(file.outputStream);
}

async function tarball(
  entries: { name: string; type?: 'symlink' | 'file'; linkname?: string; content?: Buffer }[],
): Promise<Buffer> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? Buffer.alloc(0));
  pack.finalize();
  return await buffer(pack);
}

const rejection = (code: string, text: string): object => ({
  type: code,
  message: expect.stringContaining(text) as string,
});

test('good photos in nested folders are accepted, and the SfM job is told exactly those', async () => {
  const { jobId, summary } = await intake({
    ...goodPhotos(3),
    'strip 2/DJI_0.JPG': photo(50),
    'strip 2/.DS_Store': Buffer.from('x'),
  });
  expect(summary).toMatchObject({ accepted: 4, rejected: [] });
  const list = await readJson<[{ prefix: string }, ...string[]]>(layout.photoList(jobId));
  expect(list).toEqual([
    { prefix: `s3://${BUCKET}/uploads/local/${jobId}/` },
    'DJI_0.JPG',
    'DJI_1.JPG',
    'DJI_2.JPG',
    'strip 2/DJI_0.JPG',
  ]);
});

test('files that cannot be used are left out, counted and explained', async () => {
  const { jobId, summary } = await intake({
    ...goodPhotos(4),
    'truncated.jpg': photo(90).subarray(0, 400),
    'header-only.jpg': photo(90).subarray(0, 40),
    'again.jpg': photo(100),
    'phone.heic': heicHeader(),
    'notes.txt': Buffer.from('hello'),
    'empty.jpg': Buffer.alloc(0),
    'tiny.jpg': greyJpeg(8, 8),
    'bomb.png': pngHeader(60_000, 60_000),
    'map.png': pngHeader(800, 600),
  });
  expect(summary.accepted).toBe(5);
  const reasons = Object.fromEntries(summary.rejected.map(({ name, reason }) => [name, reason]));
  expect(reasons).toEqual({
    'truncated.jpg': 'the JPEG is truncated: its end is missing',
    'header-only.jpg': 'the JPEG is truncated or damaged',
    'again.jpg': expect.any(String) as string,
    'phone.heic': expect.stringContaining('HEIC is not supported') as string,
    'notes.txt': 'this is not a photo',
    'empty.jpg': 'the file is empty',
    'tiny.jpg': '8 x 8 pixels are too few',
    'bomb.png': '60000 x 60000 pixels are too many',
  });
  const manifest = await readJson<PhotoManifest>(layout.manifest(jobId));
  expect(manifest.photos).toHaveLength(13);
  expect(manifest.photos.find(({ name }) => name === 'map.png')).toMatchObject({ used: true, width: 800, height: 600 });
});

test('one photo twice counts once, and the second says which the first is', async () => {
  const { summary } = await intake({ ...goodPhotos(3), 'copy.jpg': photo(100) });
  expect(summary).toMatchObject({
    accepted: 3,
    rejected: [{ name: 'copy.jpg', reason: 'the same photo as DJI_0.JPG' }],
  });
});

test('too few, none, too many and nothing at all each have their own code', async () => {
  await expect(intake(goodPhotos(2))).rejects.toMatchObject(rejection('TOO_FEW_PHOTOS', '2 usable photos, at least 3'));
  await expect(intake({ 'a.txt': Buffer.from('a'), 'b.txt': Buffer.from('b') })).rejects.toMatchObject(
    rejection('NO_PHOTOS', 'a.txt: this is not a photo'),
  );
  await expect(intake(goodPhotos(4), null, { maxPhotos: 3 })).rejects.toMatchObject(
    rejection('TOO_MANY_PHOTOS', '4 photos'),
  );
  await expect(intake({})).rejects.toMatchObject(rejection('INPUT_NOT_FOUND', 'there is nothing at'));
  await expect(intake({}, 'missing.zip')).rejects.toMatchObject(rejection('INPUT_NOT_FOUND', 'missing.zip'));
});

test("another bucket and another job's folder are refused", async () => {
  const place = (bucket: string, key: string): Partial<IntakeInput> => ({ location: { bucket, key } });
  await expect(intake({}, null, place('elsewhere', 'x/'))).rejects.toMatchObject(
    rejection('INPUT_FORBIDDEN', 'elsewhere'),
  );
  await expect(intake({}, null, place(BUCKET, 'jobs/abc/'))).rejects.toMatchObject(
    rejection('INPUT_FORBIDDEN', 'jobs/abc'),
  );
});

describe('archives', () => {
  test('a zip and a tar are unpacked below the job and taken in', async () => {
    const photos = goodPhotos(3);
    const zipped = await intake(
      { 'set.zip': await zip({ ...photos, 'sub/x.JPG': photo(30), '__MACOSX/._x.JPG': Buffer.from('x') }) },
      'set.zip',
    );
    expect(zipped.summary).toMatchObject({ accepted: 4, rejected: [] });
    const list = await readJson<[{ prefix: string }, ...string[]]>(layout.photoList(zipped.jobId));
    expect(list[0].prefix).toBe(`s3://${BUCKET}/${layout.unpackedFolder(zipped.jobId)}`);
    const packed = await tarball(Object.entries(photos).map(([name, content]) => ({ name, content })));
    expect((await intake({ 'set.tar': packed }, 'set.tar')).summary.accepted).toBe(3);
  });

  test('paths that lead outside and links are refused, and nothing is unpacked outside the job', async () => {
    const evil = await zip({ ...goodPhotos(3), 'xx/evil.jpg': photo(1) });
    const escaped = Buffer.from(evil.toString('latin1').replaceAll('xx/evil', '../evil'), 'latin1');
    await expect(intake({ 'set.zip': escaped }, 'set.zip')).rejects.toMatchObject(
      rejection('ARCHIVE_UNSAFE', 'evil.jpg'),
    );
    await expect(
      intake({ 'set.tar': await tarball([{ name: '/etc/passwd', content: photo(1) }]) }, 'set.tar'),
    ).rejects.toMatchObject(rejection('ARCHIVE_UNSAFE', '/etc/passwd'));
    const link = await tarball([{ name: 'a.jpg', type: 'symlink', linkname: '/etc/passwd' }]);
    await expect(intake({ 'set.tar': link }, 'set.tar')).rejects.toMatchObject(rejection('ARCHIVE_UNSAFE', 'a.jpg'));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'jobs/' }));
    expect(Contents.filter(({ Key }) => /evil|passwd/.test(Key ?? ''))).toEqual([]);
  });

  test('a bomb ends as soon as it shows', async () => {
    const bomb = await zip({ 'a.jpg': Buffer.alloc(64 * 2 ** 20) });
    expect(bomb.length).toBeLessThan(2 ** 18);
    await expect(intake({ 'set.zip': bomb }, 'set.zip')).rejects.toMatchObject(
      rejection('ARCHIVE_TOO_LARGE', 'times its size'),
    );
  });

  test('too many files and too many bytes are refused by what comes out, not by what the archive says', async () => {
    const Key = 'uploads/local/limits/set.zip';
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await zip(goodPhotos(5)) }));
    const drain = async (_: string, content: AsyncIterable<unknown>): Promise<void> => {
      for await (const chunk of content) void chunk;
    };
    const unpack = (limits: object): Promise<void> =>
      unpackArchive({ s3, archive: { bucket: BUCKET, key: Key }, signal: new AbortController().signal }, drain, {
        ...ARCHIVE_LIMITS,
        ...limits,
      });
    await expect(unpack({ entries: 4 })).rejects.toMatchObject(rejection('ARCHIVE_TOO_LARGE', 'more than 4 files'));
    await expect(unpack({ totalBytes: 1000 })).rejects.toMatchObject(
      rejection('ARCHIVE_TOO_LARGE', 'more than 1000 bytes'),
    );
  });

  test('a file that only has the name of an archive is refused', async () => {
    await expect(
      intake({ 'set.zip': Buffer.from('not a zip at all, not even nearly') }, 'set.zip'),
    ).rejects.toMatchObject(rejection('ARCHIVE_INVALID', 'cannot be read'));
    await expect(intake({ 'set.tar.gz': Buffer.from('nor this') }, 'set.tar.gz')).rejects.toMatchObject(
      rejection('ARCHIVE_INVALID', 'cannot be read'),
    );
    const whole = await zip(goodPhotos(3));
    await expect(intake({ 'set.zip': whole.subarray(0, whole.length - 100) }, 'set.zip')).rejects.toMatchObject(
      rejection('ARCHIVE_INVALID', 'cannot be read'),
    );
  });
});
