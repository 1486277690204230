import { randomBytes } from 'node:crypto';
import { workflowId } from '../../../contracts/machines/names';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import type { SignalName } from '../../../contracts/messages/signals';
import { createTemporalJobRuns } from '../../../server/jobs/temporal-runs';
import { FakeCloud } from '../../helpers/workflows/fake-cloud';
import { TEST_POLICY, withWorkers, workflowSuite } from '../../helpers/workflows/run-job';
import { waitFor } from '../../helpers/wait-for';
import { request } from '../helpers';

const suite = workflowSuite();

/** A deployment of its own: its jobs' runs, and a worker over a FakeCloud while `work` runs. */
function deployment() {
  const name = `t${randomBytes(6).toString('hex')}`;
  const runs = createTemporalJobRuns(suite().temporal.client, {
    deployment: name,
    policy: TEST_POLICY,
    publicUrl: 'http://localhost:3000',
  });
  const cloud = new FakeCloud();
  return { name, runs, cloud, withWorkers: (work: () => Promise<void>) => withWorkers(suite(), name, cloud, work) };
}

const newRecord = (changes: Partial<JobRecord['request']> = {}): JobRecord =>
  newJobRecord(randomBytes(6).toString('hex'), { ...request, retryWindowSeconds: 0, ...changes }, Date.now());

test('starting twice is one run, with what people see in the list', async () => {
  const { runs } = deployment();
  const record = newRecord();
  const runId = await runs.start(record);
  expect(await runs.start(record)).toBe(runId);
  const listed = await waitFor('the job in the list', async () => {
    const found = await runs.recent({ endedAfterMs: 0, limit: 10 });
    return found.length > 0 && found;
  });
  expect(listed).toEqual([
    {
      jobId: record.jobId,
      tenant: 'local',
      status: 'RUNNING',
      state: 'queued',
      stage: null,
      preset: 'preview',
      startedAtMs: expect.any(Number),
    },
  ]);
  const queuedAfter = (queuedAfterMs: number): Promise<unknown[]> =>
    runs.recent({ endedAfterMs: 0, limit: 10, queuedAfterMs });
  expect(await queuedAfter(record.createdAtMs - 60_000)).toHaveLength(1);
  expect(await queuedAfter(Date.now() + 60_000)).toEqual([]);
  expect(
    await (await suite().temporal.client.workflow.getHandle(workflowId(record.jobId)).describe()).staticSummary(),
  ).toBe('preview · photos/flight/');
});

test('one list has the open jobs of all tenants, and those that have just ended, each with its tenant', async () => {
  const { runs, cloud, withWorkers: work } = deployment();
  const [open, ended] = [newRecord(), newRecord({ tenant: 'acme' })];
  cloud.script.sfm = () => null;
  const recent = async (endedAfterMs: number): Promise<string[]> =>
    (await runs.recent({ endedAfterMs, limit: 10 })).map(({ jobId, tenant, state }) => `${tenant} ${jobId} ${state}`);
  await work(async () => {
    await runs.start(open);
    await runs.start(ended);
    await waitFor('both to run', async () => {
      const jobs = await recent(Date.now());
      return jobs.length === 2 && jobs.every((job) => job.endsWith(' running'));
    });
    expect(await runs.recent({ endedAfterMs: 0, limit: 10, queuedAfterMs: Date.now() + 60_000 })).toHaveLength(2);
    await runs.send(ended.jobId, 'cancel', { reason: 'x', by: 'a test' });
    const both = [`local ${open.jobId} running`, `acme ${ended.jobId} cancelled`].sort();
    await waitFor('its end', async () => (await recent(Date.now() + 60_000)).length === 1);
    expect((await recent(Date.now() - 60_000)).sort()).toEqual(both);
    await runs.send(open.jobId, 'cancel', { reason: 'x', by: 'a test' });
    await waitFor('the other end', async () => (await recent(Date.now() + 60_000)).length === 0);
  });
});

test('a workflow that Temporal does not know is null, and takes no message', async () => {
  const { runs } = deployment();
  expect(await runs.describe('unknown123')).toBeNull();
  expect(await runs.send('unknown123', 'cancel', { reason: 'x', by: 'a test' })).toEqual({ kind: 'ended' });
});

test('the last progress of a watch is read without asking a worker', async () => {
  const { runs, cloud, withWorkers } = deployment();
  const record = newRecord();
  cloud.script.sfm = () => null;
  await withWorkers(async () => {
    await runs.start(record);
    const run = await waitFor('a heartbeat', async () => {
      const described = await runs.describe(record.jobId);
      // Beside a watch that has told something nothing is under way that writes.
      return described?.heartbeats[0] && !described.mayBeWriting ? described : null;
    });
    expect(run).toMatchObject({ status: 'RUNNING', state: 'running', closedAtMs: null });
    expect(run.heartbeats[0]).toMatchObject({ jobName: await cloud.running('sfm'), status: 'InProgress' });
    expect(await runs.send(record.jobId, 'cancel', { reason: 'test over', by: 'a test' })).toEqual({
      kind: 'accepted',
      state: 'cancelling',
    });
    await waitFor('the end', async () => (await runs.describe(record.jobId))?.status === 'CANCELLED');
  });
});

