import { DescribeTrainingJobCommand, ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import type { JobRecord } from '../../../contracts/job/record';
import { isFinal } from '../../../contracts/job/state';
import type { JobView } from '../../../contracts/job/view';
import { layout } from '../../../contracts/storage/layout';
import { isAlive } from '../../helpers/stack/is-alive';
import { jobIdOf, ScriptedStack } from '../../helpers/stack/scripted-stack';
import { SideBySide } from '../../helpers/stack/side-by-side';
import { waitFor } from '../../helpers/wait-for';

/**
 * Promises of a job beside the failure table, over the whole local product: exactly one paid machine an attempt,
 * cancel with proof, park and retry, decision, pause, budget, the record. Elsewhere: crashes of single processes
 * (durability, beside this), a full watch queue and a machine that ends while it is cancelled (test/workflows), strays,
 * retention and erasure (upkeep), webhooks (delivery).
 */
jest.setTimeout(300_000);

let product: ScriptedStack;
const clauses = new SideBySide(() => product);

beforeAll(async () => {
  product = await ScriptedStack.start(
    // Of 36 s, the smallest limit, 20 s are for SfM, on a busy machine too, and for training.
    { capacityRetryMs: 300, retryInitialMs: 100, retryMaximumMs: 1000, stopMarginMs: 16_000 },
    {},
  );
  await clauses.plan();
}, 120_000);
afterAll(() => product?.stop(), 60_000);

const HOUR_WINDOW = { retryWindowSeconds: 3600 };
const TRAINS = { training: 'hang' } as const;
const ALL_STAGES = ['sfm 1 Completed', 'training 1 Completed', 'compression 1 Completed'];

type Ledger = Pick<JobView | JobRecord, 'attempts'>;
const machines = ({ attempts }: Ledger): string[] =>
  attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`);
const inState = (jobId: string, wanted: JobView['state']): Promise<JobView> =>
  product.view(jobId, `it to be ${wanted}`, ({ state }) => state === wanted);
const trainingStatus = async (TrainingJobName: string): Promise<string | undefined> =>
  (await product.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).TrainingJobStatus;
const trainingJobs = async (NameContains: string): Promise<(string | undefined)[]> =>
  ((await product.sagemaker.send(new ListTrainingJobsCommand({ NameContains }))).TrainingJobSummaries ?? []).map(
    (job) => job.TrainingJobName,
  );
/** What the Temporal CLI says when it does not do what it is told. */
const refusal = (...args: string[]): Promise<string> =>
  product.temporal(...args).then(
    (answer) => `it did: ${answer}`,
    (error: unknown) => (error as { stderr?: string }).stderr ?? '',
  );

/** The job is cancelled, its machine is off, its run ends Canceled and its mail says so. */
async function endsCanceled(
  jobId: string,
  { jobName, pids }: { readonly jobName: string; readonly pids: readonly number[] },
): Promise<JobRecord> {
  expect(await product.end(jobId)).toMatchObject({ state: 'cancelled' });
  expect(await trainingStatus(jobName)).toBe('Stopped');
  for (const pid of pids) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)));
  expect(await product.workflowStatus(jobId)).toBe('CANCELLED');
  expect(await product.mailed(jobId)).toEqual([expect.stringMatching(/cancel/i)]);
  const record = await product.record(jobId);
  expect(machines(record)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
  expect(record.attempts.at(-1)?.costUsd).toBeGreaterThan(0);
  return record;
}

// Slow ones first: they run beside all others.

test.concurrent(
  'One paid machine an attempt: a repeated Idempotency-Key finds the same job after Temporal has forgotten it',
  async () => {
    const key = 'flight-2026-11-21';
    const jobId = jobIdOf(key);
    const s3Url = `s3://${product.stack.bucket}/uploads/local/nothing/`;
    await product.startJob({ key, s3Url });
    await product.end(jobId);
    await product.temporal('workflow', 'delete', '--workflow-id', `job-${jobId}`);
    await waitFor('Temporal to forget it', async () => (await product.workflowStatus(jobId)) === null, 120_000);
    const body = { s3Url, email: 'pilot@example.com', preset: 'preview', retryWindowSeconds: 0 };
    expect(await product.post('/start-job', body, { 'idempotency-key': key })).toMatchObject({
      status: 200,
      body: { jobId },
    });
    expect(await product.api.job(jobId)).toMatchObject({ state: 'failed', failure: { code: 'INPUT_NOT_FOUND' } });
    expect(await product.workflowStatus(jobId)).toBeNull();
  },
);

