import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createArtifactActivities } from '../../../activities/results/artifacts';
import { estimate, uncalibrated, type ComparedEstimate } from '../../../contracts/estimates/estimate';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';
import { layout } from '../../../contracts/storage/layout';
import { createRecordStore } from '../../../platform/record-store';
import { listObjects, readJson } from '../../../platform/s3-objects';
import { testAttempt, testRequest } from '../../helpers/records';
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

const put = (Key: string, Body: string): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

/** Paths of the published thumbnails. */
async function thumbnails(jobId: string): Promise<string[]> {
  const folder = { bucket: BUCKET, key: `${layout.resultFolder(jobId)}thumbnails/` };
  const found: string[] = [];
  for await (const { key } of listObjects(client, folder, new AbortController().signal))
    found.push(key.slice(layout.resultFolder(jobId).length));
  return found;
}

/** Publishes a job whose stages have left these files beside their reports. */
async function published(
  jobId: string,
  left: (name: string) => boolean,
  changes: Partial<JobRecord> = {},
): Promise<NonNullable<JobRecord['result']>> {
  const accepted = STAGES.map((stage) => ({ stage, part: null, attempt: 1, jobName: `x-${stage}-a01`, metrics: {} }));
  for (const { stage, jobName } of accepted) {
    const folder = layout.artifactFolder(jobId, stage, 1, jobName);
    const { published: always, publishedIfThere } = STAGE[stage];
    for (const name of ['report.json', ...Object.keys(always), ...Object.keys(publishedIfThere)].filter(left))
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: folder + name, Body: '{}' }));
  }
  const record = { ...newJobRecord(jobId, testRequest(), 0), accepted, ...changes } as unknown as JobRecord;
  const records = createRecordStore({ s3: client, bucket: BUCKET });
  const { publishResult } = createArtifactActivities({ s3: client, bucket: BUCKET, records });
  return new MockActivityEnvironment().run<[JobRecord], NonNullable<JobRecord['result']>, typeof publishResult>(
    publishResult,
    record,
  );
}

const names = async (result: ReturnType<typeof published>): Promise<string[]> =>
  (await result).files.map(({ name }) => name);

test('where the scene lies on Earth is among the downloads, if it is known', async () => {
  const shown = ['scene.sog', 'scene.spz', 'scene.html', 'scene-phone.sog', 'scene/lod-meta.json'];
  const onMap = ['topdown.webp', 'topdown.json', 'orthophoto.tif', 'pointcloud.laz', 'tiles/tileset.json'];
  const rest = [...shown, ...onMap, 'model.ply', 'cameras.json', 'poster.jpg', 'poster.webp', 'poster.avif'];
  const ofSfm = ['photos.json', 'scene.json', 'coverage.png'];
  const known = ['georeference.json', ...ofSfm, 'report.json'];
  expect(await names(published('known1234', () => true))).toEqual([...rest, ...known]);
  const plain = published('plain1234', (name) => name !== 'georeference.json');
  expect(await names(plain)).toEqual([...rest, ...ofSfm, 'report.json']);
});

test('the report compares what was expected with what came', async () => {
  const photos = { low: 18, high: 18 };
  const expected = estimate({ photos, megapixels: null, preset: 'preview', options: {} }, uncalibrated(null));
  const attempts = [testAttempt({ billedSeconds: 60, costUsd: 0.5 }), testAttempt({ attempt: 2, costUsd: 0.25 })];
  await published('judged123', () => true, { createdAtMs: Date.now() - 60_000, estimate: expected, attempts });
  const report = await readJson(client, { bucket: BUCKET, key: `${layout.resultFolder('judged123')}report.json` });
  const { estimate: compared } = report?.value as { estimate: ComparedEstimate };
  expect(compared).toMatchObject({ ...expected, actual: { machineSeconds: 120, usd: 0.75 } });
  expect(compared.actual?.seconds).toBeGreaterThanOrEqual(60);
});

test('a result of an image that made no files of the photos is published without them', async () => {
  const made = ['scene.sog', 'model.ply', 'cameras.json', 'poster.jpg', 'report.json'];
  expect(await names(published('older1234', (name) => made.includes(name)))).toEqual(made);
  expect(await thumbnails('older1234')).toEqual([]);
});

test('thumbnails are published with the result, and other files of their folder are left behind', async () => {
  const attempt = layout.artifactFolder('small1234', 'sfm', 1, 'x-sfm-a01');
  const photos = Array.from(
    { length: 40 },
    (_, index) => `thumbnails/flight/${String(index).padStart(4, '0')}.jpg.webp`,
  );
  await Promise.all(photos.map((name) => put(attempt + name, 'RIFF')));
  await put(`${attempt}thumbnails/notes.txt`, 'no thumbnail');
  const { files } = await published('small1234', () => true);
  expect(files.map(({ name }) => name).filter((name) => name.startsWith('thumbnails'))).toEqual([]);
  expect(await thumbnails('small1234')).toEqual(photos);
  const Key = `${layout.resultFolder('small1234')}${photos[0] ?? ''}`;
  expect(await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).toMatchObject({
    ContentType: 'image/webp',
  });
});

test('of a streamed scene the index is listed, and what it names lies beside it', async () => {
  const attempt = layout.artifactFolder('stream1234', 'compression', 1, 'x-compression-a01');
  await put(`${attempt}scene/0_0/meta.json`, '{}');
  expect(await names(published('stream1234', () => true))).toContain('scene/lod-meta.json');
  for (const name of ['scene/lod-meta.json', 'scene/0_0/meta.json']) {
    const Key = layout.resultFolder('stream1234') + name;
    expect(await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).toMatchObject({
      ContentType: 'application/json',
    });
  }
});

test('a result without its model is not published', async () => {
  await expect(published('empty1234', (name) => name !== 'model.ply')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('an attempt that has left pictures of its training alone has no checkpoint', async () => {
  const records = createRecordStore({ s3: client, bucket: BUCKET });
  const { hasCheckpoint } = createArtifactActivities({ s3: client, bucket: BUCKET, records });
  const ref = { jobId: 'pictured1', stage: 'training', part: null, attempt: 1 } as const;
  const has = (): Promise<boolean> =>
    new MockActivityEnvironment().run<[typeof ref], boolean, typeof hasCheckpoint>(hasCheckpoint, ref);
  await put(layout.preview('pictured1', 1, 'picture.jpg'), 'jpeg');
  expect(await has()).toBe(false);
  await put(`${layout.checkpointFolder('pictured1', 'training', 1)}checkpoint-000000010.bin`, 'state');
  expect(await has()).toBe(true);
});
