import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { layout } from '../../../contracts/storage/layout';
import { createJobStore, type JobStore } from '../../../server/jobs/store';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

let s3: RunningS3;
let client: S3Client;
let store: JobStore;

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  store = createJobStore({ s3: client, signing: client, bucket: BUCKET });
});
afterAll(async () => {
  await s3?.close();
  await removeFolder(s3.root);
});

const put = (key: string, body: string): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));

test('a file that is not there is null', async () => {
  expect(await store.readResultJson('nothing12', 'cameras.json')).toBeNull();
});

test('reads how deliveries went, oldest first, and skips objects that are not delivery records', async () => {
  const refused = {
    eventId: 'e2',
    event: 'job.failed',
    channel: 'mail',
    status: 'rejected',
    detail: '550 no such user',
    at: '2026-11-21T10:00:00.000Z',
  };
  const taken = {
    eventId: 'e1',
    event: 'job.parked',
    channel: 'webhook',
    status: 'delivered',
    detail: null,
    at: '2026-11-21T09:00:00Z',
  };
  await put(layout.delivery('delivered', 'mail-e2'), JSON.stringify(refused));
  await put(layout.delivery('delivered', 'webhook-e1'), JSON.stringify({ ...taken, tries: 3 }));
  await put(layout.delivery('delivered', 'mail-broken'), '{"eventId"');
  await put(layout.delivery('delivered', 'mail-odd'), JSON.stringify({ ...taken, status: 'lost' }));
  await put(layout.delivery('delivered', 'mail-huge'), JSON.stringify({ ...taken, detail: 'x'.repeat(70_000) }));
  expect(await store.deliveries('delivered')).toEqual([taken, refused]);
  expect(await store.deliveries('nothing12')).toEqual([]);
});

test('reads published JSON, but not without limit', async () => {
  await put('jobs/published1/result/cameras.json', '[{"name":"a"}]');
  expect(await store.readResultJson('published1', 'cameras.json')).toEqual([{ name: 'a' }]);
  await put('jobs/published2/result/cameras.json', `"${'x'.repeat(9_000_000)}"`);
  await expect(store.readResultJson('published2', 'cameras.json')).rejects.toThrow('9000002 bytes');
});

test('a link opens the file for a while, under the name it is saved as', async () => {
  await put('jobs/published3/result/model.ply', 'ply');
  const response = await fetch(await store.link('published3', 'model.ply', 'spaceport-published3-model.ply'));
  expect(await response.text()).toBe('ply');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename=spaceport-published3-model.ply');
  expect(new URL(await store.link('published3', 'model.ply', null)).searchParams.get('X-Amz-Expires')).toBe('300');
  const inline = await fetch(await store.link('published3', 'model.ply', null));
  expect(inline.headers.get('content-disposition')).toBe('inline');
});

test('readiness asks the bucket', async () => {
  await expect(store.check(AbortSignal.timeout(5000))).resolves.toBeUndefined();
  const elsewhere = createJobStore({ s3: client, signing: client, bucket: 'no-such-bucket' });
  await expect(elsewhere.check(AbortSignal.timeout(5000))).rejects.toThrow();
});

test('links to a picture that is not published, and tells whether it is there', async () => {
  const key = layout.preview('pictured1', 1, 'picture.jpg');
  expect(await store.shownHead(key, 'image/jpeg')).toBeNull();
  await put(key, 'jpeg');
  expect(await store.shownHead(key, 'image/jpeg')).toMatchObject({ bytes: 4, mediaType: 'image/jpeg' });
  const response = await fetch(await store.shownLink(key, 'image/jpeg'));
  expect(response.headers.get('content-type')).toBe('image/jpeg');
  expect(response.headers.get('content-disposition')).toBe('inline');
  expect(await response.text()).toBe('jpeg');
});
