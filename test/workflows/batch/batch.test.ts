import { machineJobName, workflowId } from '../../../contracts/machines/names';
import type { Stage } from '../../../contracts/stages/stage';
import { completed, endedWith, type FakeCloud } from '../../helpers/workflows/fake-cloud';
import { runBatch, type BatchRunInTest } from '../../helpers/workflows/run-batch';
import { workflowSuite } from '../../helpers/workflows/run-job';
import { waitFor } from '../../helpers/wait-for';

const suite = workflowSuite();

type Ending = Parameters<FakeCloud['endings']['set']>[1];
const crashed = endedWith('Failed', 'CONTAINER_FAILED');
/** Nothing of a stage ends before the test says so. */
const held = (cloud: FakeCloud, stage: Stage = 'sfm'): void => void (cloud.script[stage] = () => null);

const submitted = ({ cloud }: BatchRunInTest, stage: Stage = 'sfm'): string[] =>
  cloud.submitted.filter((job) => job.stage === stage).map(({ jobId }) => jobId);
const release = ({ cloud }: BatchRunInTest, jobId: string, stage: Stage = 'sfm', ending: Ending = completed): void => {
  for (const job of cloud.submitted)
    if (job.jobId === jobId && job.stage === stage && !cloud.endings.has(machineJobName(job)))
      cloud.endings.set(machineJobName(job), ending);
};
const running = (run: BatchRunInTest, jobs: readonly (string | undefined)[]): Promise<unknown> =>
  waitFor(`${jobs.length} jobs to run`, () => jobs.every((jobId) => submitted(run).includes(jobId ?? '')));

test('a batch starts its jobs in order, so many at a time, and sends one mail at the end and none of its jobs', async () => {
  await runBatch(suite(), { jobs: 4, concurrency: 2, prepare: (cloud) => held(cloud) }, async (run) => {
    const { jobIds, cloud, handle } = run;
    await running(run, jobIds.slice(0, 2));
    expect(new Set(submitted(run))).toEqual(new Set(jobIds.slice(0, 2)));
    release(run, jobIds[1] ?? '');
    await running(run, [jobIds[2]]);
    expect(submitted(run)).not.toContain(jobIds[3]);
    for (const jobId of [jobIds[0], jobIds[2]]) release(run, jobId ?? '');
    await running(run, [jobIds[3]]);
    release(run, jobIds[3] ?? '');
    await handle.result();
    await run.standing('succeeded', 'succeeded', 'succeeded', 'succeeded');
    expect(cloud.batchMails).toEqual([run.batchId]);
    expect(cloud.mails).toEqual([]);
    expect(run.record()).toMatchObject({ endedAtMs: expect.any(Number), mail: { status: 'delivered' } });
    expect([...cloud.records.records.values()].map(({ request }) => request.batch)).toEqual(
      jobIds.map(() => ({ id: run.batchId, mails: false })),
    );
  });
});

test('jobs of a batch send mails of their own where that was asked for', async () => {
  await runBatch(suite(), { jobs: 2, mailPerJob: true }, async ({ cloud, handle }) => {
    await handle.result();
    await waitFor('a mail of each job', () => cloud.mails.length === 2);
    expect(cloud.batchMails).toHaveLength(1);
  });
});

test('a job that fails stops no other, and a retry after the end takes up that one alone', async () => {
  let isMended = false;
  const prepare = (cloud: FakeCloud): void => void (cloud.script.training = () => (isMended ? completed : null));
  await runBatch(suite(), { jobs: 3, concurrency: 3, prepare }, async (run) => {
    const { jobIds, cloud, handle } = run;
    await waitFor('all to train', () => submitted(run, 'training').length === 3);
    release(run, jobIds[1] ?? '', 'training', crashed);
    await run.standing('running', 'failed', 'running');
    for (const jobId of [jobIds[0], jobIds[2]]) release(run, jobId ?? '', 'training');
    await handle.result();
    expect(cloud.batchMails).toHaveLength(1);
    isMended = true;
    const before = submitted(run).length;
    await run.retry();
    await run.standing('succeeded', 'succeeded', 'succeeded');
    await waitFor('the second mail', () => cloud.batchMails.length === 2);
    await waitFor('the end', () => run.record().endedAtMs !== null);
    // What was finished is kept: no SfM was done again, and one training.
    expect(submitted(run)).toHaveLength(before);
    expect(submitted(run, 'training')).toHaveLength(4);
  });
});

test('a retry takes up nothing while the budget of the month is used up', async () => {
  const prepare = (cloud: FakeCloud): void => void (cloud.script.sfm = () => crashed);
  await runBatch(suite(), { jobs: 2, prepare }, async (run) => {
    await run.handle.result();
    await run.standing('failed', 'failed');
    const before = submitted(run).length;
    run.cloud.usedUpBudgets.set('local', { month: '2026-11', message: 'nothing is left' });
    await run.retry();
    await waitFor('the second mail', () => run.cloud.batchMails.length === 2);
    await run.standing('failed', 'failed');
    expect(submitted(run)).toHaveLength(before);
  });
});