clauses.test(
  'A limit of machine hours stops the machine before it is passed, and a retry with a higher one resumes',
  async (start, jobId) => {
    await start({ request: { maxHours: 0.01, ...HOUR_WINDOW }, scripts: { training: ['hang', 'complete'] } });
    const parked = await inState(jobId, 'parked');
    expect(parked).toMatchObject({
      failure: {
        code: 'BUDGET_EXCEEDED',
        message: expect.stringContaining('the limit of 0.01 machine hours') as string,
      },
    });
    expect(machines(parked)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
    expect(parked.attempts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThan(36);
    await product.api.retry(jobId, null, { maxHours: 1 });
    expect(await product.end(jobId)).toMatchObject({ state: 'succeeded', budget: { maxHours: 1 } });
  },
);

// Trouble that passes

clauses.test(
  'Trouble that passes: throttling and 500s of Create and Describe cost time and nothing else',
  async (start, jobId) => {
    await start();
    expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
    expect(await product.runs(jobId, 'training')).toHaveLength(1);
  },
  { kind: 'throttle', operation: 'CreateTrainingJob', times: 4 },
  { kind: 'server-error', operation: 'DescribeTrainingJob', times: 4 },
  { kind: 'throttle', operation: 'CreateProcessingJob', times: 4 },
);

clauses.test(
  'Trouble that passes: logs that cannot be read cost the percentages, not the job',
  async (start, jobId) => {
    await start();
    expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
  },
  { kind: 'failing-logs', times: 10_000 },
);

// One paid machine an attempt

clauses.test(
  'One paid machine an attempt: an answer dropped after Create leads to one SageMaker job',
  async (start, jobId) => {
    await start();
    expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
    expect(await product.runs(jobId, 'training')).toHaveLength(1);
  },
  { kind: 'drop-answer', operation: 'CreateTrainingJob' },
);

clauses.test(
  'One paid machine an attempt: a machine that a terminated run has left is not taken over by a retry, but stopped and paid first',
  async (start, jobId) => {
    await start({ scripts: { training: ['hang', 'complete'] } });
    const first = await product.running(jobId, 'training');
    await product.temporal('workflow', 'terminate', '--workflow-id', `job-${jobId}`, '--reason', 'test');
    await product.view(jobId, 'its end', ({ state }) => isFinal(state));
    await product.api.retry(jobId, null);
    const { state, attempts } = await product.end(jobId);
    expect(state).toBe('succeeded');
    expect(attempts.map(({ stage, attempt }) => `${stage} ${attempt}`)).toEqual([
      'sfm 1',
      'training 1',
      'training 2',
      'compression 1',
    ]);
    expect(await trainingStatus(first.jobName)).toBe('Stopped');
    const [, left, next] = (await product.record(jobId)).attempts;
    expect(left).toMatchObject({ status: 'Stopped', failure: null });
    expect(left!.costUsd).toBeGreaterThan(0);
    expect(next!.startedAtMs).toBeGreaterThanOrEqual(left!.endedAtMs!);
  },
);

// A cancel

clauses.test("A cancel from Temporal's Web UI stops the machine and ends Canceled", async (start, jobId) => {
  await start({ scripts: TRAINS });
  const machine = await product.running(jobId, 'training');
  await product.temporal('workflow', 'cancel', '--workflow-id', `job-${jobId}`);
  expect(await endsCanceled(jobId, machine)).toMatchObject({ cancelled: { by: 'Temporal' } });
});

clauses.test(
  'A cancel whose Stop is throttled still ends Canceled with the machine off',
  async (start, jobId) => {
    await start({ scripts: TRAINS });
    const machine = await product.running(jobId, 'training');
    await product.api.cancel(jobId, 'wrong field');
    expect(await endsCanceled(jobId, machine)).toMatchObject({ cancelled: { reason: 'wrong field', by: 'the CLI' } });
  },
  { kind: 'throttle', operation: 'StopTrainingJob', times: 4 },
);

clauses.test(
  'A cancel whose machine stops slowly says that it is cancelling, and sent twice is harmless',
  async (start, jobId) => {
    await start({ scripts: TRAINS });
    const machine = await product.running(jobId, 'training');
    expect(await product.api.cancel(jobId, 'first')).toMatchObject({ state: 'cancelling', note: null });
    await inState(jobId, 'cancelling');
    expect(await product.api.cancel(jobId, 'second')).toMatchObject({
      state: 'cancelling',
      note: expect.stringContaining('already') as string,
    });
    expect(await endsCanceled(jobId, machine)).toMatchObject({ cancelled: { reason: 'first' } });
  },
  { kind: 'slow-stop', operation: 'CreateTrainingJob', seconds: 8 },
);

clauses.test(
  'A cancel between Create and its answer stops the machine that was created',
  async (start, jobId) => {
    await start({ scripts: TRAINS });
    const machine = await waitFor('the machine', async () => (await product.runs(jobId, 'training'))[0], 120_000);
    await product.api.cancel(jobId);
    await endsCanceled(jobId, machine);
    expect(await product.runs(jobId, 'training')).toHaveLength(1);
  },
  { kind: 'drop-answer', operation: 'CreateTrainingJob', times: 10_000 },
);

clauses.test('A cancel after the end says so, and changes nothing', async (start, jobId) => {
  await start({ s3Url: `s3://${product.stack.bucket}/uploads/local/nothing/` });
  await product.end(jobId);
  await expect(product.api.cancel(jobId)).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining('has ended (failed)') as string,
  });
  expect(await refusal('workflow', 'signal', '--workflow-id', `job-${jobId}`, '--name', 'cancel')).toContain(
    'already completed',
  );
  expect(await product.record(jobId)).toMatchObject({ state: 'failed', cancelled: null });
});

