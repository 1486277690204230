import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateTrainingJobCommand, ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import type { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { TAG, trainingJobRequest } from '../../../activities/machines/create-requests';
import {
  createMachineJobActivities,
  type AtLimit,
  type MachineJobActivities,
  type MachineJobOutcome,
  type SubmitInput,
} from '../../../activities/machines/machine-jobs';
import { machineJobName } from '../../../contracts/machines/names';
import type { WatchHeartbeat } from '../../../contracts/stages/progress';
import { STAGE } from '../../../contracts/stages/stages';
import { layout } from '../../../contracts/storage/layout';
import { listObjects } from '../../../platform/s3-objects';
import { BUCKET, LocalSageMaker, ROLE } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

const TRAINING = STAGE.training;
/** Runs until the file $TOLD tells it to end or to fail. */
const PROGRAM = `
const fs = require('node:fs');
const line = (done) => console.log(JSON.stringify({ spaceport: 'progress', phase: 'train', done, total: 10, metrics: { psnr: 18.5 } }));
line(3);
setInterval(() => {
  const told = fs.existsSync(process.env.TOLD ?? '') ? fs.readFileSync(process.env.TOLD, 'utf8') : '';
  if (told === 'end') process.exit(0);
  if (told === 'fail') {
    fs.mkdirSync(process.env.SAGEMAKER_BASE_DIR + '/output', { recursive: true });
    fs.writeFileSync(process.env.SAGEMAKER_BASE_DIR + '/output/failure', 'GPU_OUT_OF_MEMORY: 15.9 GB were in use');
    process.exit(3);
  }
}, 20);`;

const MACHINES = {
  bucket: BUCKET,
  roleArn: ROLE,
  images: { sfm: 'sfm', training: 'training', compression: 'compression' },
  kmsKeyArn: 'arn:aws:kms:us-west-2:000000000000:key/results',
};

let cloud: LocalSageMaker;
let activities: MachineJobActivities;
let jobs = 0;

beforeAll(async () => {
  cloud = await LocalSageMaker.start(
    { training: { node: PROGRAM } },
    { quotas: { training: { 'ml.g4dn.xlarge': 1, 'ml.p3.2xlarge': 0 } }, stopGraceSeconds: 2 },
  );
  const images = path.join(cloud.folder, 'images.json');
  const manifest = JSON.parse(await readFile(images, 'utf8')) as { training: { env: Record<string, string> } };
  manifest.training.env.TOLD = path.join(cloud.folder, 'told');
  await writeFile(images, JSON.stringify(manifest));
  await cloud.stopEndpoint();
  await cloud.startEndpoint();
  const { sagemaker, logs, s3 } = cloud;
  activities = createMachineJobActivities({ sagemaker, logs, s3, environment: MACHINES });
});
afterAll(() => cloud?.close());

const tell = (what: 'continue' | 'end' | 'fail'): Promise<void> => writeFile(path.join(cloud.folder, 'told'), what);

async function trainingJob(change: Partial<SubmitInput> = {}): Promise<SubmitInput> {
  const jobId = `activity${(jobs += 1)}`;
  await cloud.put({ [`${layout.outputFolder(jobId, 'sfm', 1)}report.json`]: '{}' });
  return {
    deployment: 'test',
    jobId,
    stage: 'training',
    attempt: 1,
    runId: 'run-1',
    machines: [TRAINING.machines.preview],
    waits: false,
    resumedFrom: null,
    inputs: { sfm: [{ part: null, folder: layout.outputFolder(jobId, 'sfm', 1) }] },
    settings: TRAINING.settings.preview,
    capacityRetryMs: 1234,
    ...change,
  };
}

const environment = (info: Partial<Context['info']> = {}): MockActivityEnvironment =>
  new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });
const submit = (job: SubmitInput): Promise<unknown> => environment().run(activities.submitJob, job);
const watch = (
  job: SubmitInput,
  env = environment(),
  limitSeconds: number | null = null,
): Promise<MachineJobOutcome | AtLimit> =>
  env.run<Parameters<MachineJobActivities['watchJob']>, MachineJobOutcome | AtLimit, MachineJobActivities['watchJob']>(
    activities.watchJob,
    {
      stage: job.stage,
      jobName: machineJobName(job),
      pollIntervalMs: 20,
      limitSeconds,
    },
  );
