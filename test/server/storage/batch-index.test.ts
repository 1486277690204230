import { newJobRecord } from '../../../contracts/job/record';
import type { JobState } from '../../../contracts/job/state';
import { InvalidCursorError } from '../../../server/storage/jobs/cursor';
import { createStorage, type Storage } from '../../../server/storage/storage';
import { testAttempt, testBatch, testRequest } from '../../helpers/records';
import { onBothEngines } from '../../helpers/storage/engines';

onBothEngines((engine) => {
  let storage: Storage;
  beforeEach(async () => {
    storage = createStorage((await engine.newDatabase()).db);
  });

  const batch = (number: number, tenant = 'north') =>
    testBatch(['job00001', 'job00002'], { batchId: `batch0000${number}`, tenant, createdAtMs: 1000 + number });
  const job = (jobId: string, state: JobState, batchId: string | null, tenant = 'north') => ({
    record: {
      ...newJobRecord(
        jobId,
        testRequest({ tenant, batch: batchId === null ? null : { id: batchId, mails: false } }),
        1,
      ),
      state,
      attempts: [testAttempt({ costUsd: 0.5, jobName: jobId })],
    },
    state,
    asOfMs: 1,
  });

  test('batches are listed by tenant in pages, the newest first', async () => {
    await storage.batches.add([batch(1), batch(2), batch(3), batch(4, 'south')]);
    await storage.batches.add([batch(1)]);
    const first = await storage.batches.list('north', { limit: 2 });
    expect(first.batches.map(({ batchId }) => batchId)).toEqual(['batch00003', 'batch00002']);
    const second = await storage.batches.list('north', { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ batches: [{ batchId: 'batch00001', members: 2 }], nextCursor: null });
    await expect(storage.batches.list('north', { limit: 2, cursor: 'x' })).rejects.toThrow(InvalidCursorError);
    expect(await storage.batches.lacking(['batch00001', 'batch00009'])).toEqual(['batch00009']);
  });

  test('the jobs of a batch are counted, listed and found by it, and never those of another tenant', async () => {
    await storage.jobs.upsert([
      job('job00001', 'succeeded', 'batch00001'),
      job('job00002', 'succeeded', 'batch00001'),
      job('job00003', 'running', 'batch00001'),
      job('job00004', 'running', 'batch00002'),
      job('job00005', 'running', null),
      job('job00006', 'running', 'batch00001', 'south'),
    ]);
    const tallies = await storage.batches.tallies('north', ['batch00001']);
    expect(tallies.toSorted((a, b) => a.jobs - b.jobs)).toEqual([
      { batchId: 'batch00001', state: 'running', jobs: 1, costUsd: 0.5 },
      { batchId: 'batch00001', state: 'succeeded', jobs: 2, costUsd: 1 },
    ]);
    const members = await storage.batches.members('north', 'batch00001');
    expect(members.map(({ jobId }) => jobId).sort()).toEqual(['job00001', 'job00002', 'job00003']);
    const { jobs } = await storage.jobs.list('north', { batchId: 'batch00001', limit: 10 });
    expect(jobs.map(({ jobId }) => jobId).sort()).toEqual(['job00001', 'job00002', 'job00003']);
  });
});