// Park and retry

const retry = (jobId: string, body: object) => product.post(`/v1/jobs/${jobId}/retry`, body);

clauses.test(
  'Park and retry: a retry that cannot be followed is refused with the reason, by API, update and signal',
  async (start, jobId) => {
    await start({ request: HOUR_WINDOW, scripts: { training: 'fail' } });
    await inState(jobId, 'parked');
    expect(await retry(jobId, { options: { roleArn: 'mine' } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'options.roleArn' }] },
    });
    expect(await retry(jobId, { fromStage: 'compression' })).toMatchObject({
      status: 409,
      body: { code: 'STAGE_NOT_REACHED' },
    });
    expect(await retry(jobId, { options: { maxNumFeatures: 1000 } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'options.maxNumFeatures' }] },
    });
    const named = ['--workflow-id', `job-${jobId}`, '--name', 'retry', '--input', '{"options":{"shBands":9}}'];
    // The reason is encrypted (SPACEPORT_PAYLOAD_KEYS), and read as an operator reads it.
    const codec = ['--codec-endpoint', `${product.stack.endpoints.server}/codec`];
    expect(await refusal('workflow', 'update', 'execute', ...named, ...codec)).toContain(
      'options.shBands must be a whole number from 0 to 3',
    );
    await product.temporal('workflow', 'signal', ...named);
    const { state } = await product.view(
      jobId,
      'the notice',
      ({ notice }) => notice?.includes('options.shBands must be') ?? false,
    );
    expect(state).toBe('parked');
    await product.api.cancel(jobId);
    await product.end(jobId);
  },
);

clauses.test('Park and retry: a retry with other options reuses what is finished', async (start, jobId) => {
  await start({ request: HOUR_WINDOW, scripts: { training: ['fail', 'complete'] } });
  await inState(jobId, 'parked');
  expect(await retry(jobId, { options: { maxGaussians: 5000 } })).toMatchObject({ status: 202 });
  expect(machines(await product.end(jobId))).toEqual([
    'sfm 1 Completed',
    'training 1 Failed',
    'training 2 Completed',
    'compression 1 Completed',
  ]);
  expect(await product.read(`${layout.configFolder(jobId, 'training', 2)}settings.json`)).toMatchObject({
    maxGaussians: 5000,
  });
  expect(await product.mailed(jobId, 2)).toHaveLength(2);
});

