import type { JobView } from '../../contracts/job-view';
import { ScriptedStack, isAlive } from '../helpers/scripted-stack';
import { waitFor } from '../helpers/wait-for';

// Several processes and a job's whole life in each test, on machines that may be busy.
jest.setTimeout(180_000);

let product: ScriptedStack;

beforeAll(async () => {
  product = await ScriptedStack.start({ capacityRetryMs: 500, retryInitialMs: 100, retryMaximumMs: 1000 });
}, 120_000);
afterAll(() => product?.stop(), 60_000);

const trainingAttempts = ({ attempts }: JobView): string[] =>
  attempts.filter(({ stage }) => stage === 'training').map(({ attempt, status }) => `${attempt} ${status}`);

const training = { jobName: 'train', operation: 'CreateTrainingJob' };
const end = (jobId: string): Promise<JobView> => product.view(jobId, 'its end', ({ state }) => state === 'succeeded' || state === 'failed');

test('an answer dropped after Create leads to one SageMaker job only', async () => {
  await product.plan({ kind: 'drop-answer', ...training });
  const jobId = await product.startJob();
  expect(trainingAttempts(await end(jobId))).toEqual(['1 Completed']);
  expect(await product.runs(jobId, 'training')).toHaveLength(1);
});

test('CapacityError is waited for and counted as no failure', async () => {
  await product.plan({ kind: 'capacity', ...training });
  const jobId = await product.startJob();
  const view = await end(jobId);
  expect(view.state).toBe('succeeded');
  expect(trainingAttempts(view)).toEqual(['1 Failed', '2 Completed']);
});

test('one InternalServerError gets a new attempt', async () => {
  await product.plan({ kind: 'internal-server-error', ...training });
  const view = await end(await product.startJob());
  expect(view.state).toBe('succeeded');
  expect(trainingAttempts(view)).toEqual(['1 Failed', '2 Completed']);
});

test('throttling and 500s of Create and Describe cost time and nothing else', async () => {
  const anyJob = { jobName: '*', times: 4 };
  await product.plan(
    { kind: 'throttle', operation: 'CreateTrainingJob', ...anyJob },
    { kind: 'server-error', operation: 'DescribeTrainingJob', ...anyJob },
    { kind: 'throttle', operation: 'CreateProcessingJob', ...anyJob },
  );
  const jobId = await product.startJob();
  const view = await end(jobId);
  expect(view.state).toBe('succeeded');
  expect(view.attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`)).toEqual(['sfm 1 Completed', 'training 1 Completed', 'compression 1 Completed']);
  expect(await product.runs(jobId, 'training')).toHaveLength(1);
});

test('logs that cannot be read cost the percentages, not the job', async () => {
  await product.plan({ kind: 'failing-logs', jobName: '*', times: 10_000 });
  expect((await end(await product.startJob())).state).toBe('succeeded');
});

test('a cancel whose Stop is throttled and whose machine stops slowly still ends Canceled with the machine off', async () => {
  await product.script('training', 'hang');
  await product.plan({ kind: 'throttle', jobName: '*', operation: 'StopTrainingJob', times: 4 }, { kind: 'slow-stop', ...training, seconds: 2 });
  const jobId = await product.startJob();
  await product.view(jobId, 'training to run', ({ stageProgress }) => stageProgress?.stage === 'training' && stageProgress.phase === 'scripted');
  await product.api.cancel(jobId, 'test');
  const view = await product.view(jobId, 'the cancellation', ({ state }) => state === 'cancelled');
  expect(trainingAttempts(view)).toEqual(['1 Stopped']);
  const [run] = await product.runs(jobId, 'training');
  for (const pid of run?.pids ?? []) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)));
  await waitFor('the run to be closed', async () => (await product.workflowStatus(jobId)) === 'CANCELED');
  await product.script('training', 'complete');
});

test('three InternalServerErrors end the job with PLATFORM_ERROR', async () => {
  await product.plan({ kind: 'internal-server-error', ...training, times: 3 });
  const view = await end(await product.startJob());
  expect(view.failure?.code).toBe('PLATFORM_ERROR');
  expect(trainingAttempts(view)).toEqual(['1 Failed', '2 Failed', '3 Failed']);
});

test('a quota of 0 ends the job at once with QUOTA_ZERO and the name of the quota', async () => {
  await product.plan({ kind: 'quota-zero', ...training });
  const view = await end(await product.startJob());
  expect(view.failure).toMatchObject({ code: 'QUOTA_ZERO', message: expect.stringContaining('for training job usage') as string });
});
