import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import pino from 'pino';
import { MemoryDeliveries } from '../webhooks/memory-webhooks';
import { layout } from '../../../contracts/storage/layout';
import { createApp } from '../../../server/http/app';
import { createRecordStore } from '../../../platform/record-store';
import { createUploadStorage } from '../../../server/uploads/uploads';
import { createJobStore } from '../../../server/jobs/store';
import { findBrowser } from '../../helpers/browser';
import { compareWithDrawing, MIN_VIEWER_PSNR_DB } from '../../helpers/compare-with-drawing';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';
import { jobRecord, MemoryLogs, MemoryRuns, testConfig } from '../helpers';
import { viewerUrl } from './viewer-url';
import { MemoryBatches } from '../../helpers/memory-records';
import { MemoryBatchRuns } from '../memory-batch-runs';
import { memoryStorage } from '../memory-storage';
import { MemorySchedules } from '../schedules/memory-schedules';

const run = promisify(execFile);
const REPOSITORY = path.join(__dirname, '../../..');
const browser = findBrowser('the viewer in a browser');
const withBrowser = browser === null ? test.skip : test;

/** Green ground at y = 0 and a grey tower, 3 high, with a red top, in the export frame: up is negative y. */
function towerPly(): Buffer {
  const rows: number[][] = [];
  const gaussian = (x: number, y: number, z: number, rgb: readonly number[]): void => {
    const colour = rgb.map((value) => (value - 0.5) / 0.28209479); // f_dc: colour over the 0th band's constant
    rows.push([x, y, z, ...colour, 3, ...[0, 0, 0].map(() => Math.log(0.08)), 1, 0, 0, 0]);
  };
  for (let x = -4; x <= 4; x += 0.1) for (let z = -4; z <= 4; z += 0.1) gaussian(x, 0, z, [0.3, 0.6, 0.2]);
  for (let y = -3; y <= 0; y += 0.1)
    for (let s = -0.6; s <= 0.6; s += 0.1)
      for (const [x, z] of [
        [s, -0.6],
        [s, 0.6],
        [-0.6, s],
        [0.6, s],
      ] as const)
        gaussian(x, y, z, y < -2 ? [0.9, 0.1, 0.1] : [0.5, 0.5, 0.56]);
  const names = [
    'x',
    'y',
    'z',
    'f_dc_0',
    'f_dc_1',
    'f_dc_2',
    'opacity',
    'scale_0',
    'scale_1',
    'scale_2',
    'rot_0',
    'rot_1',
    'rot_2',
    'rot_3',
  ];
  const header = [
    'ply',
    'format binary_little_endian 1.0',
    `element vertex ${rows.length}`,
    ...names.map((name) => `property float ${name}`),
    'end_header',
    '',
  ];
  return Buffer.concat([Buffer.from(header.join('\n')), Buffer.from(Float32Array.from(rows.flat()).buffer)]);
}

/** The view that training chose: from the south, above the ground. */
const openingView = { position: [0, -11.64, -5.95], target: [0, -1.33, 0], fieldOfViewDeg: 60, covered: 0.5 };
const metrics = { gaussians: 9000, iterations: 1000, evaluationWidth: 400, psnr: 19, ssim: 0.5, openingView };
const accepted = [{ stage: 'training' as const, part: null, attempt: 1, jobName: 'training-1', metrics }];