const confirmEnd = (job: SubmitInput): Promise<MachineJobOutcome> =>
  environment().run<
    Parameters<MachineJobActivities['confirmEnd']>,
    MachineJobOutcome,
    MachineJobActivities['confirmEnd']
  >(activities.confirmEnd, {
    stage: job.stage,
    jobName: machineJobName(job),
    pollIntervalMs: 4321,
  });
const stop = (job: SubmitInput): Promise<unknown> =>
  environment().run(activities.stopJob, { stage: job.stage, jobName: machineJobName(job) });

/** A running job with a watch on it, and the heartbeats of that watch so far. */
async function watchedJob(changes: Partial<SubmitInput> = {}): Promise<{
  job: SubmitInput;
  env: MockActivityEnvironment;
  beats: WatchHeartbeat[];
  outcome: Promise<MachineJobOutcome | AtLimit>;
}> {
  await tell('continue');
  const job = await trainingJob(changes);
  await submit(job);
  const env = environment();
  const beats: WatchHeartbeat[] = [];
  env.on('heartbeat', (beat: WatchHeartbeat) => beats.push(beat));
  return { job, env, beats, outcome: watch(job, env) };
}

/** Ends the job and waits for it, so that the next test finds the quota free. */
async function endOf(job: SubmitInput): Promise<MachineJobOutcome | AtLimit> {
  await stop(job);
  return watch(job);
}

test('what an earlier stage has left for a program lies beside its settings, as far as it is there', async () => {
  await tell('end');
  const plain = await trainingJob();
  const folder = layout.outputFolder(plain.jobId, 'sfm', 1);
  const job = {
    ...plain,
    beside: [
      { name: 'sfm-report.json', key: `${folder}report.json` },
      { name: 'scene.json', key: `${folder}scene.json` },
    ],
  };
  await submit(job);
  await watch(job);
  const config = layout.configFolder(job.jobId, 'training', 1);
  const keys: string[] = [];
  for await (const { key } of listObjects(cloud.s3, { bucket: BUCKET, key: config }))
    keys.push(key.slice(config.length));
  expect(keys.sort()).toEqual(['settings.json', 'sfm-report.json']);
});

test('a submit that is repeated after its answer was lost finds the same machine', async () => {
  await tell('continue');
  const job = await trainingJob();
  await submit(job);
  expect(await submit(job)).toEqual({ created: true, jobName: machineJobName(job), instanceType: 'ml.g4dn.xlarge' });
  const { TrainingJobSummaries } = await cloud.sagemaker.send(new ListTrainingJobsCommand({ NameContains: job.jobId }));
  expect(TrainingJobSummaries).toHaveLength(1);
  await endOf(job);
});

test('a job of another run under the same name is never adopted', async () => {
  const job = await trainingJob();
  await submit(job);
  await expect(submit({ ...job, runId: 'run-2' })).rejects.toMatchObject({ type: 'NOT_OURS', nonRetryable: true });
  await endOf(job);
});

test('a machine job of another tenant is never adopted', async () => {
  const job = await trainingJob();
  await submit({ ...job, tenant: 'acme' });
  await expect(submit(job)).rejects.toMatchObject({ type: 'NOT_OURS' });
  await endOf(job);
});

test('a machine job of before there were tenants is adopted', async () => {
  const job = await trainingJob();
  await cloud.put({ [`${layout.configFolder(job.jobId, 'training', 1)}settings.json`]: JSON.stringify(job.settings) });
  const request = trainingJobRequest({ ...job, machine: TRAINING.machines.preview }, MACHINES);
  const Tags = request.Tags?.filter(({ Key }) => Key !== TAG.tenant);
  await cloud.sagemaker.send(new CreateTrainingJobCommand({ ...request, Tags }));
  expect(await submit(job)).toMatchObject({ created: true, jobName: machineJobName(job) });
  await endOf(job);
});