clauses.test('Park and retry: a retry of a job that runs is refused', async (start, jobId) => {
  await start({ scripts: TRAINS });
  const machine = await product.running(jobId, 'training');
  expect(await retry(jobId, {})).toMatchObject({ status: 409, body: { code: 'NOT_PARKED' } });
  await product.api.cancel(jobId);
  await endsCanceled(jobId, machine);
});

// A reconstruction of half of the photos

const HALF = { sfm: { do: 'complete', metrics: { photos: 6, registered: 3 } } } as const;
const asked = async (jobId: string): Promise<void> => {
  const { waiting, attempts } = await inState(jobId, 'waiting');
  expect(waiting).toMatchObject({
    for: 'decision',
    message: expect.stringContaining('3 of 6 photos') as string,
    until: expect.any(String) as string,
  });
  expect(attempts).toHaveLength(1);
};

clauses.test(
  'A reconstruction of half of the photos asks by mail, and continues after accept',
  async (start, jobId) => {
    await start({ request: HOUR_WINDOW, scripts: HALF });
    await asked(jobId);
    expect(await product.mailed(jobId)).toEqual([expect.stringContaining('Your decision is needed')]);
    expect(await product.post(`/v1/jobs/${jobId}/accept`, { by: 'Ada' })).toMatchObject({ status: 202 });
    expect(await product.end(jobId)).toMatchObject({ state: 'succeeded', waiting: null });
    expect((await product.record(jobId)).gates[0]).toMatchObject({
      stage: 'sfm',
      verdict: 'undecided',
      acceptedBy: { by: 'Ada' },
    });
  },
);

clauses.test('A reconstruction of half of the photos can be stopped before a GPU is rented', async (start, jobId) => {
  await start({ request: HOUR_WINDOW, scripts: HALF });
  await asked(jobId);
  await product.temporal(
    'workflow',
    'signal',
    '--workflow-id',
    `job-${jobId}`,
    '--name',
    'cancel',
    '--input',
    '{"reason":"we fly again","by":"Ada"}',
  );
  expect(await product.end(jobId)).toMatchObject({
    state: 'cancelled',
    cancelled: { reason: 'we fly again', by: 'Ada' },
  });
  expect(await trainingJobs(jobId)).toEqual([]);
});

clauses.test(
  'A reconstruction of half of the photos fails the job when nobody answers before the deadline',
  async (start, jobId) => {
    await start({ request: { retryWindowSeconds: 2 }, scripts: HALF });
    expect(await product.end(jobId)).toMatchObject({ state: 'failed', failure: { code: 'TOO_FEW_REGISTERED' } });
    expect((await product.states(jobId)).slice(-2)).toEqual(['waiting', 'failed']);
    expect(await product.mailed(jobId, 2)).toEqual([
      expect.stringContaining('Too few of the photos'),
      expect.stringContaining('Your decision is needed'),
    ]);
    expect(await trainingJobs(jobId)).toEqual([]);
  },
);

// A pause

clauses.test(
  'A pause lets the stage under way finish, rents nothing more, and ends with resume',
  async (start, jobId) => {
    await start({ scripts: { sfm: 'hang' } });
    await product.running(jobId, 'sfm');
    await product.api.pause(jobId);
    await product.script('sfm', 'complete', jobId);
    const paused = await inState(jobId, 'waiting');
    expect(paused).toMatchObject({ waiting: { for: 'resume', until: null }, pauseRequested: true, step: 'training' });
    expect(machines(paused)).toEqual(['sfm 1 Completed']);
    await product.api.resume(jobId);
    expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
  },
);

clauses.test('A pause that is taken back in time changes nothing', async (start, jobId) => {
  await start({ scripts: { sfm: 'hang' } });
  await product.running(jobId, 'sfm');
  await product.api.pause(jobId);
  await product.api.resume(jobId);
  await product.script('sfm', 'complete', jobId);
  expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
  expect(await product.states(jobId)).not.toContain('waiting');
});

