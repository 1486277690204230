import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { waitFor } from '../../helpers/wait-for';
import { startProcess, type RunningProcess } from '../entry-point';
import {
  ACCESS_KEY_ID,
  BUCKET,
  clientFor,
  patternBytes,
  refusalOf,
  REGION,
  removeFolder,
  SECRET_ACCESS_KEY,
  temporaryFolder,
} from './harness';

let folder: string;
let running: RunningProcess;
/** Asks once, so that a fault is seen. */
let once: S3Client;
/** Asks three times, as the product does. */
let patient: S3Client;

const BYTES = patternBytes(300_000);

beforeAll(async () => {
  folder = await temporaryFolder();
  await start();
  await once.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await put('photos/a.jpg');
});
afterAll(async () => {
  await running.stop('SIGTERM');
  once.destroy();
  patient.destroy();
  await removeFolder(folder);
});

async function start(): Promise<void> {
  running = await startProcess('s3', {
    SPACEPORT_S3_PORT: '0',
    SPACEPORT_S3_ROOT: path.join(folder, 's3'),
    SPACEPORT_S3_FAULTS: path.join(folder, 'faults.json'),
    AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_REGION: REGION,
  });
  once = clientFor(running.ready.listening!);
  patient = clientFor(running.ready.listening!, { maxAttempts: 3 });
}

async function plan(...faults: object[]): Promise<void> {
  const file = path.join(folder, 'faults.json');
  await writeFile(`${file}.part`, JSON.stringify({ faults }));
  await rename(`${file}.part`, file);
}

async function fired(key: string): Promise<string[]> {
  const text = await readFile(path.join(folder, 's3/faults-fired.jsonl'), 'utf8').catch(() => '');
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return lines.filter((line) => line.key === key).map(({ kind, operation }) => `${kind} ${operation}`);
}

const put = (Key: string, client = once) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: BYTES }));
const head = (Key: string, client = once) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
async function get(Key: string, client = once): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
}

test('slow-down answers 503 to the operation and keys that the rule names, and the SDK tries again', async () => {
  await plan({ kind: 'slow-down', key: 'busy/*', operation: 'PutObject', times: 3 });
  expect(await refusalOf(put('busy/a'))).toEqual({ name: 'SlowDown', status: 503 });
  await put('calm/a');
  await put('busy/a', patient);
  expect(await get('busy/a')).toEqual(BYTES);
  expect(await fired('busy/a')).toEqual(['slow-down PutObject', 'slow-down PutObject', 'slow-down PutObject']);
  expect(await fired('calm/a')).toEqual([]);
});

test('internal-error answers 500, and the SDK tries again', async () => {
  await plan({ kind: 'internal-error', key: 'photos/a.jpg', times: 3 });
  expect(await refusalOf(get('photos/a.jpg'))).toEqual({ name: 'InternalError', status: 500 });
  await head('photos/a.jpg', patient);
  expect(await fired('photos/a.jpg')).toEqual([
    'internal-error GetObject',
    'internal-error HeadObject',
    'internal-error HeadObject',
  ]);
});

test('a listing is named by its prefix', async () => {
  await plan({ kind: 'slow-down', key: 'photos/', operation: 'ListObjectsV2' });
  const list = (Prefix: string) => once.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  await list('other/');
  expect(await refusalOf(list('photos/'))).toEqual({ name: 'SlowDown', status: 503 });
  expect((await list('photos/')).KeyCount).toBe(1);
});

test('truncated-body breaks off half-way: a reader gets an error and never the half as if it were the whole', async () => {
  await plan({ kind: 'truncated-body', key: 'photos/a.jpg' });
  await head('photos/a.jpg');
  const { Body, ContentLength } = await once.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'photos/a.jpg' }));
  expect(ContentLength).toBe(BYTES.length);
  await expect(Body!.transformToByteArray()).rejects.toThrow('aborted');
  expect(await get('photos/a.jpg')).toEqual(BYTES);
  expect(await fired('photos/a.jpg')).toContain('truncated-body GetObject');
});

test('truncated-body is not used up by an object that has nothing to break off', async () => {
  await once.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'cut/empty', Body: '', ContentLength: 0 }));
  await once.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'cut/two', Body: 'ab' }));
  await plan({ kind: 'truncated-body', key: 'cut/*' });
  expect(await refusalOf(get('cut/missing'))).toMatchObject({ name: 'NoSuchKey' });
  expect(await get('cut/empty')).toHaveLength(0);
  await expect(get('cut/two')).rejects.toThrow('aborted');
  expect([await fired('cut/missing'), await fired('cut/empty'), await fired('cut/two')]).toEqual([
    [],
    [],
    ['truncated-body GetObject'],
  ]);
});

test('slow-read spreads a body over its time and changes none of it', async () => {
  const small = { Bucket: BUCKET, Key: 'small' };
  await once.send(new PutObjectCommand({ ...small, Body: BYTES.subarray(0, 1000) }));
  await plan({ kind: 'slow-read', key: 'small', seconds: 0.5 });
  const { Body } = await once.send(new GetObjectCommand(small));
  const chunks: Buffer[] = [];
  for await (const chunk of Body as Readable) chunks.push(chunk as Buffer);
  expect(chunks.length).toBeGreaterThan(1);
  expect(Buffer.concat(chunks)).toEqual(BYTES.subarray(0, 1000));
  expect(await fired('small')).toEqual(['slow-read GetObject']);
});

test('calls are counted by an endpoint that was killed and started again where the first had left off', async () => {
  await plan({ kind: 'slow-down', key: 'photos/a.jpg', operation: 'HeadObject', occurrence: 2, times: 2 });
  await head('photos/a.jpg');
  expect(await refusalOf(head('photos/a.jpg'))).toMatchObject({ status: 503 });
  await running.stop('SIGKILL');
  once.destroy();
  patient.destroy();
  await start();
  expect(await refusalOf(head('photos/a.jpg'))).toMatchObject({ status: 503 });
  await head('photos/a.jpg');
});

test('an unreadable plan answers 500 with the reason in the log, and the endpoint keeps running', async () => {
  let log = '';
  running.child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await plan({ kind: 'slow-down', key: '' });
  expect(await refusalOf(get('photos/a.jpg'))).toEqual({ name: 'InternalError', status: 500 });
  const reason = `The fault plan ${path.join(folder, 'faults.json')} is not valid`;
  await waitFor('the reason in the log', () => log.includes(reason));
  await plan();
  expect(await get('photos/a.jpg')).toEqual(BYTES);
});
