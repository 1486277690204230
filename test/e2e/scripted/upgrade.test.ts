import path from 'node:path';
import { workflowId } from '../../../contracts/machines/names';
import { jobIdOf, ScriptedStack } from '../../helpers/stack/scripted-stack';
import { waitFor } from '../../helpers/wait-for';

/** The product of today on the state that version 0.1.0 left (test/fixtures/README.md). */
jest.setTimeout(180_000);

const SUCCEEDED = jobIdOf('succeeded');
const FAILED = jobIdOf('failed');
const FORGOTTEN = jobIdOf('forgotten');
const PARKED = jobIdOf('parked');

let product: ScriptedStack;

beforeAll(async () => {
  const stateArchive = path.join(__dirname, '../../fixtures/parked-by-0.1.0.tar.gz');
  product = await ScriptedStack.start({}, undefined, stateArchive);
}, 120_000);
afterAll(() => product?.stop(), 60_000);

/** What of a job its page, and every other client, is told. */
const told = async (jobId: string): Promise<string> =>
  (await fetch(`${product.stack.endpoints.server}/v1/jobs/${jobId}`)).text();

/**
 * Deletes the ended run of a job, as Temporal does when its retention is over. Temporal postpones a deletion while its
 * queues have not confirmed the end of the run: for 3 s, and 1.5 times longer each time.
 */
async function forgetRun(jobId: string): Promise<void> {
  await product.temporal('workflow', 'delete', '--workflow-id', workflowId(jobId));
  await waitFor(`Temporal to forget ${jobId}`, async () => (await product.workflowStatus(jobId)) === null, 120_000);
}

const listedStates = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await product.api.jobs()).map(({ jobId, state }) => [jobId, state]));

async function expectResultToBeShown(): Promise<void> {
  const view = await product.api.job(SUCCEEDED);
  expect(view).toMatchObject({ state: 'succeeded', stages: { sfm: { registered: 6 }, training: { gaussians: 5000 } } });
  expect(await told(SUCCEEDED)).toContain('scene.sog');
  const scene = await fetch(`${product.stack.endpoints.server}/v1/jobs/${SUCCEEDED}/artifacts/scene.sog`);
  expect(await scene.text()).toBe('scripted scene.sog');
}

/** Retries a job that failed in its first training, and expects it to succeed from there. */
async function expectRetryToSucceed(jobId: string): Promise<void> {
  const mails = (await product.mailsAbout(jobId)).length;
  await product.api.retry(jobId, null);
  const view = await product.end(jobId);
  expect(view.attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`)).toEqual([
    'sfm 1 Completed',
    'training 1 Failed',
    'training 2 Completed',
    'compression 1 Completed',
  ]);
  expect(view.result?.files.map(({ name }) => name)).toContain('scene.sog');
  expect(await product.runs(jobId, 'sfm')).toEqual([]); // of today's programs: the old result was used
  expect((await product.mailed(jobId, mails + 1))[0]).toContain('ready');
}

test('the list shows the jobs of the old version', async () => {
  await waitFor('the index of jobs', async () => Object.keys(await listedStates()).length === 4);
  expect(await listedStates()).toEqual({
    [SUCCEEDED]: 'succeeded',
    [FAILED]: 'failed',
    [FORGOTTEN]: 'failed',
    [PARKED]: 'parked',
  });
});

test('a job that the old version parked is still parked, and its retry succeeds with the next attempt', async () => {
  const parked = await product.api.job(PARKED);
  expect(parked).toMatchObject({ state: 'parked', failure: { code: 'INTERNAL_ERROR' } });
  expect(await told(PARKED)).toContain('the old version failed');
  await expectRetryToSucceed(PARKED);
});

test('a job that failed under the old version succeeds in a new run', async () => {
  expect(await product.workflowStatus(FAILED)).toBe('FAILED');
  expect(await product.api.job(FAILED)).toMatchObject({ state: 'failed' });
  await expectRetryToSucceed(FAILED);
});

test('the result of a job that succeeded under the old version is shown and can be downloaded', async () => {
  expect(await product.workflowStatus(SUCCEEDED)).toBe('COMPLETED');
  await expectResultToBeShown();
});

test('jobs of the old version whose runs Temporal has forgotten stay on the list, and are shown from their records', async () => {
  await Promise.all([SUCCEEDED, FORGOTTEN].map(forgetRun));
  expect(await listedStates()).toMatchObject({ [SUCCEEDED]: 'succeeded', [FORGOTTEN]: 'failed' });
  await expectResultToBeShown();
  expect(await product.api.job(FORGOTTEN)).toMatchObject({ state: 'failed', failure: { code: 'INTERNAL_ERROR' } });
  expect(await told(FORGOTTEN)).toContain('the old version failed');
  await expectRetryToSucceed(FORGOTTEN);
  await waitFor('its success on the list', async () => (await listedStates())[FORGOTTEN] === 'succeeded');
});
