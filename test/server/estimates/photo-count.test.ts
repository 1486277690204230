import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { countOf, createPhotoCount } from '../../../server/estimates/photo-count';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

let s3: RunningS3;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await s3?.close();
  await removeFolder(s3.root);
});

const put = (Key: string, bytes = 1): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Buffer.alloc(bytes) }));
const count = (key: string, bucket = BUCKET) => createPhotoCount(client)({ bucket, key });

test('photos below a folder are counted by their names; thumbnails, tables and hidden files are none', async () => {
  for (const name of ['a.JPG', 'sub/b.jpeg', 'sub/c.png', 'geo.txt', '.thumbnails/a.jpg', '._a.JPG', 'notes.pdf'])
    await put(`flight/${name}`);
  expect(await count('flight/')).toEqual({ low: 3, high: 3 });
  expect(await count('flight/sub/')).toEqual({ low: 2, high: 2 });
});

test('of an archive the size says about how many; also where it is all that a folder holds', async () => {
  await put('zipped/photos.zip', 30_000_000);
  await put('zipped/geo.txt');
  const about = { low: 2, high: 15 };
  expect(await count('zipped/photos.zip')).toEqual(about);
  expect(await count('zipped/')).toEqual(about);
  expect(countOf([{ name: 'small.zip', bytes: 10 }])).toEqual({ low: 1, high: 1 });
});

test('a folder that ends like an archive is a folder', async () => {
  await put('odd.zip/a.jpg');
  expect(await count('odd.zip')).toEqual({ low: 1, high: 1 });
});

test('nothing, no photos, several archives, and no bucket are null', async () => {
  await put('tables/a.csv');
  await put('two/a.zip');
  await put('two/b.zip');
  for (const key of ['nothing/', 'nothing.zip', 'tables/', 'two/'])
    expect([key, await count(key)]).toEqual([key, null]);
  expect(await count('x/', 'no-such-bucket')).toBeNull();
});
