import { CancelledFailure } from '@temporalio/common';
import { DEFAULT_POLICY } from '../../contracts/job/policy';
import type { JobRecord } from '../../contracts/job/record';
import { completed, endedWith, type FakeCloud } from '../helpers/workflows/fake-cloud';
import { inState, jobRunner, stagesOf, workflowSuite } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const withJob = jobRunner(suite);

const HOUR_WINDOW = { retryWindowSeconds: 3600 };

describe('a full quota', () => {
  const full =
    (...types: string[]) =>
    (cloud: FakeCloud): void =>
      types.forEach((type) => cloud.full.add(type));

  test('is waited for under the same attempt, and shown as waiting for capacity', async () => {
    await withJob({ prepare: full('ml.g4dn.xlarge', 'ml.g5.xlarge') }, async (run) => {
      const { waiting, attempts } = await inState(run, 'waiting');
      expect(waiting).toMatchObject({ for: 'capacity', message: 'the quota is in use' });
      expect(attempts.at(-1)).toMatchObject({ stage: 'training', attempt: 1, status: 'Running', failure: null });
      run.cloud.full.clear();
      expect(await run.end()).toMatchObject({ state: 'succeeded', waiting: null });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
    });
  });

  test("sends the attempt to the preset's next instance type, at that type's price", async () => {
    await withJob({ prepare: full('ml.g4dn.xlarge') }, async ({ cloud, end }) => {
      await end();
      expect(cloud.rented).toEqual(['ml.c6i.2xlarge', 'ml.g5.xlarge', 'ml.c6i.4xlarge']);
      expect(cloud.record.attempts[1]).toMatchObject({
        instanceType: 'ml.g5.xlarge',
        costUsd: expect.closeTo(1.408 / 60, 9) as number,
      });
      expect(cloud.saved.every(({ state }) => state !== 'waiting')).toBe(true);
    });
  });

  test('and a cancel before the answer still bill the machine that was rented', async () => {
    let answer = (): void => undefined;
    const prepare = (cloud: FakeCloud): void => {
      full('ml.g4dn.xlarge')(cloud);
      cloud.script.training = () => null;
      cloud.afterCreate = () =>
        cloud.submitted.at(-1)?.stage === 'training' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
    };
    await withJob({ prepare }, async (run) => {
      await run.cloud.running('training');
      await run.handle.signal('cancel');
      await waitFor('the first Stop', () => run.cloud.stopped.length === 1);
      answer();
      await run.end();
      expect(run.cloud.record.attempts.at(-1)).toMatchObject({
        instanceType: 'ml.g5.xlarge',
        costUsd: expect.closeTo(1.408 / 60, 9) as number,
      });
    });
  });

  test('that never ends fails the job with what it waited for', async () => {
    await withJob(
      { prepare: full('ml.g4dn.xlarge', 'ml.g5.xlarge'), policy: { capacityWaitMs: 300 } },
      async ({ cloud, end }) => {
        expect(await end()).toMatchObject({ type: 'NO_MACHINE_IN_TIME', message: 'the quota is in use' });
        expect(cloud.record.attempts.at(-1)).toMatchObject({
          status: 'Failed',
          failure: { code: 'NO_MACHINE_IN_TIME' },
          costUsd: 0,
        });
      },
    );
  });

  test('does not hold up a cancel', async () => {
    await withJob({ prepare: full('ml.g4dn.xlarge', 'ml.g5.xlarge') }, async (run) => {
      await inState(run, 'waiting');
      await run.handle.signal('cancel', { reason: 'never mind', by: 'Ada' });
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
      expect(run.cloud.record).toMatchObject({
        state: 'cancelled',
        waiting: null,
        cancelled: { reason: 'never mind', by: 'Ada' },
      });
      expect(run.cloud.record.attempts.at(-1)).toMatchObject({ status: 'Stopped', costUsd: 0, failure: null });
    });
  });
});