test('every Create says how long the machine may run and whose it is', async () => {
  const job = await trainingJob();
  await submit(job);
  const described = await cloud.describeTrainingJob(machineJobName(job));
  expect(described.StoppingCondition?.MaxRuntimeInSeconds).toBe(TRAINING.machines.preview.maxRuntimeSeconds);
  expect(described.EnableNetworkIsolation).toBe(true);
  expect(
    JSON.parse((await cloud.get(`${layout.configFolder(job.jobId, 'training', 1)}settings.json`)).toString()),
  ).toEqual(TRAINING.settings.preview);
  await endOf(job);
});

test('a spot machine is asked for as such, and the time that AWS gives away is told beside what it bills', async () => {
  const { job, beats, outcome } = await watchedJob({ spot: { waitSeconds: 600 } });
  const { maxRuntimeSeconds } = TRAINING.machines.preview;
  expect(await cloud.describeTrainingJob(machineJobName(job))).toMatchObject({
    EnableManagedSpotTraining: true,
    StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeSeconds, MaxWaitTimeInSeconds: maxRuntimeSeconds + 600 },
  });
  // Seconds are rounded up: of one all would be billed.
  await waitFor('a machine of two seconds', () =>
    beats.some(({ startedAtMs }) => startedAtMs !== null && Date.now() - startedAtMs > 2000),
  );
  await tell('end');
  const { billedSeconds, machineSeconds } = (await outcome) as MachineJobOutcome;
  expect(machineSeconds).toBeGreaterThan(billedSeconds);
});

test('a quota in use is said, and then waited for: tried again, slowly, and no failure', async () => {
  const [first, second] = [await trainingJob(), await trainingJob()];
  await submit(first);
  expect(await submit(second)).toMatchObject({
    created: false,
    refusal: {
      code: 'QUOTA_REACHED',
      message: expect.stringContaining('ml.g4dn.xlarge for training job usage') as string,
    },
  });
  await expect(submit({ ...second, waits: true })).rejects.toMatchObject({
    type: 'QUOTA_REACHED',
    nonRetryable: false,
    nextRetryDelay: 1234,
    category: 'BENIGN',
  });
  await endOf(first);
});

test('a quota that is full of the very job whose answer was lost finds that job', async () => {
  const job = await trainingJob({
    machines: [TRAINING.machines.preview, { ...TRAINING.machines.preview, instanceType: 'ml.g5.xlarge' }],
  });
  await submit(job);
  expect(await submit(job)).toMatchObject({ created: true, instanceType: 'ml.g4dn.xlarge' });
  await endOf(job);
});

test('when AWS has no machine of the first type the next of the list is rented, also when that answer is lost', async () => {
  const first = await trainingJob();
  await submit(first);
  const second = await trainingJob({
    machines: [TRAINING.machines.preview, { ...TRAINING.machines.preview, instanceType: 'ml.g5.xlarge' }],
  });
  for (let time = 0; time < 2; time += 1)
    expect(await submit(second)).toMatchObject({ created: true, instanceType: 'ml.g5.xlarge' });
  expect((await cloud.describeTrainingJob(machineJobName(second))).ResourceConfig?.InstanceType).toBe('ml.g5.xlarge');
  await endOf(first);
  await endOf(second);
});

test('an account without the machine of a fallback still waits for the first', async () => {
  const first = await trainingJob();
  await submit(first);
  const second = await trainingJob({
    machines: [{ ...TRAINING.machines.preview, instanceType: 'ml.p3.2xlarge' }, TRAINING.machines.preview],
  });
  expect(await submit(second)).toMatchObject({ created: false, refusal: { code: 'QUOTA_REACHED' } });
  const none = { ...second, machines: second.machines.slice(0, 1) };
  await expect(submit(none)).rejects.toMatchObject({
    type: 'QUOTA_ZERO',
    nonRetryable: true,
    message: expect.stringContaining('ml.p3.2xlarge') as string,
  });
  await endOf(first);
});

