import { CancelledFailure } from '@temporalio/common';
import { completed, endedWith, type FakeCloud } from '../helpers/workflows/fake-cloud';
import { inState, jobRunner, stagesOf, type JobRun, workflowSuite } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const withJob = jobRunner(suite);

const HOUR_WINDOW = { retryWindowSeconds: 3600 };

/** The error that an update is rejected with. */
const rejection = (run: JobRun, name: string, payload?: unknown): Promise<unknown> =>
  run.handle.executeUpdate(name, { args: [payload] }).then(
    (answer) => answer,
    (error: unknown) => (error as Error).cause,
  );

describe('a budget', () => {
  const trains = (cloud: FakeCloud): void => void (cloud.script.training = () => null);

  test('bounds how long each machine may run by what is left of it', async () => {
    await withJob({ request: { budgetUsd: 0.1 } }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({ state: 'succeeded' });
      const [sfm, training] = cloud.submitted.map(({ machines }) => machines[0]?.maxRuntimeSeconds);
      expect(sfm).toBe(Math.floor((0.1 / 0.408) * 3600));
      expect(training).toBe(Math.floor(((0.1 - 0.408 / 60) / 0.736) * 3600));
    });
  });

  test('that is about to be passed stops the machine and says what the job has cost', async () => {
    await withJob({ request: { budgetUsd: 0.1 }, prepare: trains }, async (run) => {
      const jobName = await run.cloud.running('training');
      run.cloud.atLimit = true;
      expect(await run.end()).toMatchObject({
        type: 'BUDGET_EXCEEDED',
        message: expect.stringContaining('the budget of 0.1 USD would be passed; the job has cost 0.019 USD') as string,
      });
      expect(run.cloud.stopped).toEqual([jobName]);
      expect(run.cloud.record.attempts.at(-1)).toMatchObject({
        status: 'Stopped',
        failure: { code: 'BUDGET_EXCEEDED' },
        billedSeconds: 60,
      });
    });
  });

  test('that AWS enforced by itself, with nothing of ours alive, ends the job with the same code', async () => {
    const prepare = (cloud: FakeCloud): void =>
      void (cloud.script.training = () => endedWith('Stopped', 'MAX_RUNTIME_EXCEEDED'));
    await withJob({ request: { maxHours: 1 }, prepare }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({
        type: 'BUDGET_EXCEEDED',
        message: expect.stringContaining('the limit of 1 machine hours') as string,
      });
      expect(stagesOf(cloud)).toEqual(['sfm 1', 'training 1']);
    });
  });

  test('that is spent starts no further machine', async () => {
    await withJob({ request: { maxHours: 61 / 3600 } }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({ type: 'BUDGET_EXCEEDED' });
      expect(stagesOf(cloud)).toEqual(['sfm 1']);
    });
  });

  test('can be raised by a retry, which resumes from the checkpoint', async () => {
    const prepare = (cloud: FakeCloud): void => {
      cloud.script.training = (attempt) => (attempt === 1 ? null : completed);
      cloud.checkpoints.add(1);
    };
    await withJob({ ...HOUR_WINDOW, request: { budgetUsd: 0.1 }, prepare }, async (run) => {
      await run.cloud.running('training');
      run.cloud.atLimit = true;
      expect(await inState(run, 'parked')).toMatchObject({ failure: { code: 'BUDGET_EXCEEDED' } });
      run.cloud.atLimit = false;
      await run.handle.signal('retry', { budgetUsd: 5 });
      expect(await run.end()).toMatchObject({ state: 'succeeded', request: { budgetUsd: 5 } });
      expect(run.cloud.record.attempts[2]).toMatchObject({
        stage: 'training',
        resumedFrom: 1,
        maxRuntimeSeconds: 7200,
      });
    });
  });
});