test('after a CapacityError another instance type is tried at once', async () => {
  const prepare = (cloud: FakeCloud): void =>
    void (cloud.script.training = (attempt) => (attempt === 1 ? endedWith('Failed', 'NO_CAPACITY') : completed));
  await withJob({ prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ state: 'succeeded' });
    expect(cloud.rented).toEqual(['ml.c6i.2xlarge', 'ml.g4dn.xlarge', 'ml.g5.xlarge', 'ml.c6i.4xlarge']);
    expect(cloud.saved.every(({ state }) => state !== 'waiting')).toBe(true);
  });
});

describe('a training that runs for as long as it may', () => {
  const outOfTime =
    (times: number, checkpoint: boolean) =>
    (cloud: FakeCloud): void => {
      cloud.script.training = (attempt) =>
        attempt <= times ? endedWith('Stopped', 'MAX_RUNTIME_EXCEEDED') : completed;
      if (checkpoint) cloud.checkpoints.add(1);
    };

  test('resumes from its checkpoint', async () => {
    await withJob({ prepare: outOfTime(1, true) }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({ state: 'succeeded' });
      expect(cloud.submitted.map(({ resumedFrom }) => resumedFrom)).toEqual([null, null, 1, null]);
    });
  });

  test('and has left no checkpoint ends the job', async () => {
    await withJob({ prepare: outOfTime(1, false) }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({ type: 'MAX_RUNTIME_EXCEEDED' });
      expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1']);
    });
  });

  test('twice ends the job, and a retry resumes from the checkpoint once more', async () => {
    await withJob({ ...HOUR_WINDOW, prepare: outOfTime(2, true) }, async (run) => {
      await inState(run, 'parked');
      await run.handle.signal('retry');
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
      expect(
        run.cloud.submitted.filter(({ stage }) => stage === 'training').map(({ resumedFrom }) => resumedFrom),
      ).toEqual([null, 1, 1]);
    });
  });
});

test('an error of the platform in mid-training loses only what came after the checkpoint', async () => {
  const prepare = (cloud: FakeCloud): void => {
    cloud.script.training = (attempt) => (attempt === 1 ? endedWith('Failed', 'PLATFORM_ERROR') : completed);
    cloud.checkpoints.add(1);
  };
  await withJob({ prepare }, async ({ cloud, end }) => {
    expect(await end()).toMatchObject({ state: 'succeeded' });
    expect(cloud.record.attempts.map(({ stage, resumedFrom }) => `${stage} ${resumedFrom}`)).toEqual([
      'sfm null',
      'training null',
      'training 1',
      'compression null',
    ]);
  });
});

describe('a job on spot machines', () => {
  const spot = { capacity: 'spot', budgetUsd: 5 } as const;

  test('trains on one without a watch over its hours, which AWS alone knows, and tells what was saved', async () => {
    await withJob({ request: spot }, async ({ cloud, end }) => {
      const done = await end();
      expect(done).toMatchObject({ state: 'succeeded' });
      expect(cloud.submitted.map(({ stage, spot: asked }) => [stage, asked])).toEqual([
        ['sfm', undefined],
        ['training', { waitSeconds: DEFAULT_POLICY.capacityWaitMs / 1000 }],
        ['compression', undefined],
      ]);
      const [sfm, training] = cloud.record.attempts;
      expect(sfm).toMatchObject({ capacity: 'on-demand', savedUsd: 0 });
      expect(training).toMatchObject({ capacity: 'spot', billedSeconds: 60, savedUsd: (0.736 * 140) / 3600 });
    });
  });

  test('that AWS has none of is parked, and goes on from its checkpoint on demand', async () => {
    const prepare = (cloud: FakeCloud): void => {
      cloud.script.training = (attempt) => (attempt === 1 ? endedWith('Stopped', 'NO_SPOT_IN_TIME') : completed);
      cloud.checkpoints.add(1);
    };
    await withJob({ ...HOUR_WINDOW, request: spot, prepare }, async (run) => {
      expect(await inState(run, 'parked')).toMatchObject({ failure: { code: 'NO_SPOT_IN_TIME' } });
      await run.handle.signal('retry', { capacity: 'on-demand' });
      expect(await run.end()).toMatchObject({ state: 'succeeded', request: { capacity: 'on-demand' } });
      expect(run.cloud.record.attempts[2]).toMatchObject({ capacity: 'on-demand', resumedFrom: 1 });
    });
  });
});

