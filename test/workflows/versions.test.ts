import { randomBytes } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { newJobRecord, type JobRecord } from '../../contracts/job/record';
import { MOVE_SIGNAL, taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { workflowId } from '../../contracts/machines/names';
import { stateKey } from '../../platform/temporal-client';
import { makeCurrent, movesRuns, readBuilds, wakeWaiting } from '../../workers/deploy/deployment';
import { versioningOptions } from '../../workers/versioning';
import { createWorkers } from '../../workers/workers';
import type { PipelineInput } from '../../workflows/job/input';
import { testRequest } from '../helpers/records';
import { waitFor } from '../helpers/wait-for';
import { FakeCloud } from '../helpers/workflows/fake-cloud';
import {
  endOpenRun,
  inState,
  parked,
  runJob,
  stagesOf,
  TEST_POLICY,
  workflowSuite,
  type JobRun,
} from '../helpers/workflows/run-job';

const suite = workflowSuite();

const LEARNED_NOTHING = { status: 'Failed', failure: { code: 'NOTHING_LEARNED', message: 'x' } } as const;
const COMPLETED = { status: 'Completed', failure: null } as const;
const HOUR_MS = 3_600_000;

const newestRun = async ({ workflowId: id }: WorkflowHandle) =>
  suite().temporal.client.workflow.getHandle(id).describe();

/** Tells a job that waits to move, and waits until another run has saved its record. */
async function moved(run: JobRun): Promise<JobRecord> {
  const { runId } = await newestRun(run.handle);
  const saves = run.cloud.saved.length;
  await run.handle.signal(MOVE_SIGNAL);
  await waitFor('another run', async () => (await newestRun(run.handle)).runId !== runId);
  return waitFor('its record', () => run.cloud.saved[saves] ?? null);
}

describe('a job that waits and is told to move goes on as a new run', () => {
  const firstFails = (cloud: FakeCloud): void =>
    void (cloud.script.training = (attempt) => (attempt === 1 ? LEARNED_NOTHING : COMPLETED));

  test('parked: with the time that is left, told once, and a retry builds on what is there', async () => {
    await runJob(suite(), { retryWindowSeconds: 3600, prepare: firstFails }, async (run) => {
      const before = await parked(run);
      expect(await moved(run)).toMatchObject({ state: 'parked', parkedUntilMs: before.parkedUntilMs });
      expect((await newestRun(run.handle)).typedSearchAttributes.get(stateKey)).toBe('parked');
      await run.handle.signal('retry');
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'training 2', 'compression 1']);
      await waitFor('both mails', () => run.cloud.mails.length === 2);
    });
  });

  test('parked until its time is over: it fails for what it failed for, and nobody is told again', async () => {
    await runJob(suite(), { retryWindowSeconds: 3, prepare: firstFails }, async (run) => {
      await parked(run);
      await moved(run);
      expect(await run.end()).toMatchObject({ type: 'NOTHING_LEARNED' });
      expect(run.cloud.record).toMatchObject({ state: 'failed', failure: { code: 'NOTHING_LEARNED' } });
      expect(run.cloud.mails).toHaveLength(1);
    });
  });

  test('paused: until it is resumed', async () => {
    const prepare = (cloud: FakeCloud): void => void (cloud.script.sfm = () => null);
    await runJob(suite(), { prepare }, async (run) => {
      const jobName = await run.cloud.running('sfm');
      await run.handle.signal('pause');
      run.cloud.endings.set(jobName, COMPLETED);
      await inState(run, 'waiting');
      expect(await moved(run)).toMatchObject({ state: 'waiting', waiting: { for: 'resume' } });
      await run.handle.signal('resume');
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
    });
  });

  test('before its start: until then, or until it is cancelled', async () => {
    const startAtMs = Date.now() + HOUR_MS;
    await runJob(suite(), { request: { startAtMs } }, async (run) => {
      await inState(run, 'waiting');
      expect(await moved(run)).toMatchObject({ state: 'waiting', waiting: { for: 'start', untilMs: startAtMs } });
      await run.handle.signal('cancel', { reason: 'rain' });
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
    });
  });
});

