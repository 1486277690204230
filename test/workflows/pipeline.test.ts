import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { estimate, uncalibrated } from '../../contracts/estimates/estimate';
import { totalCostUsd, type JobRecord } from '../../contracts/job/record';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { stateKey } from '../../platform/temporal-client';
import type { PipelineInput } from '../../workflows/job/input';
import type { FakeCloud } from '../helpers/workflows/fake-cloud';
import {
  inState,
  parked,
  jobRunner,
  stagesOf,
  TEST_POLICY,
  type JobRun,
  workflowSuite,
} from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const COMPLETED = { status: 'Completed', failure: null } as const;

const withJob = jobRunner(suite);

test('a job runs its three stages in order, publishes, mails once and ends Completed', async () => {
  await withJob({}, async ({ cloud, handle, end }) => {
    const record = await end();
    expect(record).toMatchObject({
      state: 'succeeded',
      photos: { accepted: 18 },
      result: { files: [{ name: 'scene.sog' }] },
    });
    expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
    expect(cloud.record).toEqual(record);
    expect(totalCostUsd(cloud.record)).toBeCloseTo((0.408 + 0.736 + 0.816) / 60, 6);
    await waitFor('the mail', () => cloud.mails.length === 1);
    const described = await handle.describe();
    expect(described.status.name).toBe('COMPLETED');
    expect(described.typedSearchAttributes.get(stateKey)).toBe('succeeded');
  });
});

test('what a job is expected to take is written down when its photos are known, and stays as it is', async () => {
  const calibration = uncalibrated(2);
  await withJob({ record: { calibration } }, async ({ cloud, end, again }) => {
    const record = (await end()) as JobRecord;
    const photos = { low: 18, high: 18 };
    const { preset, options } = record.request;
    expect(record.estimate).toEqual(estimate({ photos, megapixels: null, preset, options }, calibration));
    const atSfm = cloud.saved.find(({ step }) => step === 'sfm');
    expect(atSfm?.estimate).toEqual(record.estimate);
    // A record of before has none, and gets none: nobody knows what its machines are.
    const { calibration: _, estimate: __, ...before } = record;
    cloud.saved.push({ ...before, photos: null, accepted: [], state: 'queued' });
    expect(((await (await again()).end()) as JobRecord).estimate).toBeUndefined();
  });
});

test('too few points end the job before a training machine is rented, with the code as the failure type', async () => {
  const rejected = { verdict: { ok: false, code: 'TOO_FEW_POINTS' as const, message: 'only 31 points' } };
  await withJob({ prepare: (cloud) => (cloud.reports.sfm = () => rejected) }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ type: 'TOO_FEW_POINTS', message: 'only 31 points' });
    expect(stagesOf(cloud)).toEqual(['sfm 1']);
    expect(cloud.record).toMatchObject({
      state: 'failed',
      failure: { code: 'TOO_FEW_POINTS' },
      attempts: [{ status: 'Completed', failure: { code: 'TOO_FEW_POINTS' } }],
    });
    await waitFor('the mail', () => cloud.mails.at(-1)?.record.state === 'failed');
  });
});

test('a report that claims success with 900 points is still rejected', async () => {
  const metrics = { photos: 18, registered: 18, points: 900, reprojectionErrorPx: 1 };
  await withJob({ prepare: (cloud) => (cloud.reports.sfm = () => ({ metrics })) }, async ({ end }) => {
    expect(await end()).toMatchObject({ type: 'TOO_FEW_POINTS' });
  });
});

test('photos that cannot be used end the job before any machine is rented', async () => {
  const error = ApplicationFailure.nonRetryable('2 usable photos', 'TOO_FEW_PHOTOS');
  await withJob({ prepare: (cloud) => (cloud.intakeError = error) }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ type: 'TOO_FEW_PHOTOS' });
    expect(cloud.submitted).toEqual([]);
  });
});

test("each attempt's log is stored when it has ended, however it did", async () => {
  const prepare = (cloud: FakeCloud): void => {
    cloud.script.sfm = (attempt) =>
      attempt === 1 ? { status: 'Failed', failure: { code: 'PLATFORM_ERROR', message: 'x' } } : COMPLETED;
    cloud.script.training = () => null;
  };
  await withJob({ prepare }, async ({ jobId, deployment, cloud, handle, end }) => {
    await cloud.running('training');
    await handle.signal('cancel');
    await end();
    const names = ['sfm-a01', 'sfm-a02', 'training-a01'].map((attempt) => `${deployment}-${jobId}-${attempt}`);
    expect(cloud.logsStored.toSorted()).toEqual(names);
  });
});

