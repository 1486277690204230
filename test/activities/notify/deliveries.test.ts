import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createDeliveryActivities } from '../../../activities/notify/deliveries';
import type { DeliveryRecord } from '../../../contracts/messages/notifications';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

let s3: RunningS3;

beforeAll(async () => {
  s3 = await startS3();
  await s3.client().send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await s3?.close();
  await removeFolder(s3.root);
});

test('how a notification ended lies beside the record of its job, a file a channel and event', async () => {
  const client = s3.client();
  const { recordDelivery } = createDeliveryActivities({ s3: client, bucket: BUCKET });
  const delivery: DeliveryRecord = {
    eventId: 'job12345-failed-1',
    event: 'job.failed',
    channel: 'webhook',
    status: 'rejected',
    detail: 'the receiver answered 410',
    at: '2026-11-21T10:00:00.000Z',
  };
  for (const channel of ['webhook', 'mail'] as const)
    await new MockActivityEnvironment().run(recordDelivery, 'job12345', { ...delivery, channel });
  for (const channel of ['webhook', 'mail'] as const) {
    const { Body } = await client.send(
      new GetObjectCommand({ Bucket: BUCKET, Key: `jobs/job12345/deliveries/${channel}-job12345-failed-1.json` }),
    );
    expect(JSON.parse(await Body!.transformToString())).toEqual({ ...delivery, channel });
  }
});
