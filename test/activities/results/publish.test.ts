import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createArtifactActivities } from '../../../activities/results/artifacts';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { STAGES } from '../../../contracts/stages/stage';
import { STAGE } from '../../../contracts/stages/stages';
import { layout } from '../../../contracts/storage/layout';
import { createRecordStore } from '../../../platform/record-store';
import { testRequest } from '../../helpers/records';
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

/** Publishes a job whose stages have left these files beside their reports. */
async function published(jobId: string, left: (name: string) => boolean): Promise<NonNullable<JobRecord['result']>> {
  const accepted = STAGES.map((stage) => ({ stage, part: null, attempt: 1, jobName: `x-${stage}-a01`, metrics: {} }));
  for (const { stage, jobName } of accepted) {
    const folder = layout.artifactFolder(jobId, stage, 1, jobName);
    const { published: always, publishedIfThere } = STAGE[stage];
    for (const name of ['report.json', ...Object.keys(always), ...Object.keys(publishedIfThere)].filter(left))
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: folder + name, Body: '{}' }));
  }
  const record = { ...newJobRecord(jobId, testRequest(), 0), accepted } as unknown as JobRecord;
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
  const rest = ['scene.sog', 'model.ply', 'cameras.json', 'poster.jpg'];
  expect(await names(published('known1234', () => true))).toEqual([...rest, 'georeference.json', 'report.json']);
  expect(await names(published('plain1234', (name) => name !== 'georeference.json'))).toEqual([...rest, 'report.json']);
});

test('a result without its model is not published', async () => {
  await expect(published('empty1234', (name) => name !== 'model.ply')).rejects.toMatchObject({ name: 'NoSuchKey' });
});
