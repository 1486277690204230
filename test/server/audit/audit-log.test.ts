import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { AuditEntry } from '../../../contracts/access/audit-schema';
import { createAuditLog } from '../../../platform/audit/audit-log';
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

const entry = (minute: number): AuditEntry => ({
  at: `2026-11-27T09:0${minute}:00.000Z`,
  operation: 'pauseJob',
  by: { kind: 'key', keyId: 'k1' },
  requestId: `5f0c1d5e-7a3b-4a63-9d0b-0a8f6f0f3c5${minute}`,
  details: null,
});

test('deeds are listed by job, the newest first, a page at a time', async () => {
  const log = createAuditLog({ s3: s3.client(), bucket: BUCKET });
  for (const minute of [2, 0, 1]) await log.write('job123456', entry(minute));
  await log.write('job999999', entry(3));
  const first = await log.page('job123456', null, 2);
  expect(first.entries).toEqual([entry(2), entry(1)]);
  expect(await log.page('job123456', first.nextCursor, 2)).toEqual({ entries: [entry(0)], nextCursor: null });
  expect(await log.page('job000000', null, 2)).toEqual({ entries: [], nextCursor: null });
});
