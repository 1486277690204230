/** The endpoint as a process of its own: start, restart, and being killed at a bad moment. */
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { startProcess, type RunningProcess } from '../entry-point';
import {
  ACCESS_KEY_ID,
  BUCKET,
  clientFor,
  patternBytes,
  REGION,
  removeFolder,
  SECRET_ACCESS_KEY,
  send,
  temporaryFolder,
} from './harness';
import { waitFor } from '../../helpers/wait-for';

const MIB = 1024 * 1024;

let root: string;
const started: RunningProcess[] = [];

beforeEach(async () => {
  root = path.join(await temporaryFolder(), 'root');
});

afterEach(async () => {
  for (const { child } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
  await removeFolder(path.dirname(root));
});

async function start(more: Record<string, string> = {}): Promise<{ running: RunningProcess; client: S3Client }> {
  const running = await startProcess('s3', {
    SPACEPORT_S3_PORT: '0',
    SPACEPORT_S3_ROOT: root,
    AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_REGION: REGION,
    ...more,
  });
  started.push(running);
  return { running, client: clientFor(running.ready.listening!, { requestChecksumCalculation: 'WHEN_REQUIRED' }) };
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(path.join(root, directory), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a missing setting is named and the process ends', async () => {
  await expect(startProcess('s3', { SPACEPORT_S3_PORT: 'many' })).rejects.toThrow(
    /SPACEPORT_S3_PORT[\s\S]*SPACEPORT_S3_ROOT[\s\S]*AWS_ACCESS_KEY_ID/,
  );
});

test('SIGTERM ends it with status 0', async () => {
  const { running } = await start();

  expect(running.ready.listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await running.stop('SIGTERM')).toBe(0);
});

test('on all addresses of a container it answers under the names that it was given, and no others', async () => {
  const { running } = await start({
    SPACEPORT_S3_HOST: '0.0.0.0',
    SPACEPORT_S3_ALLOWED_HOSTS: 's3:9000',
    SPACEPORT_PUBLIC_S3_ENDPOINT: 'https://photos.example:9443',
  });
  const endpoint = running.ready.listening!;
  expect(endpoint).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  const { port } = new URL(endpoint);
  const askAs = (host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, headers: { host } }, (response) => resolve(text(response)))
        .on('error', reject)
        .end();
    });

  expect(await askAs('rebound.example:9000')).toContain('is not served here');
  for (const host of ['s3:9000', 'photos.example:9443', `127.0.0.1:${port}`])
    expect(await askAs(host)).not.toContain('is not served here');
});

test('C03: pages of each origin that it was given may read its answers, pages of others may not', async () => {
  const origins = ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000'];
  const withPath = 'https://spaceport.example/below/';
  const { running } = await start({ SPACEPORT_S3_CORS_ORIGINS: [...origins, withPath].join(', ') });
  const allowedFor = async (origin: string): Promise<unknown> => {
    const { headers } = await send(`${running.ready.listening!}/${BUCKET}/scene.sog`, { headers: { origin } });
    return headers['access-control-allow-origin'];
  };

  for (const origin of [...origins, 'https://spaceport.example']) expect(await allowedFor(origin)).toBe(origin);
  expect(await allowedFor('http://localhost:3001')).toBeUndefined();
});

test('a setting that is not an address is named', async () => {
  await expect(start({ SPACEPORT_S3_HOST: 'everywhere' })).rejects.toThrow(/SPACEPORT_S3_HOST/);
  await expect(start({ SPACEPORT_PUBLIC_S3_ENDPOINT: 's3.example' })).rejects.toThrow(/SPACEPORT_PUBLIC_S3_ENDPOINT/);
  await expect(start({ SPACEPORT_S3_CORS_ORIGINS: 'spaceport' })).rejects.toThrow(/SPACEPORT_S3_CORS_ORIGINS/);
});

test('objects and unfinished uploads survive a SIGKILL', async () => {
  const first = await start();
  await first.client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const Key of ['b/2', 'a', 'b/1', '../c'])
    await first.client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key,
        Body: `content of ${Key}`,
        Metadata: { m: 'v' },
      }),
    );
  const upload = { Bucket: BUCKET, Key: 'large' };
  const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(upload));
  const bytes = patternBytes(5 * MIB + 10);
  const one = await first.client.send(
    new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: bytes.subarray(0, 5 * MIB) }),
  );
  await first.running.stop('SIGKILL');

  const { client } = await start();
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toEqual(['../c', 'a', 'b/1', 'b/2']);
  const object = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'b/1' }));
  expect([await object.Body!.transformToString(), object.Metadata]).toEqual(['content of b/1', { m: 'v' }]);
  expect((await client.send(new ListPartsCommand({ ...upload, UploadId }))).Parts).toHaveLength(1);
  const two = await client.send(
    new UploadPartCommand({ ...upload, UploadId, PartNumber: 2, Body: bytes.subarray(5 * MIB) }),
  );
  const Parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
  const whole = await client.send(new GetObjectCommand(upload));
  expect(Buffer.from(await whole.Body!.transformToByteArray()).equals(bytes)).toBe(true);
});

test('a kill in mid-upload leaves the old object, no new one, and no bytes behind', async () => {
  const first = await start();
  await first.client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await first.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'replaced', Body: 'old' }));
  for (const Key of ['replaced', 'new']) {
    const url = await getSignedUrl(first.client, new PutObjectCommand({ Bucket: BUCKET, Key }));
    const upload = httpRequest(url, { method: 'PUT', headers: { 'content-length': 4 * MIB } });
    upload.on('error', () => undefined); // the connection breaks with the process
    upload.write(patternBytes(2 * MIB));
  }
  // Its bytes arrive on disk while the upload still runs.
  await waitFor('both uploads are on disk', async () => (await filesBelow('blobs')).length === 3);
  await first.running.stop('SIGKILL');

  const { client } = await start();

  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key, Size }) => [Key, Size])).toEqual([['replaced', 3]]);
  expect(await filesBelow('blobs')).toHaveLength(1);
  expect(await filesBelow('scratch')).toHaveLength(0);
});

test('a client that breaks off in mid-upload leaves nothing', async () => {
  const { client } = await start();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const upload = httpRequest(await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'broken' })), {
    method: 'PUT',
    headers: { 'content-length': 4 * MIB },
  });
  upload.write(patternBytes(1 * MIB));
  await waitFor('the upload is on disk', async () => (await filesBelow('blobs').catch(() => [])).length === 1);
  upload.destroy();
  await once(upload, 'error');

  await waitFor('its bytes are gone', async () => (await filesBelow('blobs')).length === 0);
  await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'broken' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});