describe('a reconstruction of 45 % of the photos', () => {
  const partial = (cloud: FakeCloud): void =>
    void (cloud.reports.sfm = () => ({
      metrics: {
        ...{ photos: 100, registered: 45, points: 3000, reprojectionErrorPx: 1, shortfall: 'overlap', aerial: true },
        unregistered: [{ name: 'a.jpg', reason: 'blurred', features: 20, partners: 0 }],
      },
    }));
  const undecided = async (run: JobRun) => {
    const record = await inState(run, 'waiting');
    expect(record.waiting).toMatchObject({
      for: 'decision',
      message: expect.stringContaining('45 of 100 photos') as string,
    });
    return record;
  };

  test('asks, and continues with the name of the person who said yes on the record', async () => {
    await withJob({ ...HOUR_WINDOW, prepare: partial }, async (run) => {
      expect((await undecided(run)).waiting?.untilMs).toBeGreaterThan(Date.now());
      await waitFor('the mail that asks', () => run.cloud.mails.at(-1)?.record.waiting?.for === 'decision');
      expect(await run.handle.executeUpdate('accept', { args: [{ by: 'Ada' }] })).toEqual({ state: 'running' });
      expect(await run.end()).toMatchObject({
        state: 'succeeded',
        gates: [
          { stage: 'sfm', verdict: 'undecided', acceptedBy: { by: 'Ada' } },
          { verdict: 'accepted' },
          { verdict: 'accepted' },
        ],
      });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1', 'training 1', 'compression 1']);
    });
  });

  test('can be stopped, before any GPU is rented', async () => {
    await withJob({ ...HOUR_WINDOW, prepare: partial }, async (run) => {
      await undecided(run);
      await run.handle.signal('cancel', { reason: 'flying again' });
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
      expect(stagesOf(run.cloud)).toEqual(['sfm 1']);
    });
  });

  test('fails when nobody answers in time, and does not wait for a retry as well', async () => {
    await withJob({ retryWindowSeconds: 1, prepare: partial }, async (run) => {
      await undecided(run);
      expect(await run.end()).toMatchObject({ type: 'TOO_FEW_REGISTERED' });
      expect(run.cloud.record).toMatchObject({
        failure: { advice: expect.stringMatching(/^Fly again/) as string },
        gates: [{ fit: { registered: 45, unfitted: [{ name: 'a.jpg', reason: 'blurred', features: 20 }] } }],
      });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1']);
      expect(run.cloud.saved.every(({ state }) => state !== 'parked')).toBe(true);
      await waitFor('both mails', () => run.cloud.mails.map(({ record }) => record.state).join() === 'waiting,failed');
    });
  });

  test('ends a job that waits for nobody', async () => {
    await withJob({ prepare: partial }, async ({ cloud, end }) => {
      expect(await end()).toMatchObject({ type: 'TOO_FEW_REGISTERED' });
      expect(cloud.saved.every(({ state }) => state !== 'waiting')).toBe(true);
    });
  });

  test('cannot be accepted before it is asked about', async () => {
    await withJob({ prepare: (cloud) => (cloud.script.training = () => null) }, async (run) => {
      await run.cloud.running('training');
      expect(await rejection(run, 'accept')).toMatchObject({
        type: 'ACCEPT_REJECTED',
        message: expect.stringContaining('is running and asks nothing: there is nothing to accept') as string,
      });
      await run.handle.signal('cancel');
      await run.end();
    });
  });
});

describe('a pause', () => {
  const sfmRuns = (cloud: FakeCloud): void => void (cloud.script.sfm = () => null);
  const finishSfm = async ({ cloud }: JobRun): Promise<void> =>
    void cloud.endings.set(await cloud.running('sfm'), completed);

  test('lets the stage under way finish, starts no further one, and ends with resume', async () => {
    await withJob({ prepare: sfmRuns }, async (run) => {
      await run.cloud.running('sfm');
      expect(await run.handle.executeUpdate('pause')).toEqual({ state: 'running' });
      await finishSfm(run);
      expect(await inState(run, 'waiting')).toMatchObject({
        step: 'training',
        waiting: { for: 'resume', untilMs: null },
        pauseRequested: true,
      });
      expect(stagesOf(run.cloud)).toEqual(['sfm 1']);
      expect(await run.handle.executeUpdate('resume')).toEqual({ state: 'running' });
      expect(await run.end()).toMatchObject({ state: 'succeeded', pauseRequested: false });
    });
  });

  test('that is taken back before the border changes nothing', async () => {
    await withJob({ prepare: sfmRuns }, async (run) => {
      await run.cloud.running('sfm');
      await run.handle.executeUpdate('pause');
      await run.handle.executeUpdate('resume');
      await finishSfm(run);
      await run.end();
      expect(run.cloud.saved.every(({ state }) => state !== 'waiting')).toBe(true);
    });
  });

  test('can be cancelled', async () => {
    await withJob({ prepare: sfmRuns }, async (run) => {
      await run.cloud.running('sfm');
      await run.handle.signal('pause');
      await finishSfm(run);
      await inState(run, 'waiting');
      await run.handle.cancel();
      expect(await run.end()).toBeInstanceOf(CancelledFailure);
      expect(run.cloud.record).toMatchObject({ state: 'cancelled', cancelled: { by: 'Temporal' } });
    });
  });

  test('twice is harmless, and a resume of a job that is not paused says so', async () => {
    await withJob({ prepare: sfmRuns }, async (run) => {
      await run.cloud.running('sfm');
      expect(await rejection(run, 'resume')).toMatchObject({
        type: 'RESUME_REJECTED',
        message: expect.stringContaining('is running and not paused: there is nothing to resume') as string,
      });
      await run.handle.executeUpdate('pause');
      expect(await run.handle.executeUpdate('pause')).toEqual({ state: 'running' });
      await run.handle.signal('resume');
      await finishSfm(run);
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
    });
  });
});
