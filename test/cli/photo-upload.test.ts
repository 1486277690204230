import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { takenByUploads } from '../../cli/server/api-upload';
import { UsageError } from '../../cli/usage-error';
import { findPhotos, sentence, uploadPhotos } from '../../cli/server/photo-upload';
import { BUCKET, removeFolder, startS3, temporaryFolder, type RunningS3 } from '../local/s3/harness';

let storage: RunningS3;
let s3: S3Client;
let folder: string;

beforeAll(async () => {
  storage = await startS3();
  s3 = storage.client();
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterAll(async () => {
  await storage.close();
  await removeFolder(storage.root);
});

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => removeFolder(folder));

const upload = async (source: string): Promise<string> =>
  uploadPhotos(s3, BUCKET, await findPhotos(source), new AbortController().signal);

async function keysBelow(s3Url: string): Promise<Record<string, number>> {
  const prefix = s3Url.slice(`s3://${BUCKET}/`.length);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return Object.fromEntries(Contents.map(({ Key, Size }) => [Key!.slice(prefix.length), Size!]));
}

test('a folder is uploaded with its folders, without hidden files, to a place of its own that has its name', async () => {
  await mkdir(path.join(folder, 'second flight'));
  await writeFile(path.join(folder, 'DJI_0001.JPG'), 'one');
  await writeFile(path.join(folder, 'second flight', 'Fjord Ø.JPG'), 'three');
  await writeFile(path.join(folder, '.DS_Store'), 'hidden');
  const s3Url = await upload(folder);
  expect(s3Url).toMatch(/^s3:\/\/photos-under-test\/uploads\/local\/[0-9a-f-]{36}\//);
  expect(s3Url.endsWith(`/${path.basename(folder)}/`)).toBe(true);
  expect(await keysBelow(s3Url)).toEqual({ 'DJI_0001.JPG': 3, 'second flight/Fjord Ø.JPG': 5 });
  expect(await upload(folder)).not.toBe(s3Url);
});

test('an archive is uploaded as it is, for intake to unpack', async () => {
  const archive = path.join(folder, 'flight.zip');
  await writeFile(archive, 'PK');
  const s3Url = await upload(archive);
  expect(s3Url).toMatch(/\/flight\.zip$/);
  expect(await keysBelow(s3Url)).toEqual({ '': 2 });
});

test('an upload that finds no room on the disk says so, how far it came, and what to do', async () => {
  const full = await startS3({
    root: storage.root,
    around: (operation, _exchange, proceed) =>
      operation === 'PutObject'
        ? Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
        : proceed(),
  });
  await writeFile(path.join(folder, 'DJI_0001.JPG'), 'one');
  const never = new AbortController().signal;
  const uploading = uploadPhotos(full.client({ maxAttempts: 1 }), BUCKET, await findPhotos(folder), never);
  await expect(uploading).rejects.toThrow(UsageError);
  await expect(uploading).rejects.toThrow(/disk of this machine is full \(0 of 1 .*\): free space, then start again/);
  await full.close();
});

test('anything but a folder or an archive is refused before anything is uploaded', async () => {
  const photo = path.join(folder, 'one.jpg');
  await writeFile(photo, 'x');
  await expect(upload(photo)).rejects.toThrow(UsageError);
  await expect(upload(path.join(folder, 'missing'))).rejects.toThrow(`there is no ${folder}/missing`);
});

test('I10: a folder with nothing to send is refused before anything is started', async () => {
  await mkdir(path.join(folder, 'empty'));
  await expect(findPhotos(folder)).rejects.toThrow(`there is no file in ${folder}`);
  await mkdir(path.join(folder, '@eaDir'));
  await writeFile(path.join(folder, '@eaDir', 'thumb.jpg'), 'x');
  await writeFile(path.join(folder, 'Thumbs.db'), 'x');
  await expect(findPhotos(folder)).rejects.toThrow(
    `there is nothing to send in ${folder}: its 2 files are thumbnails, hidden files and others that are no photos`,
  );
  await writeFile(path.join(folder, 'flight.zip'), '');
  await expect(findPhotos(path.join(folder, 'flight.zip'))).rejects.toThrow('is empty: it has 0 bytes');
});

test('I06: what is sent and what is left out is said in a line', async () => {
  await writeFile(path.join(folder, 'DJI_0001.JPG'), 'one');
  expect(sentence(await findPhotos(folder))).toBe(`Sending one photo of ${folder}`);
  await writeFile(path.join(folder, 'DJI_0002.JPG'), 'two');
  await symlink(path.join(folder, 'DJI_0002.JPG'), path.join(folder, 'linked.JPG'));
  await mkdir(path.join(folder, '.@__thumb'));
  await writeFile(path.join(folder, '.@__thumb', 'DJI_0001.JPG'), 'x');
  const photos = await findPhotos(folder);
  const leftOut = 'thumbnails, hidden files and others that are no photos';
  expect(sentence(photos)).toBe(`Sending 3 photos of ${folder}; 1 left out (${leftOut})`);
  expect(await keysBelow(await upload(folder))).toEqual({ 'DJI_0001.JPG': 3, 'DJI_0002.JPG': 3, 'linked.JPG': 3 });
});

test('a README is no photo, and is not sent where uploads take none', async () => {
  for (const name of ['DJI_0001.JPG', 'DJI_0002.JPG', 'README']) await writeFile(path.join(folder, name), name);
  const photos = await findPhotos(folder);
  expect(sentence(photos)).toBe(`Sending 2 photos and one other file of ${folder}`);
  expect(sentence(takenByUploads(photos))).toMatch(/^Sending 2 photos of .*; 1 left out \(/);
});

test('a file that cannot be read is named', async () => {
  const photo = path.join(folder, 'DJI_0001.JPG');
  await writeFile(photo, 'one');
  const photos = await findPhotos(folder);
  await rm(photo);
  await expect(uploadPhotos(s3, BUCKET, photos, new AbortController().signal)).rejects.toThrow(
    `${photo} cannot be read (ENOENT)`,
  );
});