describe('the page of a finished job, in a browser', () => {
  let folder: string;
  let s3: RunningS3;
  let server: Server;
  let publicUrl: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'spaceport-page-'));
    const [ply, sog] = [path.join(folder, 'model.ply'), path.join(folder, 'scene.sog')];
    await writeFile(ply, towerPly());
    const streamed = path.join(folder, 'streamed');
    for (const made of [
      [ply, sog],
      [ply, '-l', '0', path.join(streamed, 'lod-meta.json')],
    ])
      await run(path.join(REPOSITORY, 'node_modules/.bin/splat-transform'), ['-w', '-g', 'cpu', ...made]);

    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    s3 = await startS3({ corsOrigins: [publicUrl] });
    const client = s3.client({ forcePathStyle: true });
    const records = createRecordStore({ s3: client, bucket: BUCKET });
    const store = createJobStore({ s3: client, signing: client, bucket: BUCKET });
    const config = { ...testConfig, bucket: BUCKET, publicUrl, publicS3Endpoint: s3.endpoint };
    server.on(
      'request',
      createApp({
        config,
        runs: new MemoryRuns(),
        records,
        batches: new MemoryBatches(),
        batchRuns: new MemoryBatchRuns(),
        store,
        uploads: createUploadStorage({ s3: client, signing: client, bucket: BUCKET }),
        logs: new MemoryLogs(),
        sendMail: async () => '',
        deliveries: new MemoryDeliveries(),
        deliveryRuns: new MemoryDeliveries(),
        schedules: new MemorySchedules(),
        countPhotos: async () => null,
        localCores: null,
        storage: memoryStorage(),
        logger: pino({ level: 'silent' }),
        readiness: async () => [],
      }),
    );

    const files = { 'scene.sog': await readFile(sog), 'cameras.json': Buffer.from('[]') };
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const put = (jobId: string, name: string, Body: Buffer): Promise<unknown> =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key: layout.resultFolder(jobId) + name, Body }));
    for (const [name, bytes] of Object.entries(files)) await put('tower1234', name, bytes);
    for (const name of await readdir(streamed, { recursive: true }))
      if (path.extname(name) !== '') await put('tower1234', `scene/${name}`, await readFile(path.join(streamed, name)));
    await put('damaged1234', 'scene.sog', files['scene.sog'].subarray(0, files['scene.sog'].length / 2));
    const result = { files: Object.entries(files).map(([name, { length }]) => ({ name, bytes: length })) };
    await records.claim(jobRecord({ jobId: 'tower1234', state: 'succeeded', accepted, result }));
    // Its record names a scene that the storage does not have.
    await records.claim(jobRecord({ jobId: 'empty1234', state: 'succeeded', result }));
    await records.claim(jobRecord({ jobId: 'damaged1234', state: 'succeeded', result }));
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await s3?.close();
    await removeFolder(s3.root);
    await rm(folder, { recursive: true, force: true });
  });

  withBrowser('C03: draws the scene upright and as the compression program does, with nothing blocked', async () => {
    const picture = path.join(folder, 'viewer.png');
    const look = [path.join(__dirname, 'look-at-page.mjs'), browser ?? '', viewerUrl(publicUrl, 'tower1234'), picture];
    const { stdout } = await run(process.execPath, look);
    const seen = JSON.parse(stdout) as {
      problems: string[];
      bar: boolean;
      controls: string;
      colours: number;
      red: { count: number; meanY: number };
      grey: { count: number; meanY: number };
    };
    expect([seen.problems, seen.bar, seen.controls]).toEqual([[], false, 'Orbit Mode']);
    expect(seen.colours).toBeGreaterThan(20);
    expect(seen.red.count).toBeGreaterThan(500);
    expect(seen.grey.count).toBeGreaterThan(500);
    expect(seen.red.meanY).toBeLessThan(seen.grey.meanY);

    const { psnr, covered } = await compareWithDrawing(path.join(folder, 'model.ply'), openingView, picture);
    expect(covered).toBeGreaterThan(0.2);
    expect(psnr).toBeGreaterThan(MIN_VIEWER_PSNR_DB);
  });

  withBrowser('the viewer draws a streamed scene, whose index names its chunks by relative names', async () => {
    const job = `${publicUrl}/v1/jobs/tower1234`;
    const query = new URLSearchParams({
      content: `${job}/scene/lod-meta.json`,
      settings: `${job}/viewer-settings.json`,
    });
    const viewer = `${publicUrl}/viewer/?${query.toString()}&webgl&noanim`;
    const { stdout } = await run(process.execPath, [path.join(__dirname, 'draw-scene.mjs'), browser ?? '', viewer]);
    expect(JSON.parse(stdout)).toEqual({ problems: [] });
  });

  withBrowser('the viewer draws a scene that is shared, by the addresses that the link tells', async () => {
    const made = await fetch(`${publicUrl}/v1/jobs/tower1234/shares`, { method: 'POST' });
    const { apiUrl } = (await made.json()) as { apiUrl: string };
    const { scene, settingsUrl } = (await (await fetch(apiUrl)).json()) as {
      scene: { name: string; url: string }[];
      settingsUrl: string;
    };
    const content = scene.find(({ name }) => name === 'scene.sog')?.url ?? '';
    const query = new URLSearchParams({ content, settings: settingsUrl });
    const viewer = `${publicUrl}/viewer/?${query.toString()}&webgl&noanim`;
    const { stdout } = await run(process.execPath, [path.join(__dirname, 'draw-scene.mjs'), browser ?? '', viewer]);
    expect(JSON.parse(stdout)).toEqual({ problems: [] });
  });

  withBrowser.each([
    ['that the storage does not have', 'empty1234', /^The scene cannot be loaded: the storage answered 404\. Reload/],
    [
      'that is cut off in the middle',
      'damaged1234',
      /^(The scene cannot be shown|Loading the scene stands still at .+)\. Rel/,
    ],
  ])('says in words why a scene %s does not appear, in place of a bar', async (_what, jobId, words) => {
    const script = path.join(__dirname, 'look-at-problem.mjs');
    const { stdout } = await run(process.execPath, [script, browser ?? '', viewerUrl(publicUrl, jobId)]);
    expect(JSON.parse(stdout)).toEqual({ problem: expect.stringMatching(words) as string, bar: false });
  });
});
