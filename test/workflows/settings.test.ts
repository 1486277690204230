import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { newJobRecord } from '../../contracts/job/record';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { workflowId } from '../../contracts/machines/names';
import { testRequest } from '../helpers/records';
import { FakeCloud } from '../helpers/workflows/fake-cloud';
import { inState, runJob, TEST_POLICY, workflowSuite } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const untilStopped = (cloud: FakeCloud): void => void (cloud.script.training = () => null);

test('a running job is renamed: record, mail and what follows have the new name, and the job goes on', async () => {
  await runJob(suite(), { prepare: untilStopped }, async ({ cloud, handle, end }) => {
    const jobName = await cloud.running('training');
    expect(await handle.executeUpdate('change', { args: [{ name: 'Quarry' }] })).toEqual({ state: 'running' });
    expect(cloud.record.request.name).toBe('Quarry');
    cloud.endings.set(jobName, { status: 'Completed', failure: null });
    expect(await end()).toMatchObject({ state: 'succeeded', request: { name: 'Quarry' } });
    await waitFor('the mail', () => cloud.mails.length === 1);
    expect(cloud.mails[0]?.record.request.name).toBe('Quarry');
  });
});

test('a change that means another version is refused, and so is nonsense; a signal of it leaves a notice', async () => {
  await runJob(suite(), { prepare: untilStopped }, async (run) => {
    const { cloud, handle, end } = run;
    await cloud.running('training');
    await handle.executeUpdate('change', { args: [{ name: 'Quarry', was: { name: null } }] });
    const late = handle.executeUpdate('change', { args: [{ name: 'Mine', was: { name: null } }] });
    await expect(late).rejects.toThrow(WorkflowUpdateFailedError);
    await expect(handle.executeUpdate('change', { args: [{ name: 7 }] })).rejects.toThrow(WorkflowUpdateFailedError);
    await handle.signal('change');
    await waitFor('the notice', () => cloud.record.notice?.includes('change was not followed'));
    expect(cloud.record.request.name).toBe('Quarry');
    await handle.signal('cancel');
    await end();
    expect(cloud.record).toMatchObject({ state: 'cancelled', request: { name: 'Quarry' } });
  });
});

test('a name that was given in the moment of the start is taken over with the first save', async () => {
  const prepare = (cloud: FakeCloud): void =>
    void (cloud.storedSettings = { name: 'Given before', priority: 2, startAtMs: null });
  await runJob(suite(), { prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ request: { name: 'Given before', priority: 2 } });
    expect(new Set(cloud.saved.map(({ request }) => request.name))).toEqual(new Set(['Given before']));
  });
});

test('a parked job is renamed, and its retry continues under the new name', async () => {
  const prepare = (cloud: FakeCloud): void => {
    cloud.script.training = (attempt) =>
      attempt === 1
        ? { status: 'Failed', failure: { code: 'NOTHING_LEARNED', message: 'x' } }
        : { status: 'Completed', failure: null };
  };
  await runJob(suite(), { retryWindowSeconds: 3600, prepare }, async (run) => {
    await inState(run, 'parked');
    expect(await run.handle.executeUpdate('change', { args: [{ name: 'Quarry' }] })).toEqual({ state: 'parked' });
    await run.handle.signal('retry');
    expect(await run.end()).toMatchObject({ state: 'succeeded', request: { name: 'Quarry' } });
  });
});