test('a log that cannot be stored changes nothing of its job', async () => {
  const prepare = (cloud: FakeCloud): void => void (cloud.logErrors.training = new Error('the storage is away'));
  await withJob({ prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ state: 'succeeded' });
    expect(cloud.logsStored).toHaveLength(2);
    await waitFor('the mail', () => cloud.mails.length === 1);
    expect(cloud.mails[0]?.record).toMatchObject({ state: 'succeeded', failure: null });
  });
});

describe('cancelling during training', () => {
  const untilStopped = (cloud: FakeCloud): void => void (cloud.script.training = () => null);

  async function expectCanceled({ cloud, handle, end }: JobRun, jobName: string, reason: string): Promise<void> {
    expect(await end()).toBeInstanceOf(CancelledFailure);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(cloud.stopped).toContain(jobName);
    expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1']);
    expect(cloud.record).toMatchObject({ state: 'cancelled', cancelled: { reason } });
    expect(cloud.record.attempts.at(-1)).toMatchObject({ stage: 'training', status: 'Stopped', billedSeconds: 60 });
    await waitFor('the mail', () => cloud.mails.at(-1)?.record.state === 'cancelled');
    expect(cloud.mails).toHaveLength(1);
  }

  test('by signal stops the machine, waits for its end and ends Canceled with the cost', async () => {
    await withJob({ prepare: untilStopped }, async (run) => {
      const jobName = await run.cloud.running('training');
      await run.handle.signal('cancel', { reason: 'wrong field' });
      await expectCanceled(run, jobName, 'wrong field');
    });
  });

  test('by a signal without a payload does the same', async () => {
    await withJob({ prepare: untilStopped }, async (run) => {
      const jobName = await run.cloud.running('training');
      await run.handle.signal('cancel');
      await expectCanceled(run, jobName, 'no reason given');
    });
  });

  test("by the server, as the Web UI's button does, takes the same path", async () => {
    await withJob({ prepare: untilStopped }, async (run) => {
      const jobName = await run.cloud.running('training');
      await run.handle.cancel();
      await expectCanceled(run, jobName, 'cancelled in Temporal');
    });
  });

  test('by update answers at once, and twice is harmless', async () => {
    await withJob({ prepare: untilStopped }, async (run) => {
      const jobName = await run.cloud.running('training');
      expect(await run.handle.executeUpdate('cancel', { args: [{ reason: 'rain' }] })).toEqual({ state: 'cancelling' });
      await run.handle.signal('cancel', 'nonsense');
      await expectCanceled(run, jobName, 'rain');
    });
  });

  test('between Create and its answer stops the machine at once, and once more when the answer is there', async () => {
    let answer = (): void => undefined;
    const prepare = (cloud: FakeCloud): void => {
      untilStopped(cloud);
      cloud.afterCreate = () =>
        cloud.submitted.at(-1)?.stage === 'training' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
    };
    await withJob({ prepare }, async (run) => {
      const jobName = await run.cloud.running('training');
      await run.handle.executeUpdate('cancel', { args: [{ reason: 'late' }] });
      await waitFor('the first Stop', () => run.cloud.stopped.length === 1);
      answer();
      await expectCanceled(run, jobName, 'late');
      expect(run.cloud.stopped).toEqual([jobName, jobName]);
    });
  });

  test('when the job ends by itself in that moment bills it and still ends Canceled', async () => {
    await withJob({ prepare: untilStopped }, async ({ cloud, handle, end }) => {
      const jobName = await cloud.running('training');
      cloud.endings.set(jobName, { status: 'Completed', failure: null });
      await handle.signal('cancel', {});
      expect(await end()).toBeInstanceOf(CancelledFailure);
      expect(cloud.record.attempts.at(-1)).toMatchObject({ stage: 'training', status: 'Completed', billedSeconds: 60 });
      expect(cloud.submitted.some(({ stage }) => stage === 'compression')).toBe(false);
    });
  });
});

