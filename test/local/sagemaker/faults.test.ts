import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopTrainingJobCommand,
  type CreateTrainingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { BUCKET, CREDENTIALS, LocalSageMaker, REGION, trainingRequest } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

let local: LocalSageMaker;
/** Asks once, so that a fault is seen and not tried again. */
let once: SageMakerClient;

beforeAll(async () => {
  local = await LocalSageMaker.start(
    {
      ends: { sh: 'true' },
      copies: { sh: 'cp $SAGEMAKER_BASE_DIR/input/data/photos/photo $SAGEMAKER_BASE_DIR/model/' },
      waits: { sh: 'cd $SAGEMAKER_BASE_DIR; while [ ! -e go ]; do sleep 0.05; done' },
      // One process that never forks: a shell that is stopped while its child has yet to begin shows as D, not as T.
      sleeps: { sh: 'exec sleep 0.5' },
      'sleeps-long': { sh: 'exec sleep 600' },
      // Its first run saves a checkpoint when it is told to end, the next one finds it.
      resumes: {
        sh: `cd $SAGEMAKER_BASE_DIR; echo "found $(ls checkpoints) $(ls model)"
          if [ -e checkpoints/100 ]; then cp checkpoints/100 model/; exit 0; fi
          trap 'echo saved > checkpoints/100; exit 143' TERM; echo lost > model/lost; while :; do sleep 0.05; done`,
      },
    },
    { stopGraceSeconds: 1, faults: true, quotas: { training: { 'ml.g5.xlarge': 0 } } },
  );
  askOnce();
});
afterAll(async () => {
  once?.destroy();
  await local?.close();
});

function askOnce(): void {
  once = new SageMakerClient({ endpoint: local.endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
}

async function killAndRestartEndpoint(): Promise<void> {
  await local.killEndpoint();
  await local.startEndpoint();
  once.destroy();
  askOnce();
}

const create = (name: string, image = 'ends', more: Partial<CreateTrainingJobCommandInput> = {}) =>
  once.send(new CreateTrainingJobCommand(trainingRequest(name, image, more)));
const describeOnce = (TrainingJobName: string) => once.send(new DescribeTrainingJobCommand({ TrainingJobName }));
const stop = (TrainingJobName: string) => once.send(new StopTrainingJobCommand({ TrainingJobName }));
const firedKinds = async (jobName: string): Promise<string[]> =>
  (await local.firedFaults({ jobName })).map(({ kind }) => kind);

/** Known before the program begins. */
const containerPid = (name: string): Promise<number> =>
  waitFor(`the container of ${name}`, async () => {
    const state = await readFile(path.join(local.jobFolder('training', name), 'state.json'), 'utf8');
    return (JSON.parse(state) as { container?: { pid: number } }).container?.pid;
  });
const isPaused = async (pid: number): Promise<boolean> =>
  /\) T /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));

