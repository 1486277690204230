import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTrainingJobCommand, DescribeTrainingJobCommand, SageMakerClient, StopTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { CREDENTIALS, LocalSageMaker, REGION, trainingRequest } from '../helpers/local-sagemaker';
import { waitFor } from '../helpers/wait-for';

let local: LocalSageMaker;
/** Asks once, so that a fault is seen and not tried again. */
let once: SageMakerClient;

beforeAll(async () => {
  local = await LocalSageMaker.start({ ends: { sh: 'true' }, waits: { sh: 'exec sleep 1000' } }, { stopGraceSeconds: 1, faults: true });
  once = new SageMakerClient({ endpoint: local.endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
});
afterAll(async () => {
  once?.destroy();
  await local?.close();
});

const create = (name: string, image = 'ends') => once.send(new CreateTrainingJobCommand(trainingRequest(name, image)));
const describeOnce = (TrainingJobName: string) => once.send(new DescribeTrainingJobCommand({ TrainingJobName }));

async function fired(jobName: string): Promise<{ kind: string; operation: string }[]> {
  const lines = (await readFile(path.join(local.folder, 'sagemaker/faults-fired.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line)).filter((line) => line.jobName === jobName).map(({ kind, operation }) => ({ kind, operation }));
}

test('throttle refuses the calls that the rule names and no others, and each firing is noted', async () => {
  await local.plan({ kind: 'throttle', jobName: 'thr*', operation: 'DescribeTrainingJob', occurrence: 2 });
  await create('throttled');
  await describeOnce('throttled');
  await expect(describeOnce('throttled')).rejects.toMatchObject({ name: 'ThrottlingException' });
  await local.trainingJobEnd('throttled');
  expect(await fired('throttled')).toEqual([{ kind: 'throttle', operation: 'DescribeTrainingJob' }]);
});

test('drop-answer carries the call out and answers nothing', async () => {
  await local.plan({ kind: 'drop-answer', jobName: 'dropped', operation: 'CreateTrainingJob' });
  await expect(create('dropped')).rejects.toMatchObject({ message: expect.stringContaining('socket hang up') });
  expect((await local.trainingJobEnd('dropped')).TrainingJobStatus).toBe('Completed');
});

test('server-error answers 500 and creates nothing', async () => {
  await local.plan({ kind: 'server-error', jobName: 'broken', operation: 'CreateTrainingJob' });
  await expect(create('broken')).rejects.toMatchObject({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } });
  await expect(describeOnce('broken')).rejects.toMatchObject({ name: 'ValidationException' });
});

test('quota-zero refuses a Create in the words of AWS', async () => {
  await local.plan({ kind: 'quota-zero', jobName: 'zero' });
  await expect(create('zero')).rejects.toMatchObject({ name: 'ResourceLimitExceeded', message: expect.stringContaining("training job usage' is 0 Instances") });
});

test('capacity fails a job before its container starts and bills nothing', async () => {
  await local.plan({ kind: 'capacity', jobName: 'crowded' });
  await create('crowded');
  const job = await local.trainingJobEnd('crowded');
  expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: expect.stringMatching(/^CapacityError: /) });
  expect(job.TrainingStartTime).toBeUndefined();
});

test.each([
  ['internal-server-error', 'Failed', /^InternalServerError: /],
  ['out-of-memory', 'Failed', /^AlgorithmError: , exit code: 137$/],
])('%s ends a running container as %s', async (kind, status, reason) => {
  await local.plan({ kind, jobName: kind, afterSeconds: 0.1 });
  await create(kind, 'waits');
  expect(await local.trainingJobEnd(kind)).toMatchObject({ TrainingJobStatus: status, FailureReason: expect.stringMatching(reason) });
});

test('stop-from-outside stops a job that nobody here stopped', async () => {
  await local.plan({ kind: 'stop-from-outside', jobName: 'outside', afterSeconds: 0.1 });
  await create('outside', 'waits');
  expect((await local.trainingJobEnd('outside')).TrainingJobStatus).toBe('Stopped');
});

test('slow-stop keeps a job in Stopping before it is Stopped', async () => {
  await local.plan({ kind: 'slow-stop', jobName: 'slow', seconds: 1 });
  await create('slow', 'waits');
  await once.send(new StopTrainingJobCommand({ TrainingJobName: 'slow' }));
  await waitFor('Stopping', async () => (await describeOnce('slow')).TrainingJobStatus === 'Stopping');
  expect((await local.trainingJobEnd('slow')).TrainingJobStatus).toBe('Stopped');
});

test('failing-logs and slow-logs concern the log calls only', async () => {
  await local.plan({ kind: 'failing-logs', jobName: 'mute', times: 3 }, { kind: 'slow-logs', jobName: 'mute', occurrence: 4, seconds: 0.1 });
  await create('mute');
  await local.trainingJobEnd('mute');
  const streams = () => local.logs.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/sagemaker/TrainingJobs', logStreamNamePrefix: 'mute/' }));
  await expect(streams()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  await streams().catch((error: Error) => expect(error.name).toBe('ResourceNotFoundException'));
  expect((await fired('mute')).map(({ kind }) => kind)).toEqual(['failing-logs', 'failing-logs', 'failing-logs', 'slow-logs']);
});