// The record is complete

const ledgerLine = (stage: string, status: string) => ({
  stage,
  attempt: 1,
  status,
  jobName: expect.stringContaining(`-${stage}-a01`) as string,
  billedSeconds: expect.any(Number) as number,
  costUsd: expect.any(Number) as number,
  startedAtMs: expect.any(Number) as number,
  endedAtMs: expect.any(Number) as number,
  maxRuntimeSeconds: expect.any(Number) as number,
  options: { maxIterations: 500 },
});
const request = { ...HOUR_WINDOW, options: { maxIterations: 500 } };
const accepted = (stage: string) => ({ stage, attempt: 1, verdict: 'accepted' });
const always = (jobId: string) => ({
  jobId,
  request: { ...request, email: 'pilot@example.com', preset: 'preview', location: { bucket: product.stack.bucket } },
  photos: { accepted: 6, rejected: [] },
});

clauses.test('The record is complete after success', async (start, jobId) => {
  await start({ request });
  await product.end(jobId);
  expect(await product.record(jobId)).toMatchObject({
    ...always(jobId),
    state: 'succeeded',
    endedAtMs: expect.any(Number) as number,
    attempts: [
      ledgerLine('sfm', 'Completed'),
      ledgerLine('training', 'Completed'),
      ledgerLine('compression', 'Completed'),
    ],
    gates: ['sfm', 'training', 'compression'].map(accepted),
    failure: null,
  });
});

clauses.test('The record is complete while parked, and after a cancel by whom and why', async (start, jobId) => {
  await start({ request, scripts: { training: 'fail' } });
  await inState(jobId, 'parked');
  const failed = { code: 'INTERNAL_ERROR', message: 'the script says so' };
  const common = {
    ...always(jobId),
    attempts: [ledgerLine('sfm', 'Completed'), { ...ledgerLine('training', 'Failed'), failure: failed }],
    gates: [accepted('sfm')],
  };
  expect(await product.record(jobId)).toMatchObject({
    ...common,
    state: 'parked',
    failure: failed,
    parkedUntilMs: expect.any(Number) as number,
  });
  await product.post(`/v1/jobs/${jobId}/cancel`, { reason: 'never mind', by: 'Ada' });
  await product.end(jobId);
  expect(await product.record(jobId)).toMatchObject({
    ...common,
    state: 'cancelled',
    cancelled: { reason: 'never mind', by: 'Ada', atMs: expect.any(Number) as number },
  });
});

clauses.test('The record is complete after a failure that nobody mended in time', async (start, jobId) => {
  await start({
    request: { ...request, retryWindowSeconds: 1 },
    scripts: { sfm: { do: 'reject', code: 'TOO_FEW_POINTS', message: 'only 31 points' } },
  });
  await product.end(jobId);
  expect(await product.record(jobId)).toMatchObject({
    photos: { accepted: 6 },
    state: 'failed',
    endedAtMs: expect.any(Number) as number,
    parkedUntilMs: null,
    attempts: [{ ...ledgerLine('sfm', 'Completed'), failure: { code: 'TOO_FEW_POINTS' } }],
    gates: [{ stage: 'sfm', verdict: 'rejected', failure: { code: 'TOO_FEW_POINTS' } }],
    failure: { code: 'TOO_FEW_POINTS', message: 'only 31 points' },
  });
});

test('S3 that throttles, fails, breaks off and is slow costs time and nothing else', async () => {
  const key = 'slow-storage';
  const folder = `jobs/${jobIdOf(key)}`;
  await product.planS3(
    { kind: 'slow-down', key: `${folder}/*/*`, operation: 'PutObject', times: 2 },
    { kind: 'internal-error', key: `${folder}/*/*`, operation: 'GetObject', times: 2 },
    { kind: 'truncated-body', key: `${folder}/sfm/*/report.json` },
    { kind: 'slow-read', key: `${folder}/training/*/settings.json`, seconds: 1 },
  );
  expect(machines(await product.end(await product.startJob({ key })))).toEqual(ALL_STAGES);
  expect(new Set((await product.firedS3Faults()).map(({ kind }) => kind))).toEqual(
    new Set(['slow-down', 'internal-error', 'truncated-body', 'slow-read']),
  );
});

