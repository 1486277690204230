import { Client, Connection } from '@temporalio/client';
import { createStrayActivities, type StrayReport } from '../../../activities/upkeep/strays';
import { activityEnvironment, LeftJobs, newJobId } from '../../helpers/workflows/left-jobs';
import { waitFor } from '../../helpers/wait-for';

let left: LeftJobs;

beforeAll(async () => {
  left = await LeftJobs.start();
});
afterAll(() => left?.stop());

/** Each test has a deployment of its own, so that it sees its own jobs only. */
const stopStrays = (deployment: string, minAgeMs = 0, client: Client = left.temporal.client): Promise<StrayReport> =>
  activityEnvironment().run(createStrayActivities({ ...left.deps, client }).stopStrays, {
    deployment,
    minAgeMs,
  });

const hasEnded = (name: string, stage?: 'sfm'): Promise<true> =>
  waitFor(`the end of ${name}`, async () => (await left.statusOf(name, stage)) === 'Stopped');

test('jobs of both kinds whose workflow was terminated are stopped', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const training = await left.machine({ deployment: 'closed', jobId, runId });
  const sfm = await left.machine({ deployment: 'closed', jobId, stage: 'sfm', runId });
  const { stopped } = await stopStrays('closed');
  expect(stopped.map(({ jobName }) => jobName).sort()).toEqual([sfm, training]);
  expect(stopped[0]?.why).toMatch(/TERMINATED/);
  expect(left.deeds.entries.get(jobId)).toContainEqual({
    at: expect.any(String),
    operation: 'stopStray',
    by: { kind: 'upkeep', keyId: null },
    requestId: null,
    details: { jobName: training, why: stopped[0]?.why },
  });
  await hasEnded(training);
  await hasEnded(sfm, 'sfm');
  expect((await stopStrays('closed')).stopped).toEqual([]);
});

test('a job whose workflow Temporal has forgotten is stopped', async () => {
  const name = await left.machine({ deployment: 'forgotten', jobId: newJobId(), runId: 'a-run-of-long-ago' });
  expect((await stopStrays('forgotten')).stopped).toHaveLength(1);
  await hasEnded(name);
});

test('the job of a run that is open runs on', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.openRun(jobId);
  const name = await left.machine({ deployment: 'living', jobId, runId });
  expect(await stopStrays('living')).toEqual({ examined: 1, stopped: [], leftAlone: [] });
  expect(await left.statusOf(name)).toBe('InProgress');
});

test("an earlier run's job is stopped although a later run of the same workflow is open, and that one's runs on", async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: earlier } = await left.terminatedRun(jobId);
  const { firstExecutionRunId: later } = await left.openRun(jobId);
  const old = await left.machine({ deployment: 'retried', jobId, stage: 'sfm', runId: earlier });
  const current = await left.machine({ deployment: 'retried', jobId, runId: later });
  expect((await stopStrays('retried')).stopped.map(({ jobName }) => jobName)).toEqual([old]);
  await hasEnded(old, 'sfm');
  expect(await left.statusOf(current)).toBe('InProgress');
});

test('the job of a run that an operator has reset runs on', async () => {
  const jobId = newJobId();
  const runId = await left.resetRun(jobId);
  const { runId: newest } = await left.temporal.client.workflow.getHandle(`job-${jobId}`).describe();
  expect(newest).not.toBe(runId);
  const name = await left.machine({ deployment: 'reset', jobId, runId });
  expect(await stopStrays('reset')).toEqual({ examined: 1, stopped: [], leftAlone: [] });
  expect(await left.statusOf(name)).toBe('InProgress');
});

test("another deployment's job is not touched, whether its name or its tags look like ours", async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const namedAlike = await left.machine({ deployment: 'other', jobId, runId, name: `mine-${jobId}-training-a01` });
  const endsAlike = await left.machine({ deployment: 'notmine', jobId, runId });
  const untagged = `mine-${newJobId()}-training-a01`;
  await left.cloud.createTrainingJob(untagged, 'endless');
  expect(await stopStrays('mine')).toEqual({ examined: 2, stopped: [], leftAlone: [] });
  for (const name of [namedAlike, endsAlike, untagged]) expect(await left.statusOf(name)).toBe('InProgress');
});

test('a young job runs on: its workflow may be about to say that it is its own', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const name = await left.machine({ deployment: 'young', jobId, runId });
  expect(await stopStrays('young', 600_000)).toMatchObject({ examined: 0, stopped: [] });
  expect(await left.statusOf(name)).toBe('InProgress');
});

test('while Temporal does not answer nothing is stopped', async () => {
  const jobId = newJobId();
  const { firstExecutionRunId: runId } = await left.terminatedRun(jobId);
  const name = await left.machine({ deployment: 'silent', jobId, runId });
  const connection = await Connection.connect({ address: left.temporal.address });
  const client = new Client({ connection });
  await connection.close();
  expect(await stopStrays('silent', 0, client)).toEqual({ examined: 1, stopped: [], leftAlone: [name] });
  expect(await left.statusOf(name)).toBe('InProgress');
});

test('more jobs than one page of a listing holds are all seen', async () => {
  const jobs = await Promise.all(Array.from({ length: 12 }, async () => ({ jobId: newJobId(), runId: 'none' })));
  for (const job of jobs) await left.machine({ deployment: 'many', ...job });
  const pages = await pagesOf(3, () => stopStrays('many'));
  expect(pages.answer.stopped).toHaveLength(12);
  expect(pages.requests).toBeGreaterThanOrEqual(4);
});

/** Runs `work` while each page of a listing is cut to `size` jobs; counts the pages of training jobs. */
async function pagesOf<T>(size: number, work: () => Promise<T>): Promise<{ answer: T; requests: number }> {
  let requests = 0;
  left.cloud.sagemaker.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'ListTrainingJobsCommand') requests += 1;
        const isListing = commandName === 'ListTrainingJobsCommand' || commandName === 'ListProcessingJobsCommand';
        return next(isListing ? { ...args, input: { ...args.input, MaxResults: size } } : args);
      },
    { step: 'initialize', name: 'small-pages' },
  );
  try {
    return { answer: await work(), requests };
  } finally {
    left.cloud.sagemaker.middlewareStack.remove('small-pages');
  }
}
