import { CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { removeUnfinishedUploads } from '../../../activities/upkeep/unfinished-uploads';
import { layout } from '../../../contracts/storage/layout';
import type { UploadManifest } from '../../../contracts/storage/upload-manifest';
import { openMultiparts } from '../../../platform/uploads/upload-store';
import { removeUpload } from '../../../platform/uploads/upload-removal';
import { BUCKET, BucketUnderTest } from '../../local/s3/harness';
import { activityEnvironment, DAY_MS } from '../../helpers/workflows/left-jobs';

const bucket = new BucketUnderTest();
const NOW_MS = Date.now();
let lastId = 0;

beforeAll(() => bucket.start());
afterAll(() => bucket.remove());

/** An upload with one photo there and another under way in parts. */
async function upload(expiresAtMs: number, isComplete = false): Promise<string> {
  const uploadId = String((lastId += 1)).padStart(32, '0');
  const manifest: UploadManifest = {
    version: 1,
    tenant: 'local',
    uploadId,
    name: null,
    createdAtMs: expiresAtMs - 7 * DAY_MS,
    expiresAtMs,
    digest: '',
    files: [{ name: 'a.jpg', bytes: 1, modifiedAt: null }],
  };
  await bucket.put(layout.uploadManifest('local', uploadId), JSON.stringify(manifest));
  await bucket.put(`${layout.uploadPhotosFolder('local', uploadId)}a.jpg`);
  if (isComplete) await bucket.put(layout.uploadCompletion('local', uploadId), '{}');
  const part = { Bucket: BUCKET, Key: `${layout.uploadPhotosFolder('local', uploadId)}b.jpg` };
  const { UploadId } = await bucket.send(new CreateMultipartUploadCommand(part));
  await bucket.send(new UploadPartCommand({ ...part, UploadId, PartNumber: 1, Body: 'x' }));
  return uploadId;
}

const sweep = (nowMs = NOW_MS): Promise<number> =>
  activityEnvironment().run<[], number, () => Promise<number>>(() =>
    removeUnfinishedUploads({ s3: bucket.client, bucket: BUCKET }, nowMs, AbortSignal.timeout(20_000), () => undefined),
  );
const filesOf = (uploadId: string): Promise<string[]> => bucket.keysBelow(layout.uploadFolder('local', uploadId));
const partsOf = (uploadId: string) =>
  openMultiparts(bucket.client, BUCKET, layout.uploadPhotosFolder('local', uploadId));

test('an upload whose time is over goes with its parts; others stay', async () => {
  const over = await upload(NOW_MS - DAY_MS);
  const justOver = await upload(NOW_MS - 60_000);
  const open = await upload(NOW_MS + DAY_MS);
  const complete = await upload(NOW_MS - DAY_MS, true);
  await bucket.put('uploads/local/my-flight/a.jpg');
  await bucket.put('uploads/local/7ff45fc9-78a3-4c7e-92f6-5422ce3c99ec/a.jpg');

  expect(await sweep()).toBe(1);

  expect(await filesOf(over)).toEqual([]);
  expect(await partsOf(over)).toEqual([]);
  for (const uploadId of [justOver, open, complete]) {
    expect(await filesOf(uploadId)).toContain(`${layout.uploadPhotosFolder('local', uploadId)}a.jpg`);
    expect(await partsOf(uploadId)).toHaveLength(1);
  }
  expect(await bucket.keysBelow('uploads/local/')).toEqual(
    expect.arrayContaining([
      'uploads/local/my-flight/a.jpg',
      'uploads/local/7ff45fc9-78a3-4c7e-92f6-5422ce3c99ec/a.jpg',
    ]),
  );
});

test('a file that came after its upload was removed goes too, some days later', async () => {
  const uploadId = await upload(NOW_MS + DAY_MS);
  await removeUpload({ s3: bucket.client, bucket: BUCKET }, 'local', uploadId);
  await bucket.put(`${layout.uploadPhotosFolder('local', uploadId)}late.jpg`);

  await sweep();
  expect(await filesOf(uploadId)).toHaveLength(1);
  await sweep(NOW_MS + 8 * DAY_MS);
  expect(await filesOf(uploadId)).toEqual([]);
});

test('an upload that cannot be judged does not stand in the way of others', async () => {
  const broken = await upload(NOW_MS - DAY_MS);
  await bucket.put(layout.uploadManifest('local', broken), '{');
  const over = await upload(NOW_MS - DAY_MS);

  expect(await sweep()).toBe(1);
  expect(await filesOf(broken)).toHaveLength(2);
  expect(await filesOf(over)).toEqual([]);
});
