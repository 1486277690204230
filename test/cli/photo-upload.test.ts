import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { UsageError } from '../../cli/command-line';
import { uploadPhotos } from '../../cli/photo-upload';
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

const upload = (source: string): Promise<string> => uploadPhotos(s3, BUCKET, source, new AbortController().signal);

async function keysBelow(s3Url: string): Promise<Record<string, number>> {
  const prefix = s3Url.slice(`s3://${BUCKET}/`.length);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return Object.fromEntries(Contents.map(({ Key, Size }) => [Key!.slice(prefix.length), Size!]));
}

test('a folder is uploaded with its folders, without hidden files, to a place of its own', async () => {
  await mkdir(path.join(folder, 'second flight'));
  await writeFile(path.join(folder, 'DJI_0001.JPG'), 'one');
  await writeFile(path.join(folder, 'second flight', 'Fjord Ø.JPG'), 'three');
  await writeFile(path.join(folder, '.DS_Store'), 'hidden');
  const s3Url = await upload(folder);
  expect(s3Url).toMatch(/^s3:\/\/photos-under-test\/uploads\/local\/[0-9a-f-]{36}\/$/);
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

test('anything but a folder or an archive is refused before anything is uploaded', async () => {
  const photo = path.join(folder, 'one.jpg');
  await writeFile(photo, 'x');
  await expect(upload(photo)).rejects.toThrow(UsageError);
  await expect(upload(path.join(folder, 'missing'))).rejects.toThrow(`there is no ${folder}/missing`);
});