test('a parked job holds no place, is told of by mail, and is taken up by a retry of the batch', async () => {
  let isMended = false;
  const prepare = (cloud: FakeCloud): void => void (cloud.script.sfm = () => (isMended ? completed : crashed));
  await runBatch(suite(), { jobs: 3, concurrency: 1, retryWindowSeconds: 3600, prepare }, async (run) => {
    await run.standing('parked', 'parked', 'parked');
    await waitFor('the mail', () => run.cloud.batchMails.length === 1);
    expect((await run.handle.describe()).status.name).toBe('RUNNING');
    isMended = true;
    await run.retry();
    await run.handle.result();
    await run.standing('succeeded', 'succeeded', 'succeeded');
    expect(run.cloud.batchMails).toHaveLength(2);
  });
});

test('cancelling in the middle cancels what runs, starts nothing more, and a retry takes up both', async () => {
  await runBatch(suite(), { jobs: 3, concurrency: 1, prepare: (cloud) => held(cloud, 'training') }, async (run) => {
    const { cloud, handle, jobIds } = run;
    await waitFor('the first to train', () => submitted(run, 'training').length === 1);
    await handle.signal('cancel', { reason: 'wrong village', by: 'Ada' });
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    await run.standing('cancelled', null, null);
    expect(cloud.records.records.get(jobIds[0] ?? '')?.cancelled).toMatchObject({ reason: 'wrong village', by: 'Ada' });
    expect(run.record()).toMatchObject({ cancelled: { by: 'Ada' }, endedAtMs: expect.any(Number) });
    expect(cloud.batchMails).toHaveLength(1);
    cloud.script.training = () => completed;
    await run.retry();
    await run.standing('succeeded', 'succeeded', 'succeeded');
    await waitFor('the end', () => run.record().endedAtMs !== null);
    expect(run.record().cancelled).toBeNull();
    const deeds = cloud.deeds.entries.get(jobIds[0] ?? '') ?? [];
    expect(deeds.map(({ operation, details }) => [operation, details])).toEqual([
      ['createJob', null],
      ['cancelJob', expect.objectContaining({ reason: 'wrong village', by: 'Ada' })],
      ['retryJob', null],
    ]);
    expect(deeds[0]?.by).toEqual({ kind: 'batch', keyId: 'key1', of: run.batchId });
  });
});

test('a message that comes in the middle of a look at the jobs is followed at once', async () => {
  let looks = 0;
  const prepare = (cloud: FakeCloud): void => {
    held(cloud);
    const { records } = cloud;
    const read = records.read.bind(records);
    records.read = async (jobId) => {
      looks += 1;
      if (looks > 3)
        await waitFor('the cancel', () => [...cloud.batches.batches.values()].some((one) => one.cancelled));
      return read(jobId);
    };
  };
  await runBatch(suite(), { jobs: 1, concurrency: 1, prepare }, async (run) => {
    await running(run, run.jobIds);
    await waitFor('a look to hang', () => looks > 3);
    await run.handle.signal('cancel', { reason: 'enough' });
    await run.standing('cancelled');
    await expect(run.handle.result()).rejects.toThrow('Workflow execution cancelled');
  });
});

test("Temporal's own Cancel does the same", async () => {
  await runBatch(suite(), { jobs: 2, concurrency: 1, prepare: (cloud) => held(cloud) }, async (run) => {
    await running(run, run.jobIds.slice(0, 1));
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toThrow('Workflow execution cancelled');
    await run.standing('cancelled', null);
    expect(run.record().cancelled).toMatchObject({ by: 'Temporal' });
  });
});

test('a job goes on when its batch is terminated, and one that is terminated itself stops no other', async () => {
  await runBatch(suite(), { jobs: 3, concurrency: 1, prepare: (cloud) => held(cloud) }, async (run) => {
    const { jobIds, handle } = run;
    const { client } = suite().temporal;
    await running(run, jobIds.slice(0, 1));
    await client.workflow.getHandle(workflowId(jobIds[0] ?? '')).terminate('by an operator');
    await running(run, jobIds.slice(1, 2));
    await handle.terminate('by an operator');
    release(run, jobIds[1] ?? '');
    await client.workflow.getHandle(workflowId(jobIds[1] ?? '')).result();
    await run.standing('running', 'succeeded', null);
  });
});

test('a batch whose workers were away while a job ended goes on with others, and starts nothing twice', async () => {
  const afterRestart = async (run: BatchRunInTest): Promise<void> => {
    await run.handle.result();
    await run.standing('succeeded', 'succeeded', 'succeeded');
    expect(run.cloud.submitted.filter(({ stage }) => stage === 'sfm')).toHaveLength(3);
    expect(run.cloud.batchMails).toHaveLength(1);
  };
  await runBatch(suite(), { jobs: 3, concurrency: 2, prepare: (cloud) => held(cloud), afterRestart }, async (run) => {
    await running(run, run.jobIds.slice(0, 2));
    for (const jobId of run.jobIds) release(run, jobId);
    run.cloud.script.sfm = () => completed;
  });
});