describe('a failure that a person could mend', () => {
  const failsOnce = (cloud: FakeCloud): void =>
    void (cloud.script.training = (attempt) =>
      attempt === 1
        ? { status: 'Failed', failure: { code: 'CONTAINER_FAILED', message: 'exit code: 1' } }
        : { status: 'Completed', failure: null });

  test('parks the job, mails the deadline, and a retry signal continues from the failed stage with changed options', async () => {
    await withJob({ retryWindowSeconds: 3600, prepare: failsOnce }, async (run) => {
      expect((await parked(run)).parkedUntilMs).toBeGreaterThan(Date.now());
      await waitFor('the failure mail', () => run.cloud.mails.at(-1)?.record.state === 'parked');
      await run.handle.signal('retry', { options: { maxGaussians: 5000 } });
      expect(await run.end()).toMatchObject({ state: 'succeeded', failure: null });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'training 2', 'compression 1']);
      expect(run.cloud.submitted[2]?.settings).toMatchObject({ maxGaussians: 5000 });
      expect(run.cloud.record.attempts).toHaveLength(4);
    });
  });

  test('shows a retry signal that cannot be followed, and keeps waiting', async () => {
    await withJob({ retryWindowSeconds: 3600, prepare: failsOnce }, async (run) => {
      await parked(run);
      await run.handle.signal('retry', { options: { roleArn: 'mine' } });
      await waitFor('the notice', () => run.cloud.record.notice?.includes('options.roleArn is unknown'));
      await run.handle.signal('retry');
      expect(await run.end()).toMatchObject({ state: 'succeeded', notice: null });
    });
  });

  test('refuses a retry update with the reason', async () => {
    await withJob({ retryWindowSeconds: 3600, prepare: failsOnce }, async (run) => {
      await parked(run);
      const update = (payload: unknown): Promise<unknown> =>
        run.handle.executeUpdate('retry', { args: [payload] }).catch((error: unknown) => (error as Error).cause);
      expect(await update({ fromStage: 'compression' })).toMatchObject({
        type: 'RETRY_REJECTED',
        message: expect.stringContaining('needs the result of') as string,
      });
      expect(await update({ options: { maxNumFeatures: 1000 } })).toMatchObject({
        message: expect.stringContaining('whose result is kept') as string,
      });
      expect(await update({ options: { shBands: 9 } })).toMatchObject({
        message: expect.stringContaining('from 0 to 3') as string,
      });
      expect(await update({ fromStage: 'sfm' })).toEqual({ state: 'running' });
      await run.end();
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'sfm 2', 'training 2', 'compression 1']);
    });
  });

  test('ends with the original failure and no second mail when nobody retries in time', async () => {
    await withJob({ retryWindowSeconds: 1, prepare: failsOnce }, async (run) => {
      expect(await run.end()).toMatchObject({ type: 'CONTAINER_FAILED', message: 'exit code: 1' });
      expect(run.cloud.record.state).toBe('failed');
      expect(run.cloud.mails.map((mail) => mail.record.state)).toEqual(['parked']);
    });
  });

  test('a cancelled parked job ends Canceled', async () => {
    await withJob({ retryWindowSeconds: 3600, prepare: failsOnce }, async (run) => {
      await parked(run);
      await run.handle.signal('cancel', { reason: 'never mind' });
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
      expect(run.cloud.record).toMatchObject({ state: 'cancelled', cancelled: { reason: 'never mind' } });
    });
  });
});

test('an error of the platform gets a new attempt, three at most', async () => {
  const ending = { status: 'Failed' as const, failure: { code: 'PLATFORM_ERROR' as const, message: 'internal error' } };
  await withJob({ prepare: (cloud) => (cloud.script.sfm = () => ending) }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ type: 'PLATFORM_ERROR' });
    expect(stagesOf(cloud)).toEqual(['sfm 1', 'sfm 2', 'sfm 3']);
  });
});