test('a training that resumes from an earlier attempt adds to the checkpoints of that attempt', async () => {
  const job = await trainingJob({ attempt: 2, resumedFrom: 1 });
  await submit(job);
  const described = await cloud.describeTrainingJob(machineJobName(job));
  expect(described.CheckpointConfig?.S3Uri).toBe(`s3://${BUCKET}/${layout.checkpointFolder(job.jobId, 'training', 1)}`);
  expect(described.OutputDataConfig?.S3OutputPath).toBe(
    `s3://${BUCKET}/${layout.outputFolder(job.jobId, 'training', 2)}`,
  );
  await endOf(job);
});

test('a request that AWS refuses ends the stage with its words', async () => {
  const job = await trainingJob({ machines: [{ ...TRAINING.machines.preview, maxRuntimeSeconds: 999_999_999 }] });
  await expect(submit(job)).rejects.toMatchObject({
    type: 'REQUEST_REFUSED',
    nonRetryable: true,
    message: expect.stringContaining('axRuntimeInSeconds') as string,
  });
});

test('a watch reports status and progress in its heartbeats, and the end with what is billed', async () => {
  const { job, beats, outcome } = await watchedJob();
  await waitFor('progress in a heartbeat', () =>
    beats.some((beat) => beat.progress?.done === 3 && beat.progress.metrics.psnr === 18.5),
  );
  await tell('end');
  expect(await outcome).toMatchObject({
    status: 'Completed',
    failure: null,
    startedAtMs: expect.any(Number) as number,
    quality: [{ iteration: 3, psnr: 18.5 }],
  });
  expect(beats.at(-1)).toMatchObject({
    jobName: machineJobName(job),
    logStream: expect.stringContaining('/algo-1-') as string,
  });
});

test('a watch that is told to end, as by a deploy, stops nothing, and the next watch continues from its heartbeat', async () => {
  const { job, env, beats, outcome: first } = await watchedJob();
  await waitFor('progress in a heartbeat', () => beats.some((beat) => beat.progress !== null));
  env.cancel('WORKER_SHUTDOWN');
  await expect(first).rejects.toThrow();
  expect((await cloud.describeTrainingJob(machineJobName(job))).TrainingJobStatus).toBe('InProgress');
  const next = environment({ heartbeatDetails: beats.at(-1) });
  const seen: WatchHeartbeat[] = [];
  next.on('heartbeat', (beat: WatchHeartbeat) => seen.push(beat));
  const second = watch(job, next);
  await waitFor('the progress that was read before', () => seen[0]?.progress?.done === 3);
  await stop(job);
  expect(await second).toMatchObject({ quality: [{ iteration: 3, psnr: 18.5 }] });
});

test("a program's own code and sentence are the reason of the failure", async () => {
  await tell('fail');
  const job = await trainingJob();
  await submit(job);
  expect(await watch(job)).toMatchObject({
    status: 'Failed',
    failure: { code: 'GPU_OUT_OF_MEMORY', message: '15.9 GB were in use' },
  });
  await tell('continue');
});

test('a watch with a limit says when it is reached, and leaves the machine running', async () => {
  const job = await trainingJob();
  await submit(job);
  expect(await watch(job, environment(), 0.2)).toEqual({ status: 'AtLimit' });
  expect((await cloud.describeTrainingJob(machineJobName(job))).TrainingJobStatus).toBe('InProgress');
  await endOf(job);
});

test('the end of a stopped job is asked for again and again, without holding a slot, until it has come', async () => {
  const job = await trainingJob();
  expect(await confirmEnd(job)).toMatchObject({ status: 'NotFound' });
  await submit(job);
  await expect(confirmEnd(job)).rejects.toMatchObject({
    type: 'STILL_RUNNING',
    nonRetryable: false,
    nextRetryDelay: 4321,
    category: 'BENIGN',
  });
  await stop(job);
  await waitFor('the end', async () => (await confirmEnd(job).catch(() => null))?.status === 'Stopped');
});

test('stopping ends a running job, and is harmless for one that has ended or never was', async () => {
  const job = await trainingJob();
  await submit(job);
  expect(await stop(job)).toEqual({ stopping: true });
  expect(await watch(job)).toMatchObject({ status: 'Stopped' });
  expect(await stop(job)).toEqual({ stopping: false });
  expect(await stop(await trainingJob())).toEqual({ stopping: false });
  expect(await watch(await trainingJob())).toMatchObject({ status: 'NotFound' });
});
