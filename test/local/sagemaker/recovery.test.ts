import { access, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { LONGEST_TICK_MS } from '../../../local/sagemaker/jobs/machine-clock';
import { LocalSageMaker } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

const STARTED = 'output/started';
const PROGRAMS = {
  waits: {
    sh: `cd $SAGEMAKER_BASE_DIR; sleep 1000 & echo $$ > ${STARTED}; while [ ! -e go ]; do sleep 0.05; done; echo model > model/model.ply`,
  },
  stubborn: { sh: `cd $SAGEMAKER_BASE_DIR; trap '' TERM; echo $$ > ${STARTED}; while :; do sleep 0.05; done` },
  'ends-at-once': { sh: 'true' },
};

describe('jobs and the processes that serve them', () => {
  let local: LocalSageMaker;

  beforeEach(async () => {
    local = await LocalSageMaker.start(PROGRAMS, { quotas: { training: { 'ml.g4dn.xlarge': 1 } } });
  });
  afterEach(() => local.close());

  const supervisor = async (name: string): Promise<number> => {
    const claim = await readFile(path.join(local.jobFolder('training', name), 'claim.json'), 'utf8');
    return (JSON.parse(claim) as { supervisor: { pid: number } }).supervisor.pid;
  };
  const letGo = (name: string) => writeFile(path.join(local.jobFolder('training', name), 'tree/go'), '');

  test('a job outlives a killed endpoint, and the next one takes it up and sees it complete', async () => {
    await local.createTrainingJob('outlives', 'waits');
    const container = Number(await local.fileInTree('training', 'outlives', STARTED));

    await local.killEndpoint();
    expect(await local.processes()).toContain(container);
    await local.startEndpoint();

    expect((await local.describeTrainingJob('outlives')).SecondaryStatus).toBe('Training');
    await expect(local.createTrainingJob('another', 'waits')).rejects.toMatchObject({ name: 'ResourceLimitExceeded' });
    await letGo('outlives');
    expect((await local.trainingJobEnd('outlives')).TrainingJobStatus).toBe('Completed');
    expect(await local.keys('models/outlives/')).toHaveLength(1);
  });

  test('a job that ends while no endpoint is there is found ended by the next one', async () => {
    await local.createTrainingJob('alone', 'waits');
    await local.fileInTree('training', 'alone', STARTED);
    const supervisorPid = await supervisor('alone');
    await local.killEndpoint();
    await letGo('alone');
    await waitFor('the end of the supervisor', async () => !(await local.processes()).includes(supervisorPid));
    await local.startEndpoint();
    expect((await local.describeTrainingJob('alone')).TrainingJobStatus).toBe('Completed');
  });

  test('a job taken up from a killed endpoint can be stopped', async () => {
    await local.createTrainingJob('stop-later', 'waits');
    await local.fileInTree('training', 'stop-later', STARTED);
    await local.killEndpoint();
    await local.startEndpoint();
    await local.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stop-later' }));
    expect((await local.trainingJobEnd('stop-later')).TrainingJobStatus).toBe('Stopped');
  });

  test.each(['running', 'killed too and started again'])(
    'a job whose supervisor is killed fails as a platform error and its container is gone (endpoint %s)',
    async (endpoint) => {
      await local.createTrainingJob('orphan', 'waits');
      const container = Number(await local.fileInTree('training', 'orphan', STARTED));
      const supervisorPid = await supervisor('orphan');
      if (endpoint !== 'running') await local.killEndpoint();

      process.kill(supervisorPid, 'SIGKILL');

      if (endpoint !== 'running') await local.startEndpoint();
      const job = await local.trainingJobEnd('orphan');
      expect(job).toMatchObject({
        TrainingJobStatus: 'Failed',
        FailureReason: 'InternalServerError: We encountered an internal error. Please try again.',
      });
      expect(await local.processes()).not.toContain(container);
      await waitFor('only the endpoint to be left', async () => (await local.processes()).length === 1);
      await local.createTrainingJob('next', 'ends-at-once');
      expect((await local.trainingJobEnd('next')).TrainingJobStatus).toBe('Completed');
    },
  );

  test('O02: a sleep of this machine is neither billed nor counted for MaxRuntime', async () => {
    const maxRuntimeSeconds = 8;
    await local.createTrainingJob('sleeps', 'waits', { StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeSeconds } });
    const container = Number(await local.fileInTree('training', 'sleeps', STARTED));
    const asleep = [container, await supervisor('sleeps')];
    for (const pid of asleep) process.kill(pid, 'SIGSTOP');
    try {
      await delay(LONGEST_TICK_MS + 2000); // the sleep itself
    } finally {
      for (const pid of asleep) process.kill(pid, 'SIGCONT');
    }
    await letGo('sleeps');
    const job = await local.trainingJobEnd('sleeps');
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.BillableTimeInSeconds).toBeLessThanOrEqual(maxRuntimeSeconds);
    const betweenMs = job.TrainingEndTime!.getTime() - job.TrainingStartTime!.getTime();
    expect(Math.ceil(betweenMs / 1000)).toBe(job.BillableTimeInSeconds);
  });

  test('a job whose supervisor died while nobody was there is billed up to its last tick', async () => {
    await local.createTrainingJob('forgotten', 'waits');
    await local.fileInTree('training', 'forgotten', STARTED);
    await local.killEndpoint();
    const supervisorPid = await supervisor('forgotten');
    process.kill(supervisorPid, 'SIGKILL');
    await waitFor('its end', async () => !(await local.processes()).includes(supervisorPid));
    const state = path.join(local.jobFolder('training', 'forgotten'), 'state.json');
    const { startedAtMs = 0 } = JSON.parse(await readFile(state, 'utf8')) as { startedAtMs?: number };
    // Long ago, as after a night.
    const night = { startedAtMs: startedAtMs - 36_000_000 };
    await writeFile(state, JSON.stringify({ ...JSON.parse(await readFile(state, 'utf8')), ...night }));
    const lastTick = new Date(night.startedAtMs + 5000);
    await utimes(state, lastTick, lastTick);
    await local.startEndpoint();
    expect(await local.trainingJobEnd('forgotten')).toMatchObject({
      TrainingJobStatus: 'Failed',
      TrainingEndTime: lastTick,
      BillableTimeInSeconds: 5,
    });
  });

  test('a clean shutdown ends running jobs as a platform error and leaves no process', async () => {
    await local.createTrainingJob('cut-off', 'waits');
    await local.createProcessingJob('cut-off-too', 'waits');
    await local.fileInTree('training', 'cut-off', STARTED);
    await local.fileInTree('processing', 'cut-off-too', STARTED);

    expect(await local.stopEndpoint()).toBe(0);

    expect(await local.processes()).toEqual([]);
    await local.startEndpoint();
    for (const job of [await local.describeTrainingJob('cut-off'), await local.describeProcessingJob('cut-off-too')]) {
      expect(job.FailureReason).toBe('InternalServerError: We encountered an internal error. Please try again.');
    }
  });

  test('a shutdown in the middle of a stop leaves the job Stopped, and does not wait for the grace time', async () => {
    await local.createTrainingJob('stopping', 'stubborn');
    await local.fileInTree('training', 'stopping', STARTED);
    await local.sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: 'stopping' }));
    await local.stopEndpoint();
    expect(await local.processes()).toEqual([]);
    await local.startEndpoint();
    expect((await local.describeTrainingJob('stopping')).TrainingJobStatus).toBe('Stopped');
  });

  test('a shutdown right after Create leaves no process and no job in progress', async () => {
    await local.createTrainingJob('just-made', 'waits');
    await local.stopEndpoint();
    expect(await local.processes()).toEqual([]);
    await local.startEndpoint();
    expect((await local.describeTrainingJob('just-made')).TrainingJobStatus).toBe('Failed');
  });

  test('the folder tree of a job is removed after its end, its log and state are kept', async () => {
    await local.createTrainingJob('tidy', 'ends-at-once');
    await local.trainingJobEnd('tidy');
    const folder = local.jobFolder('training', 'tidy');
    await waitFor('the tree to be removed', () =>
      access(path.join(folder, 'tree')).then(
        () => false,
        () => true,
      ),
    );
    await access(path.join(folder, 'state.json'));
  });
});