describe('a worker that is killed', () => {
  const inCreate = 'killed-in-create';
  const cancelled = 'killed-then-cancelled';
  const limited = 'killed-with-a-limit';

  /** Three jobs, each at its own moment, and one crash. */
  beforeAll(async () => {
    await product.plan({
      kind: 'drop-answer',
      operation: 'CreateTrainingJob',
      jobName: `*-${jobIdOf(inCreate)}-*`,
      times: 10_000,
    });
    for (const key of [inCreate, cancelled]) await product.startJob({ key, scripts: TRAINS });
    await product.running(jobIdOf(cancelled), 'training');
    await waitFor(
      'the machine whose Create is never answered',
      async () => (await product.runs(jobIdOf(inCreate), 'training'))[0],
      60_000,
    );
    await product.startJob({ key: limited, request: { maxHours: 0.01 }, scripts: TRAINS });
    await product.running(jobIdOf(limited), 'training');
    await product.stack.kill('worker');
    await product.plan();
    await product.temporal('workflow', 'signal', '--workflow-id', `job-${jobIdOf(cancelled)}`, '--name', 'cancel');
  }, 180_000);

  test('does not keep AWS from stopping a machine at the limit of the job', async () => {
    const [jobName = ''] = await trainingJobs(jobIdOf(limited));
    await waitFor('the machine to be off', async () => (await trainingStatus(jobName)) === 'Stopped', 120_000);
    await product.stack.restart('worker');
    const view = await product.end(jobIdOf(limited));
    expect(view).toMatchObject({ state: 'failed', failure: { code: 'BUDGET_EXCEEDED' } });
    expect(machines(view)).toEqual(['sfm 1 Completed', 'training 1 Stopped']);
  });

  test('does not keep a cancel from being followed as soon as there is another worker', async () => {
    const [machine = { jobName: '', pids: [] }] = await product.runs(jobIdOf(cancelled), 'training');
    await endsCanceled(jobIdOf(cancelled), machine);
  });

  test('between Create and its answer costs no second machine', async () => {
    const jobId = jobIdOf(inCreate);
    await product.script('training', 'complete', jobId);
    expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
    expect(await trainingJobs(jobId)).toHaveLength(1);
    expect(await product.runs(jobId, 'training')).toHaveLength(1);
  });
});

test('a deploy of the worker loses neither progress nor what a job waits for', async () => {
  const training = await product.startJob({ scripts: TRAINS });
  const deciding = await product.startJob({
    request: HOUR_WINDOW,
    scripts: { sfm: { do: 'complete', metrics: { photos: 6, registered: 3 } } },
  });
  await product.running(training, 'training');
  await inState(deciding, 'waiting');
  const before =
    (await product.view(training, 'progress', ({ stageProgress }) => (stageProgress?.done ?? 0) > 0)).stageProgress
      ?.done ?? 0;
  process.kill(product.stack.pid('worker'), 'SIGTERM');
  await product.stack.kill('worker');
  await product.stack.restart('worker');
  const after = await product.view(
    training,
    'more progress',
    ({ stageProgress }) => (stageProgress?.done ?? 0) > before,
  );
  expect(machines(after)).toEqual(['sfm 1 Completed', 'training 1 Running']);
  expect(await product.runs(training, 'training')).toHaveLength(1);
  await product.script('training', 'complete', training);
  await product.api.accept(deciding);
  for (const jobId of [training, deciding]) expect(machines(await product.end(jobId))).toEqual(ALL_STAGES);
});

test('a mail server that is down delays the mail and nothing else', async () => {
  await product.stack.kill('mail');
  const jobId = await product.startJob();
  expect(await product.end(jobId)).toMatchObject({ state: 'succeeded' });
  expect(await product.workflowStatus(jobId)).toBe('COMPLETED');
  await product.stack.restart('mail');
  expect(await product.mailed(jobId)).toEqual([expect.stringContaining('ready')]);
});