test('a training that runs out of memory is tried again with smaller photos, as long as the ladder has rungs, the last on a larger machine', async () => {
  const outOfMemory = {
    status: 'Failed' as const,
    failure: { code: 'GPU_OUT_OF_MEMORY' as const, message: '15.9 GB were in use' },
  };
  const prepare = (cloud: FakeCloud): void =>
    void (cloud.script.training = (attempt) => (attempt === 1 ? outOfMemory : { status: 'Completed', failure: null }));
  await withJob({ prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ state: 'succeeded' });
    const trainings = cloud.submitted.filter(({ stage }) => stage === 'training');
    expect(trainings.map(({ settings }) => (settings as { imageSize: number }).imageSize)).toEqual([400, 300]);
    expect(
      cloud.record.attempts.filter(({ stage }) => stage === 'training').map(({ memoryStep }) => memoryStep),
    ).toEqual([0, 1]);
  });
  await withJob({ prepare: (cloud) => (cloud.script.training = () => outOfMemory) }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ type: 'GPU_OUT_OF_MEMORY' });
    expect(cloud.rented.slice(1)).toEqual(['ml.g4dn.xlarge', 'ml.g4dn.xlarge', 'ml.g4dn.xlarge', 'ml.g5.xlarge']);
  });
  const prepareWithoutLarger = (cloud: FakeCloud): void => {
    cloud.script.training = () => outOfMemory;
    cloud.unavailable.add('ml.g5.xlarge');
  };
  await withJob({ prepare: prepareWithoutLarger }, async ({ end }) => {
    expect(await end()).toMatchObject({
      type: 'GPU_OUT_OF_MEMORY',
      message: expect.stringContaining('quota "ml.g5.xlarge" is 0') as string,
    });
  });
});

test('missing capacity is waited for, however often, and is no failure', async () => {
  const noCapacity = { status: 'Failed' as const, failure: { code: 'NO_CAPACITY' as const, message: 'no machine' } };
  const prepare = (cloud: FakeCloud): void =>
    void (cloud.script.sfm = (attempt) => (attempt < 5 ? noCapacity : { status: 'Completed', failure: null }));
  await withJob({ prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ state: 'succeeded' });
    expect(cloud.saved.some((record) => record.state === 'waiting')).toBe(true);
    expect(cloud.submitted.filter(({ stage }) => stage === 'sfm')).toHaveLength(5);
  });
});

test('a run that continues from the record of an ended one reuses its stages and continues its attempt numbers', async () => {
  await withJob(
    {
      prepare: (cloud) =>
        (cloud.script.training = () => ({ status: 'Failed', failure: { code: 'CONTAINER_FAILED', message: 'x' } })),
    },
    async ({ deployment, cloud, handle, end }) => {
      await end();
      cloud.script.training = () => ({ status: 'Completed', failure: null });
      const again = await suite().temporal.client.workflow.execute(WORKFLOW_TYPE.pipeline, {
        workflowId: handle.workflowId,
        taskQueue: taskQueue(deployment, 'control'),
        args: [
          {
            deployment,
            record: { ...cloud.record, state: 'queued', failure: null },
            policy: TEST_POLICY,
            publicUrl: 'http://localhost',
          } satisfies PipelineInput,
        ],
      });
      expect(again).toMatchObject({ state: 'succeeded' });
      expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1', 'training 2', 'compression 1']);
    },
  );
});

test('of a job that has succeeded other files are made from its model: what is published stays until they are', async () => {
  await withJob({}, async ({ cloud, end, again }) => {
    const { result } = (await end()) as JobRecord;
    cloud.files = [{ name: 'orthophoto.tif', bytes: 7 }];
    cloud.script.compression = () => null;
    const stopped = await again();
    expect((await inState(stopped, 'running')).result).toEqual(result);
    await cloud.running('compression', 2);
    await stopped.handle.signal('cancel');
    expect(await stopped.end()).toBeInstanceOf(CancelledFailure);
    expect(cloud.record).toMatchObject({ state: 'cancelled', result });
    await waitFor('the mail', () => cloud.mails.at(-1)?.record.state === 'cancelled');

    cloud.script.compression = () => ({ status: 'Failed', failure: { code: 'CONTAINER_FAILED', message: 'x' } });
    expect(await (await again()).end()).toMatchObject({ type: 'CONTAINER_FAILED' });
    expect(cloud.record).toMatchObject({ state: 'failed', result });

    cloud.script.compression = () => COMPLETED;
    expect(await (await again()).end()).toMatchObject({ state: 'succeeded', result: { files: cloud.files } });
    expect(stagesOf(cloud)).toEqual([
      'sfm 1',
      'training 1',
      ...[1, 2, 3, 4].map((attempt) => `compression ${attempt}`),
    ]);
  });
});