describe('versions of workers', () => {
  const deployment = `v${randomBytes(6).toString('hex')}`;
  const stops: (() => Promise<void>)[] = [];
  const handles: WorkflowHandle[] = [];
  afterAll(async () => {
    await Promise.all(handles.map(endOpenRun));
    await Promise.all(stops.map((stop) => stop()));
  });

  /** Workers of a build with a cloud of their own, whose trainings end when the test says so. */
  async function startBuild(buildId: string | null): Promise<{ cloud: FakeCloud; stop: () => Promise<void> }> {
    const { temporal, bundle } = suite();
    const cloud = new FakeCloud();
    cloud.script.training = () => null;
    const connection = await NativeConnection.connect({ address: temporal.address });
    const config = { deployment, temporalNamespace: 'default', maxWatchedJobs: 10 };
    const versioning = versioningOptions({ deployment, buildId });
    const workers = await createWorkers(config, connection, cloud.activities(temporal.client), bundle, versioning);
    const polling = workers.map((worker) => worker.run());
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (stopped ??= (async () => {
        workers.forEach((worker) => worker.shutdown());
        await Promise.all(polling);
        await connection.close();
      })());
    stops.push(stop);
    return { cloud, stop };
  }

  async function startJob(): Promise<{ jobId: string; handle: WorkflowHandle }> {
    const jobId = randomBytes(6).toString('hex');
    const record = newJobRecord(jobId, testRequest({ retryWindowSeconds: 3600 }), Date.now());
    const input: PipelineInput = { deployment, record, policy: TEST_POLICY, publicUrl: 'http://localhost' };
    const handle = await suite().temporal.client.workflow.start(WORKFLOW_TYPE.pipeline, {
      workflowId: workflowId(jobId),
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
    });
    handles.push(handle);
    return { jobId, handle };
  }

  const stagesIn = ({ submitted }: FakeCloud, jobId: string): string[] =>
    submitted.filter((job) => job.jobId === jobId).map(({ stage, attempt }) => `${stage} ${attempt}`);
  const trains = (cloud: FakeCloud, jobId: string, attempt = 1): Promise<string> =>
    waitFor(`${jobId} to train`, () =>
      stagesIn(cloud, jobId).includes(`training ${attempt}`) ? cloud.nameOf(jobId, 'training') : null,
    );
  const park = async (cloud: FakeCloud, jobId: string): Promise<void> => {
    cloud.endings.set(await trains(cloud, jobId), LEARNED_NOTHING);
    await waitFor('it to be parked', () => cloud.saved.findLast((saved) => saved.jobId === jobId)?.state === 'parked');
  };

  test('a build gets what begins once it is current, a job stays in its build over a deploy, and one that waits moves', async () => {
    const { client } = suite().temporal;
    const current = (buildId: string) => makeCurrent(client, { deployment, buildId, patienceMs: 20_000 });

    const without = await startBuild(null);
    const parkedBefore = await startJob();
    await park(without.cloud, parkedBefore.jobId);

    const one = await startBuild('one');
    await waitFor('the build to be known', async () => (await readBuilds(client, deployment)).builds.length === 1);
    const early = await startJob();
    await trains(without.cloud, early.jobId);
    expect(one.cloud.submitted).toEqual([]);
    await endOpenRun(early.handle);

    await current('one');
    await without.stop();
    await parkedBefore.handle.signal('retry');
    one.cloud.endings.set(await trains(one.cloud, parkedBefore.jobId, 2), COMPLETED);
    expect(await parkedBefore.handle.result()).toMatchObject({ state: 'succeeded' });
    const [pinned, waiting] = [await startJob(), await startJob()];
    const pinnedTraining = await trains(one.cloud, pinned.jobId);
    await park(one.cloud, waiting.jobId);

    const two = await startBuild('two');
    await current('two');
    expect(await readBuilds(client, deployment)).toMatchObject({
      current: 'two',
      builds: expect.arrayContaining([
        { buildId: 'one', status: 'draining' },
        { buildId: 'two', status: 'current' },
      ]),
    });
    const late = await startJob();
    await trains(two.cloud, late.jobId);
    one.cloud.endings.set(pinnedTraining, COMPLETED);
    expect(await pinned.handle.result()).toMatchObject({ state: 'succeeded' });
    expect(stagesIn(one.cloud, pinned.jobId)).toEqual(['sfm 1', 'training 1', 'compression 1']);

    // A server before 1.31 tells no run that another build is current: there it waits on in its own.
    const { moves } = await movesRuns(client);
    if (moves) expect(await wakeWaiting(client, deployment)).toBe(1);
    await waiting.handle.signal('retry');
    await trains(moves ? two.cloud : one.cloud, waiting.jobId, 2);
  });

  test('a build without workers is not made current', async () => {
    const asked = makeCurrent(suite().temporal.client, { deployment, buildId: 'none', patienceMs: 0 });
    await expect(asked).rejects.toThrow(/no worker of the build "none" has come to .*-control.*-delivery/);
  });
});