test('an ended job is started again by a retry only, and only once at a time', async () => {
  const { runs, cloud, withWorkers } = deployment();
  const record = newRecord();
  cloud.reports.sfm = () => ({ verdict: { ok: false, code: 'TOO_FEW_POINTS', message: 'only 31 points' } });
  await withWorkers(async () => {
    await runs.start(record);
    await waitFor('the job to fail', async () => (await runs.describe(record.jobId))?.status === 'FAILED');
    expect(await runs.start(record)).toBeNull();
    expect((await runs.describe(record.jobId))?.status).toBe('FAILED');
    cloud.script.sfm = () => null;
    expect(await runs.startAgain({ ...cloud.record, state: 'queued', failure: null })).toBe(true);
    expect(await runs.startAgain(record)).toBe(false);
    await cloud.running('sfm', 2);
    await runs.send(record.jobId, 'cancel', { reason: 'test over', by: 'a test' });
    await waitFor('the end', async () => (await runs.describe(record.jobId))?.status === 'CANCELLED');
  });
  expect(await runs.send(record.jobId, 'cancel', { reason: 'too late', by: 'a test' })).toEqual({ kind: 'ended' });
});

test('a retry wakes a parked job, and the workflow says why it refuses another', async () => {
  const { runs, cloud, withWorkers } = deployment();
  const record = newRecord({ retryWindowSeconds: 3600 });
  cloud.reports.sfm = (attempt) =>
    attempt === 1 ? { verdict: { ok: false, code: 'TOO_FEW_POINTS', message: 'only 31 points' } } : {};
  cloud.script.training = () => null;
  await withWorkers(async () => {
    await runs.start(record);
    await waitFor('the job to park', async () => (await runs.describe(record.jobId))?.state === 'parked');
    expect(await runs.send(record.jobId, 'retry', { fromStage: null, options: { maxNumFeatures: 9000 } })).toEqual({
      kind: 'accepted',
      state: 'running',
    });
    await cloud.running('training');
    expect(await runs.send(record.jobId, 'retry', { fromStage: null, options: {} })).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('running'),
    });
    await runs.send(record.jobId, 'cancel', { reason: 'test over', by: 'a test' });
    await waitFor('the end', async () => (await runs.describe(record.jobId))?.status === 'CANCELLED');
  });
});

test('a result that the gate left open is accepted, and the job paused and resumed, by updates that answer', async () => {
  const { runs, cloud, withWorkers } = deployment();
  const record = newRecord({ retryWindowSeconds: 3600 });
  const send = (name: SignalName, payload: unknown = {}) => runs.send(record.jobId, name, payload);
  cloud.reports.sfm = () => ({ metrics: { photos: 18, registered: 8, points: 3000, reprojectionErrorPx: 0.6 } });
  cloud.script.training = () => null;
  await withWorkers(async () => {
    await runs.start(record);
    await waitFor('the question', () => cloud.record.waiting?.for === 'decision');
    expect(await send('resume')).toMatchObject({ kind: 'rejected', message: expect.stringContaining('not paused') });
    expect(await send('accept', { by: 'Ada' })).toEqual({ kind: 'accepted', state: 'running' });
    const training = await cloud.running('training');
    expect(await send('accept')).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('was accepted already'),
    });
    expect(await send('pause')).toEqual({ kind: 'accepted', state: 'running' });
    cloud.endings.set(training, { status: 'Completed', failure: null });
    await waitFor('the pause', () => cloud.record.waiting?.for === 'resume');
    expect(await send('resume')).toEqual({ kind: 'accepted', state: 'running' });
    await waitFor('the end', async () => (await runs.describe(record.jobId))?.status === 'COMPLETED');
  });
  expect(cloud.record.gates[0]).toMatchObject({ verdict: 'undecided', acceptedBy: { by: 'Ada' } });
});

test('a cancel that no worker hears lies in the history until one comes', async () => {
  const { runs, cloud, withWorkers } = deployment();
  const record = newRecord();
  await runs.start(record);
  expect(await runs.send(record.jobId, 'cancel', { reason: 'nobody home', by: 'a test' })).toEqual({
    kind: 'delivered',
  });
  await withWorkers(async () => {
    await waitFor('the end', async () => (await runs.describe(record.jobId))?.status === 'CANCELLED');
  });
  expect(cloud.record).toMatchObject({ state: 'cancelled', cancelled: { reason: 'nobody home', by: 'a test' } });
});

test('a repeated erasure finds the one that is under way, and knows how long Temporal remembers', async () => {
  const { runs } = deployment();
  const record = newRecord();
  expect(await runs.isErasing(record.jobId)).toBe(false);
  await runs.erase(record);
  await runs.erase(record);
  expect(await runs.isErasing(record.jobId)).toBe(true);
  const listed = await waitFor('the erasure in a list', async () =>
    (await runs.recentErasures(Date.now())).find(({ jobId }) => jobId === record.jobId),
  );
  expect(listed).toEqual({ jobId: record.jobId, status: 'RUNNING', startedAtMs: expect.any(Number) });
  expect(await runs.retentionDays()).toBeGreaterThanOrEqual(1);
});

test('readiness asks Temporal', async () => {
  await expect(deployment().runs.check(Date.now() + 5000)).resolves.toBeUndefined();
});