describe('a retry of a job whose run was terminated while a machine ran', () => {
  test('stops that machine, accounts for it, and only then rents another', async () => {
    await withJob(
      { prepare: (cloud) => (cloud.script.training = (attempt) => (attempt === 1 ? null : completed)) },
      async ({ cloud, handle, again }) => {
        const left = await cloud.running('training');
        await handle.terminate();
        expect(await (await again()).end()).toMatchObject({ state: 'succeeded' });
        expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1', 'training 2', 'compression 1']);
        expect(cloud.stopped).toEqual([left]);
        const beforeNext = cloud.saved.find(({ attempts }) =>
          attempts.some(({ stage, attempt }) => stage === 'training' && attempt === 2),
        );
        expect(beforeNext!.attempts[1]).toMatchObject({
          jobName: left,
          status: 'Stopped',
          failure: null,
          billedSeconds: 60,
        });
      },
    );
  });

  test('builds on what the machine has completed meanwhile', async () => {
    await withJob({ prepare: (cloud) => (cloud.script.training = () => null) }, async ({ cloud, handle, again }) => {
      const left = await cloud.running('training');
      await handle.terminate();
      cloud.endings.set(left, completed);
      expect(await (await again()).end()).toMatchObject({ state: 'succeeded' });
      expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
    });
  });

  test('continues where the machine had never been created', async () => {
    await withJob({ policy: { callTimeoutMs: 1000 } }, async ({ cloud, handle, end, again }) => {
      await end();
      await handle.result();
      const [done] = cloud.saved.filter(({ accepted }) => accepted.length === 1);
      const ghost = {
        ...done!.attempts[0]!,
        stage: 'training' as const,
        attempt: 7,
        jobName: 'never-created',
        status: 'Running' as const,
      };
      cloud.saved.push({ ...done!, attempts: [done!.attempts[0]!, ghost] });
      const record = (await (await again()).end()) as JobRecord;
      expect(record.attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`)).toEqual([
        'sfm 1 Completed',
        'training 7 Stopped',
        'training 8 Completed',
        'compression 1 Completed',
      ]);
    });
  });
});

test('a cancel does not wait for a slot in a full watch queue', async () => {
  const prepare = (cloud: FakeCloud): void => void (cloud.script.sfm = () => null);
  await withJob({ prepare, maxWatchedJobs: 1 }, async (first) => {
    await first.cloud.running('sfm');
    await waitFor('the only slot to be taken', () => first.cloud.watched.size === 1);
    const second = await first.another();
    const jobName = await waitFor('the second machine', () => first.cloud.nameOf(second.jobId, 'sfm'));
    await second.handle.signal('cancel');
    expect(await second.end()).toBeInstanceOf(CancelledFailure);
    expect(first.cloud.stopped).toEqual([jobName]);
    expect(first.cloud.watched.has(jobName)).toBe(false);
    await first.handle.signal('cancel');
    await first.end();
  });
});

test('a stage that finished in the moment of a cancel is not paid for again by a retry', async () => {
  await withJob({ prepare: (cloud) => (cloud.script.sfm = () => null) }, async ({ cloud, handle, end, again }) => {
    const jobName = await cloud.running('sfm');
    cloud.endings.set(jobName, completed);
    await handle.signal('cancel');
    expect(await end()).toBeInstanceOf(CancelledFailure);
    expect(await (await again()).end()).toMatchObject({ state: 'succeeded' });
    expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
  });
});
