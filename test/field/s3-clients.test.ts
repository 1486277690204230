/** Ordinary S3 clients against local/s3: each puts, lists, gets and deletes a folder of photos. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import {
  ACCESS_KEY_ID,
  BUCKET,
  BucketUnderTest,
  patternBytes,
  REGION,
  removeFolder,
  SECRET_ACCESS_KEY,
} from '../local/s3/harness';
import { CLIENTS, type Place } from './s3-clients/clients';

const MIB = 1024 * 1024;
const PHOTOS: Readonly<Record<string, Buffer>> = {
  'DJI_0001.JPG': patternBytes(300_000),
  'été 2026/DJI_0002 (copy)+1.jpg': patternBytes(20_000),
  'été 2026/写真.jpg': patternBytes(1),
  'west/100%.jpg': patternBytes(70_000),
  'west/ortho.tif': patternBytes(11 * MIB), // in parts
};
const NAMES = Object.keys(PHOTOS).sort();

const bucket = new BucketUnderTest();
let place: Place;
let photos: string;

beforeAll(async () => {
  await bucket.start();
  const home = await mkdtemp(path.join(tmpdir(), 'spaceport-clients-'));
  place = { endpoint: bucket.s3.endpoint, home };
  photos = path.join(home, 'photos');
  for (const [name, bytes] of Object.entries(PHOTOS)) {
    await mkdir(path.dirname(path.join(photos, name)), { recursive: true });
    await writeFile(path.join(photos, name), bytes);
  }
});

afterAll(async () => {
  await bucket.remove();
  await removeFolder(place.home);
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

for (const client of CLIENTS) {
  const missing = 'missing' in client.tool ? client.tool.missing : undefined;
  const title = `A05: ${client.name} puts, lists, gets and deletes a folder of photos`;
  (missing === undefined ? test : test.skip)(missing === undefined ? title : `${title} (${missing})`, async () => {
    const prefix = `uploads/local/${client.name.replaceAll(/\W/g, '-')}/`;
    const back = path.join(place.home, `back-from-${client.name.replaceAll(/\W/g, '-')}`);
    await mkdir(back);

    await client.put(place, photos, prefix);
    expect((await client.list(place, prefix)).sort()).toEqual(NAMES);
    expect(await bucket.keysBelow(prefix)).toHaveLength(NAMES.length);

    await client.get(place, prefix, back);
    expect(await filesBelow(back)).toEqual(NAMES);
    for (const [name, bytes] of Object.entries(PHOTOS))
      expect([name, (await readFile(path.join(back, name))).equals(bytes)]).toEqual([name, true]);

    await client.remove(place, prefix);
    expect(await bucket.keysBelow(prefix)).toEqual([]);
  });
}

test('A05: curl uploads what comes through a pipe, whose length it does not know', async () => {
  const url = `${bucket.s3.endpoint}/${BUCKET}/uploads/local/curl/ortho.tif`;
  const command = `curl --silent --show-error --fail --upload-file - --user "$KEYS" --aws-sigv4 "aws:amz:${REGION}:s3" --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$URL" <"$FILE"`;
  const env = {
    PATH: process.env.PATH,
    KEYS: `${ACCESS_KEY_ID}:${SECRET_ACCESS_KEY}`,
    URL: url,
    FILE: path.join(photos, 'west', 'ortho.tif'),
  };

  await promisify(execFile)('sh', ['-c', command], { env });

  const { ContentLength } = await bucket.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key: 'uploads/local/curl/ortho.tif' }),
  );
  expect(ContentLength).toBe(PHOTOS['west/ortho.tif']!.length);
});
