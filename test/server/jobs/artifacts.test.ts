import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { layout } from '../../../contracts/storage/layout';
import { createJobStore } from '../../../server/jobs/store';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';
import { testAttempt } from '../../helpers/records';
import { jobRecord, testApp } from '../helpers';

const MODEL = Buffer.from('ply\n'.repeat(1000));
const FILES = { 'model.ply': MODEL, 'cameras.json': Buffer.from('[]') };
const TYPES = { 'model.ply': 'application/octet-stream', 'cameras.json': 'application/json' };

let s3: RunningS3;
let server: Server;
let jobs: string;
let address: string;

beforeAll(async () => {
  s3 = await startS3();
  const client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [name, Body] of Object.entries(FILES))
    await client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: layout.resultFolder('job123456') + name,
        Body,
        ContentType: TYPES[name as keyof typeof FILES],
      }),
    );
  for (const key of [
    `${layout.resultFolder('job123456')}thumbnails/grid/a.jpg.webp`,
    `${layout.artifactFolder('rejected1', 'sfm', 2, 'x')}thumbnails/a.jpg.webp`,
    `${layout.artifactFolder('rejected1', 'sfm', 2, 'x')}photos.json`,
    `${layout.artifactFolder('rejected1', 'sfm', 2, 'x')}scene.json`,
    `${layout.artifactFolder('rejected1', 'sfm', 1, 'x')}thumbnails/first.jpg.webp`,
  ])
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
  const { app, job } = testApp({ store: createJobStore({ s3: client, signing: client, bucket: BUCKET }) });
  const files = [...Object.keys(FILES), 'poster.jpg'].map((name) => ({ name, bytes: 1 }));
  job(jobRecord({ state: 'succeeded', result: { files } }), null);
  const fit = { photos: 3, registered: 0, parts: [], unfitted: [], unfittedCount: 0 };
  const rejected = { stage: 'sfm', part: null, verdict: 'rejected', failure: null, atMs: 0, acceptedBy: null } as const;
  job(
    jobRecord({
      jobId: 'rejected1',
      state: 'failed',
      attempts: [1, 2].map((attempt) => testAttempt({ stage: 'sfm', attempt })),
      gates: [
        { ...rejected, attempt: 1 },
        { ...rejected, attempt: 2, fit },
      ],
    }),
    null,
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  jobs = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/jobs`;
  address = `${jobs}/job123456/artifacts`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await s3?.close();
  await removeFolder(s3.root);
});

const head = (file: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${address}/${file}`, { method: 'HEAD', headers, redirect: 'manual' });

test.each(['model.ply', 'model.ply?inline', 'cameras.json'])(
  'A02: HEAD on %s answers at once, with the head that GET has behind its redirect',
  async (file) => {
    const answer = await head(file);
    expect(answer.status).toBe(200);
    const whole = await fetch(`${address}/${file}`);
    expect(whole.redirected).toBe(true);
    for (const name of [
      'content-length',
      'content-type',
      'content-disposition',
      'etag',
      'last-modified',
      'accept-ranges',
    ])
      expect([name, answer.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
    expect(Number(answer.headers.get('content-length'))).toBe((await whole.bytes()).length);
  },
);

test('A02: HEAD decides conditions as GET does, and takes no range', async () => {
  const { headers } = await head('model.ply');
  const [etag, modified] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
  const past = 'Thu, 01 Jan 2015 00:00:00 GMT';
  for (const [conditions, status] of [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `"other", ${etag}` }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': modified }, 304],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-unmodified-since': modified }, 200],
    [{ 'if-unmodified-since': 'some day' }, 200],
  ] as const) {
    const answered = await head('model.ply', conditions);
    const got = await fetch(`${address}/model.ply`, { headers: conditions });
    await got.body?.cancel();
    expect([conditions, answered.status, got.status]).toEqual([conditions, status, status]);
    if (status === 304) expect(answered.headers.get('etag')).toBe(etag);
  }
  const ranged = await head('model.ply', { range: 'bytes=0-9' });
  expect([ranged.status, ranged.headers.get('content-length')]).toEqual([200, String(MODEL.length)]);
});

test('A02: a download is resumed through the stable address, however old the first link is', async () => {
  const first = await fetch(`${address}/model.ply`, { headers: { range: 'bytes=0-99' } });
  expect([first.status, (await first.bytes()).length]).toEqual([206, 100]);
  const etag = first.headers.get('etag') ?? '';
  const rest = await fetch(`${address}/model.ply`, { headers: { range: 'bytes=100-', 'if-range': etag } });
  expect([rest.status, rest.headers.get('content-range')]).toEqual([206, `bytes 100-3999/4000`]);
  expect(Buffer.from(await rest.bytes())).toEqual(MODEL.subarray(100));
  // Each request gets a link of its own: nobody may keep the old one.
  const redirect = await fetch(`${address}/model.ply`, { redirect: 'manual' });
  expect([redirect.status, redirect.headers.get('cache-control')]).toEqual([302, 'no-store']);
  const changed = await fetch(`${address}/model.ply`, { headers: { range: 'bytes=100-', 'if-range': '"other"' } });
  expect([changed.status, (await changed.bytes()).length]).toEqual([200, MODEL.length]);
  const beyond = await fetch(`${address}/model.ply`, { headers: { range: 'bytes=4000-' } });
  expect(beyond.status).toBe(416);
});

test('HEAD on a file that was never published, or is gone, says so', async () => {
  for (const file of ['scene.sog', 'poster.jpg', 'job.json']) expect((await head(file)).status).toBe(404);
});

test('a thumbnail is shown by its path below the result', async () => {
  const answer = await fetch(`${address}/thumbnails/grid/a.jpg.webp?inline`);
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
    200,
    'image/webp',
    'inline',
  ]);
  expect(await answer.text()).toContain('/result/thumbnails/grid/a.jpg.webp');
  expect((await head('thumbnails/grid/a.jpg.webp')).headers.get('content-disposition')).toBe(
    'attachment; filename=flight-thumbnails-grid-a.jpg.webp',
  );
  expect((await head('thumbnails/grid/b.jpg.webp')).status).toBe(404);
});

test('of a rejected result photos and what is known of them come from its newest attempt, and nothing else', async () => {
  const rejected = `${jobs}/rejected1/artifacts`;
  for (const file of ['thumbnails/a.jpg.webp', 'photos.json', 'scene.json']) {
    const answer = await fetch(`${rejected}/${file}`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(`/sfm/a02/output/${file}`)]);
  }
  for (const file of ['report.json', 'thumbnails/first.jpg.webp', 'thumbnails/..%2Fphotos.json'])
    expect([file, (await fetch(`${rejected}/${file}`)).status]).toEqual([file, 404]);
});