describe('a job that starts later', () => {
  const HOUR_MS = 3_600_000;

  test('waits for its time, rents nothing, and is cancelled before it begins', async () => {
    const startAtMs = Date.now() + HOUR_MS;
    await runJob(suite(), { request: { startAtMs } }, async (run) => {
      const waiting = await inState(run, 'waiting');
      expect(waiting).toMatchObject({ step: null, photos: null, waiting: { for: 'start', untilMs: startAtMs } });
      await run.handle.signal('cancel', { reason: 'rain' });
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
      expect(run.cloud.record).toMatchObject({ state: 'cancelled', cancelled: { reason: 'rain' }, attempts: [] });
      expect(run.cloud.submitted).toEqual([]);
    });
  });

  test('begins at another time that it is given, and at once where it is given none; not after it has begun', async () => {
    await runJob(suite(), { request: { startAtMs: Date.now() + HOUR_MS }, prepare: untilStopped }, async (run) => {
      const { cloud, handle } = run;
      await inState(run, 'waiting');
      const later = new Date(Date.now() + 2 * HOUR_MS).toISOString();
      expect(await handle.executeUpdate('change', { args: [{ startAt: later }] })).toEqual({ state: 'waiting' });
      await waitFor('the new time', () => cloud.record.waiting?.untilMs === Date.parse(later));
      await handle.executeUpdate('change', { args: [{ startAt: null }] });
      const jobName = await cloud.running('training');
      const late = handle.executeUpdate('change', { args: [{ startAt: later }] });
      await expect(late).rejects.toThrow(WorkflowUpdateFailedError);
      cloud.endings.set(jobName, { status: 'Completed', failure: null });
      expect(await run.end()).toMatchObject({ state: 'succeeded', request: { startAtMs: null } });
    });
  });

  test('begins by itself when its time has come', async () => {
    await runJob(suite(), { request: { startAtMs: Date.now() + HOUR_MS } }, async (run) => {
      const { cloud } = run;
      await inState(run, 'waiting');
      const startAtMs = Date.now() + 3000;
      await run.handle.executeUpdate('change', { args: [{ startAt: new Date(startAtMs).toISOString() }] });
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
      const begun = cloud.saved.find(({ step }) => step === 'intake');
      expect(begun).toMatchObject({ state: 'running', waiting: null });
      expect(begun?.updatedAtMs).toBeGreaterThanOrEqual(startAtMs);
    });
  });
});

test('of the jobs that wait for the same workers the most urgent one is served first, also by a later priority', async () => {
  const deployment = `order${Date.now()}`;
  const cloud = new FakeCloud();
  const served: string[] = [];
  const server = suite().temporal;
  const start = (jobId: string, priority: number): Promise<WorkflowHandle> =>
    server.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(jobId),
      taskQueue: taskQueue(deployment, 'control'),
      priority: { priorityKey: priority },
      args: [
        {
          deployment,
          record: newJobRecord(jobId, testRequest({ priority }), Date.now()),
          policy: TEST_POLICY,
          publicUrl: 'http://localhost',
        },
      ],
    });
  const queue = taskQueue(deployment, 'photos');
  const backlog = async (): Promise<number> => {
    const { stats } = await server.client.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: queue },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
      reportStats: true,
    });
    return Number(stats?.approximateBacklogCount ?? 0);
  };
  // All but the workers of the queue `photos`, so that the first step of each job waits in line.
  const { photos, ...others } = cloud.activities(server.client);
  const config = { connection: server.nativeConnection, namespace: 'default' };
  const names = ['last', 'usual', 'first', 'raised'];
  const ids = names.map((name) => `${name}${Date.now()}`);
  const workers = await Promise.all([
    Worker.create({
      ...config,
      taskQueue: taskQueue(deployment, 'control'),
      workflowBundle: suite().bundle,
      activities: others.control,
    }),
    Worker.create({ ...config, taskQueue: taskQueue(deployment, 'watch'), activities: others.watch }),
    Worker.create({ ...config, taskQueue: taskQueue(deployment, 'delivery'), activities: others.delivery }),
  ]);
  const polling = workers.map((worker) => worker.run());
  try {
    const [last, usual, first, raised] = ids as [string, string, string, string];
    const handles = [await start(last, 5), await start(usual, 3), await start(first, 1)];
    // Waits for its time, and gets another priority before it stands in line.
    const later = await server.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(raised),
      taskQueue: taskQueue(deployment, 'control'),
      args: [
        {
          deployment,
          record: newJobRecord(raised, testRequest({ startAtMs: Date.now() + 3_600_000 }), Date.now()),
          policy: TEST_POLICY,
          publicUrl: 'http://localhost',
        },
      ],
    });
    await later.executeUpdate('change', { args: [{ priority: 2, startAt: null }] });
    await waitFor('all four to stand in line', async () => (await backlog()) === 4);
    const one = await Worker.create({
      ...config,
      taskQueue: queue,
      maxConcurrentActivityTaskExecutions: 1,
      maxConcurrentActivityTaskPolls: 1,
      activities: {
        intakePhotos: (input: { jobId: string }) => {
          served.push(input.jobId);
          return (photos.intakePhotos as (given: unknown) => Promise<unknown>)(input);
        },
      },
    });
    await one.runUntil(Promise.all([...handles, later].map((handle) => handle.result())));
    expect(served).toEqual([first, raised, usual, last]);
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(polling);
  }
});
