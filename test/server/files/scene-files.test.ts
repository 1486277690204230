import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { layout } from '../../../contracts/storage/layout';
import { createJobStore } from '../../../server/jobs/store';
import { findBrowser } from '../../helpers/browser';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';
import { jobRecord, testApp, testConfig } from '../helpers';

const browser = findBrowser('files of a scene in a browser');
const inBrowser = browser === null ? test.skip : test;

const FILES: Readonly<Record<string, string>> = {
  'scene.sog': '0123456789',
  'scene.json': '{"version":1}',
  'model.ply': 'ply',
  'scene/lod-meta.json': '{"version":1,"filenames":["0_0/meta.json"]}',
  'scene/0_0/meta.json': '{"means":{"files":["means_l.webp"]}}',
  'scene/0_0/means_l.webp': 'webp',
  'scene/0_0/secret.txt': 'secret',
};

let s3: RunningS3;
let server: Server;
let publicUrl: string;
let scene: string;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  scene = `${publicUrl}/v1/jobs/job123456/scene/`;
  s3 = await startS3({ corsOrigins: [publicUrl] });
  const client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [name, Body] of Object.entries(FILES))
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: layout.resultFolder('job123456') + name, Body }));
  const { app, job } = testApp({
    config: { ...testConfig, publicUrl, publicS3Endpoint: s3.endpoint },
    store: createJobStore({ s3: client, signing: client, bucket: BUCKET }),
  });
  const files = ['scene.sog', 'scene.json', 'model.ply'].map((name) => ({ name, bytes: 1 }));
  job(jobRecord({ state: 'succeeded', result: { files } }), null);
  job(jobRecord({ jobId: 'running12', state: 'running' }), null);
  server.on('request', app);
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await s3?.close();
  await removeFolder(s3.root);
});

test.each([
  ['scene.sog', 'scene.sog', 'application/octet-stream'],
  ['scene.json', 'scene.json', 'application/json'],
  ['lod-meta.json', 'scene/lod-meta.json', 'application/json'],
  ['0_0/meta.json', 'scene/0_0/meta.json', 'application/json'],
  ['0_0/means_l.webp', 'scene/0_0/means_l.webp', 'image/webp'],
])('%s of a scene is read by its name, whole, in part, and its head', async (name, stored, mediaType) => {
  const content = FILES[stored] ?? '';
  const whole = await fetch(scene + name);
  expect([whole.status, whole.redirected, await whole.text()]).toEqual([200, true, content]);
  expect(whole.headers.get('content-type')).toBe(mediaType);
  expect(whole.headers.get('content-disposition')).toBe('inline');
  const part = await fetch(scene + name, { headers: { range: 'bytes=1-2' } });
  expect([part.status, await part.text()]).toEqual([206, content.slice(1, 3)]);
  const head = await fetch(scene + name, { method: 'HEAD', redirect: 'manual' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(content.length)]);
  expect(head.headers.get('etag')).toBe(whole.headers.get('etag'));
});

test('each request is answered by a link of its own, which nothing keeps', async () => {
  const answer = await fetch(`${scene}lod-meta.json`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
  expect(answer.headers.get('location')).toContain('X-Amz-Expires=300');
});

test.each([
  'model.ply',
  'report.json',
  '0_0/secret.txt',
  '0_0/shN_labels.webp',
  'scene/lod-meta.json',
  '..%2Fscene.sog',
  '0_0%2F..%2F..%2Fscene.json',
  '%2e%2e/%2e%2e/job.json',
  '0_0/%00.webp',
  `${'a/'.repeat(500)}b.webp`,
])('%s is no file of the scene', async (name) => {
  for (const method of ['GET', 'HEAD'])
    expect([name, (await fetch(scene + name, { method, redirect: 'manual' })).status]).toEqual([name, 404]);
});

test('a job without a result has no scene', async () => {
  for (const name of ['scene.sog', 'lod-meta.json'])
    expect((await fetch(`${publicUrl}/v1/jobs/running12/scene/${name}`)).status).toBe(404);
});

inBrowser(
  'a page of the server reads a streamed scene from the storage, under its own policy',
  async () => {
    const script = path.join(__dirname, 'read-scene.mjs');
    const args = [script, browser ?? '', `${publicUrl}/sign-in`, '/v1/jobs/job123456/scene/'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({
      problems: [],
      index: {
        status: 200,
        redirected: true,
        type: 'application/json',
        range: null,
        body: FILES['scene/lod-meta.json'],
      },
      chunk: {
        status: 200,
        redirected: true,
        type: 'application/json',
        range: null,
        body: FILES['scene/0_0/meta.json'],
      },
      part: { status: 206, redirected: true, type: 'application/octet-stream', range: 'bytes 2-4/10', body: '234' },
      tail: { status: 206, redirected: true, type: 'application/octet-stream', range: 'bytes 7-9/10', body: '789' },
      head: { status: 200, redirected: false, type: 'application/octet-stream', range: null, body: '' },
      missing: 404,
    });
  },
  60_000,
);