describe('a call', () => {
  test('is throttled where the rule says so and nowhere else, and each firing is noted', async () => {
    await local.plan({ kind: 'throttle', jobName: 'thr*', operation: 'DescribeTrainingJob', occurrence: 2 });
    await create('throttled');
    await describeOnce('throttled');
    await expect(describeOnce('throttled')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await local.trainingJobEnd('throttled');
    expect(await local.firedFaults({ jobName: 'throttled' })).toEqual([
      { kind: 'throttle', operation: 'DescribeTrainingJob' },
    ]);
  });

  test('with drop-answer is carried out and answers nothing', async () => {
    await local.plan({ kind: 'drop-answer', jobName: 'dropped', operation: 'CreateTrainingJob' });
    await expect(create('dropped')).rejects.toMatchObject({ message: expect.stringContaining('socket hang up') });
    expect((await local.trainingJobEnd('dropped')).TrainingJobStatus).toBe('Completed');
  });

  test('with server-error answers 500 and creates nothing', async () => {
    await local.plan({ kind: 'server-error', jobName: 'broken', operation: 'CreateTrainingJob' });
    await expect(create('broken')).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    await expect(describeOnce('broken')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('with quota-zero is refused in the words of AWS', async () => {
    await local.plan({ kind: 'quota-zero', jobName: 'zero' });
    await expect(create('zero')).rejects.toMatchObject({
      name: 'ResourceLimitExceeded',
      message: expect.stringContaining("training job usage' is 0 Instances"),
    });
  });

  test('for logs is what failing-logs and slow-logs concern, and no other', async () => {
    await local.plan(
      { kind: 'failing-logs', jobName: 'mute', times: 3 },
      { kind: 'slow-logs', jobName: 'mute', seconds: 0.1 },
    );
    await create('mute');
    await local.trainingJobEnd('mute');
    const streams = () =>
      local.logs.send(
        new DescribeLogStreamsCommand({ logGroupName: '/aws/sagemaker/TrainingJobs', logStreamNamePrefix: 'mute/' }),
      );
    await expect(streams()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    await streams().catch((error: unknown) => expect((error as Error).name).toBe('ResourceNotFoundException'));
    expect(await firedKinds('mute')).toEqual(['failing-logs', 'failing-logs', 'failing-logs', 'slow-logs']);
  });

  test('that one fault ends is neither counted nor noted for the rules behind it', async () => {
    const everyCreate = { jobName: 'queue', operation: 'CreateTrainingJob' };
    await local.plan({ kind: 'throttle', ...everyCreate }, { kind: 'server-error', ...everyCreate });
    await expect(create('queue')).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await firedKinds('queue')).toEqual(['throttle']);
    await expect(create('queue')).rejects.toMatchObject({ name: 'InternalFailure' });
    await create('queue');
    expect(await firedKinds('queue')).toEqual(['throttle', 'server-error']);
  });

  test('is counted by an endpoint that was killed and started again where the first had left off', async () => {
    await local.plan({
      kind: 'throttle',
      jobName: 'counted',
      operation: 'DescribeTrainingJob',
      occurrence: 2,
      times: 2,
    });
    await create('counted');
    await describeOnce('counted');
    await expect(describeOnce('counted')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await killAndRestartEndpoint();
    await expect(describeOnce('counted')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await describeOnce('counted');
    expect(await firedKinds('counted')).toEqual(['throttle', 'throttle']);
  });
});

describe('a job', () => {
  test('with capacity fails before its container starts and bills nothing', async () => {
    await local.plan({ kind: 'capacity', jobName: 'crowded' });
    await create('crowded');
    const job = await local.trainingJobEnd('crowded');
    expect(job).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: expect.stringMatching(/^CapacityError: /),
    });
    expect(job.TrainingStartTime).toBeUndefined();
  });

  test.each([
    ['internal-server-error', 'Failed', /^InternalServerError: /],
    ['out-of-memory', 'Failed', /^AlgorithmError: , exit code: 137$/],
  ])('with %s ends while its container runs as %s', async (kind, status, reason) => {
    await local.plan({ kind, jobName: kind, afterSeconds: 0.1 });
    await create(kind, 'waits');
    expect(await local.trainingJobEnd(kind)).toMatchObject({
      TrainingJobStatus: status,
      FailureReason: expect.stringMatching(reason),
    });
    expect(await firedKinds(kind)).toEqual([kind]);
  });

  test('with disk-full fails as on a full disk, and says so', async () => {
    await local.plan({ kind: 'disk-full', jobName: 'full' });
    await create('full');
    expect(await local.trainingJobEnd('full')).toMatchObject({
      TrainingJobStatus: 'Failed',
      FailureReason: 'ClientError: The disk of this machine is full: no space left on device.',
    });
    expect(await firedKinds('full')).toEqual(['disk-full']);
  });

  test('with stop-from-outside is Stopped although nobody here stopped it', async () => {
    await local.plan({ kind: 'stop-from-outside', jobName: 'outside', afterSeconds: 0.1 });
    await create('outside', 'waits');
    expect((await local.trainingJobEnd('outside')).TrainingJobStatus).toBe('Stopped');
    expect(await firedKinds('outside')).toEqual(['stop-from-outside']);
  });

  test('with max-runtime is Stopped as if its time were over', async () => {
    await local.plan({ kind: 'max-runtime', jobName: 'timed-out', afterSeconds: 0.1 });
    await create('timed-out', 'waits');
    expect(await local.trainingJobEnd('timed-out')).toMatchObject({
      TrainingJobStatus: 'Stopped',
      SecondaryStatus: 'MaxRuntimeExceeded',
    });
    expect(await firedKinds('timed-out')).toEqual(['max-runtime']);
  });

  test('with slow-stop stays in Stopping before it is Stopped', async () => {
    await local.plan({ kind: 'slow-stop', jobName: 'slow', seconds: 1 });
    await create('slow', 'waits');
    await stop('slow');
    await waitFor('Stopping', async () => (await describeOnce('slow')).TrainingJobStatus === 'Stopping');
    expect((await local.trainingJobEnd('slow')).TrainingJobStatus).toBe('Stopped');
    expect(await firedKinds('slow')).toEqual(['slow-stop']);
  });

  test('with stall does nothing for a while, and then continues to its end', async () => {
    await local.plan({ kind: 'stall', jobName: 'dozes', seconds: 1 });
    await create('dozes', 'sleeps');
    const pid = await containerPid('dozes');
    await waitFor('the container to be paused', () => isPaused(pid));
    await waitFor('the container to continue', async () => !(await isPaused(pid)));
    expect((await local.trainingJobEnd('dozes')).TrainingJobStatus).toBe('Completed');
    expect(await firedKinds('dozes')).toEqual(['stall']);
  });

  test('with stall for good is ended by a Stop, which kills it after the grace time', async () => {
    await local.plan({ kind: 'stall', jobName: 'hangs' });
    await create('hangs', 'sleeps-long');
    const pid = await containerPid('hangs');
    await waitFor('the container to be paused', () => isPaused(pid));
    await stop('hangs');
    expect((await local.trainingJobEnd('hangs')).TrainingJobStatus).toBe('Stopped');
    const state = JSON.parse(await readFile(path.join(local.jobFolder('training', 'hangs'), 'state.json'), 'utf8')) as {
      exitCode: number;
    };
    expect(state.exitCode).toBe(137);
    expect(await local.processes()).not.toContain(pid);
  });

  test('with interrupted resumes from its checkpoints on another machine, and keeps nothing else', async () => {
    await local.plan({ kind: 'interrupted', jobName: 'spot', afterSeconds: 1.5 });
    await create('spot', 'resumes', { CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/spot` } });
    const job = await local.trainingJobEnd('spot');
    expect(job.TrainingJobStatus).toBe('Completed');
    expect(job.SecondaryStatusTransitions!.map(({ Status }) => Status)).toEqual([
      'Starting',
      'Downloading',
      'Training',
      'Interrupted',
      'Starting',
      'Downloading',
      'Training',
      'Uploading',
      'Completed',
    ]);
    const log = await readFile(path.join(local.jobFolder('training', 'spot'), 'log'), 'utf8');
    expect(log.match(/found.*/g)).toEqual(['found  ', 'found 100 ']);
    expect((await local.get('checkpoints/spot/100')).toString()).toBe('saved\n');
    expect(await firedKinds('spot')).toEqual(['interrupted']);
  });

  test('that is interrupted for good is Stopped as if nobody had another machine', async () => {
    await local.plan({ kind: 'interrupted', jobName: 'spot-gone', afterSeconds: 0.5, forGood: true });
    await create('spot-gone', 'waits', { CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/spot-gone` } });
    expect(await local.trainingJobEnd('spot-gone')).toMatchObject({
      TrainingJobStatus: 'Stopped',
      SecondaryStatus: 'MaxWaitTimeExceeded',
    });
    expect(await firedKinds('spot-gone')).toEqual(['interrupted']);
  });

  test('that is interrupted can be stopped', async () => {
    await local.plan({ kind: 'interrupted', jobName: 'spot-stop', afterSeconds: 0.5 });
    await create('spot-stop', 'waits', { CheckpointConfig: { S3Uri: `s3://${BUCKET}/checkpoints/spot-stop` } });
    await waitFor(
      'the second run',
      async () =>
        ((await describeOnce('spot-stop')).SecondaryStatusTransitions ?? []).filter(
          ({ Status }) => Status === 'Training',
        ).length === 2,
    );
    await stop('spot-stop');
    expect((await local.trainingJobEnd('spot-stop')).TrainingJobStatus).toBe('Stopped');
  });

  test('that ends before its fault is due is left alone, and no fault is noted', async () => {
    await local.plan(
      { kind: 'internal-server-error', jobName: 'early', afterSeconds: 600 },
      { kind: 'slow-stop', jobName: 'early', seconds: 600 },
    );
    await create('early');
    expect((await local.trainingJobEnd('early')).TrainingJobStatus).toBe('Completed');
    expect(await local.firedFaults({ jobName: 'early' })).toEqual([]);
  });

  test('that is refused uses up no fault: the next that is created meets it', async () => {
    await create('refused-taken');
    await local.plan({ kind: 'capacity', jobName: 'refused*' });
    await expect(create('refused-taken')).rejects.toMatchObject({ name: 'ResourceInUse' });
    await expect(create('refused-image', 'unknown')).rejects.toMatchObject({ name: 'ValidationException' });
    const noQuota = { ResourceConfig: { InstanceCount: 1, InstanceType: 'ml.g5.xlarge' as const, VolumeSizeInGB: 10 } };
    await expect(create('refused-quota', 'ends', noQuota)).rejects.toMatchObject({ name: 'ResourceLimitExceeded' });
    await create('refused-not');
    expect((await local.trainingJobEnd('refused-not')).FailureReason).toMatch(/^CapacityError: /);
    expect(await firedKinds('refused-not')).toEqual(['capacity']);
  });

  test('is counted by an endpoint that was killed and started again where the first had left off', async () => {
    await local.plan({ kind: 'capacity', jobName: 'again*' });
    await create('again-1');
    await killAndRestartEndpoint();
    await create('again-2');
    expect((await local.trainingJobEnd('again-1')).TrainingJobStatus).toBe('Failed');
    expect((await local.trainingJobEnd('again-2')).TrainingJobStatus).toBe('Completed');
  });
});

test('a job completes although S3 is busy, breaks off its download and is slow', async () => {
  await local.put({ 'inputs/photo': 'x'.repeat(1000) });
  await local.s3Plan(
    { kind: 'truncated-body', key: 'inputs/photo' },
    { kind: 'slow-read', key: 'inputs/photo', seconds: 0.2 },
    { kind: 'slow-down', key: 'inputs/', operation: 'ListObjectsV2' },
    { kind: 'internal-error', key: 'models/copies/output/model.tar.gz', operation: 'PutObject' },
  );
  const channel = {
    ChannelName: 'photos',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: `s3://${BUCKET}/inputs/` } },
  };
  await create('copies', 'copies', { InputDataConfig: [channel] });
  expect((await local.trainingJobEnd('copies')).TrainingJobStatus).toBe('Completed');
  expect(gunzipSync(await local.get('models/copies/output/model.tar.gz')).toString()).toContain('x'.repeat(1000));
  expect((await local.firedFaults({ key: 'inputs/photo' })).map(({ kind }) => kind).sort()).toEqual([
    'slow-read',
    'truncated-body',
  ]);
  expect(await local.firedFaults({ key: 'models/copies/output/model.tar.gz' })).toEqual([
    { kind: 'internal-error', operation: 'PutObject' },
  ]);
});

test('a plan is counted from the start each time that it is written, also with the same text', async () => {
  const rule = { kind: 'server-error', jobName: 'rewritten', operation: 'DescribeTrainingJob' };
  await create('rewritten');
  for (let time = 1; time <= 2; time += 1) {
    await local.plan(rule);
    await expect(describeOnce('rewritten')).rejects.toMatchObject({ name: 'InternalFailure' });
    await describeOnce('rewritten');
  }
});

test.each([
  ['that is not JSON', '{"faults":', 'is not JSON'],
  ['with an unknown kind', '{"faults":[{"kind":"earthquake","jobName":"*"}]}', 'is not valid'],
])(
  'a plan %s fails the calls that name a job, with the reason in the log, and the endpoint keeps running',
  async (_what, text, reason) => {
    await create(`before-${reason.replaceAll(' ', '-')}`);
    await local.writePlan(text);
    await expect(describeOnce(`before-${reason.replaceAll(' ', '-')}`)).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    const said = `The fault plan ${path.join(local.folder, 'faults.json')} ${reason}`;
    await waitFor('the reason in the log', async () => local.errors.includes(said));
    await once.send(new ListTrainingJobsCommand({}));
    await local.plan();
    await describeOnce(`before-${reason.replaceAll(' ', '-')}`);
  },
);
