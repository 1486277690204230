import {
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { STAGES } from '../../../contracts/stages/stage';
import { COMPONENT_NAMES } from '../../../local/stack/components';
import type { BatchView, StartedBatch } from '../../../contracts/batch/view-schema';
import type { AuditList } from '../../../contracts/access/audit-schema';
import { OtlpReceiver, type ReceivedSpan } from '../../helpers/observe/otlp-receiver';
import { isAlive } from '../../helpers/stack/is-alive';
import { ScriptedStack } from '../../helpers/stack/scripted-stack';
import { tinyPhotos } from '../../helpers/photos';
import { ToldMetrics } from '../../helpers/observe/told-metrics';
import { waitFor } from '../../helpers/wait-for';

// Several processes start, die and start again in each test, on machines that may be busy.
jest.setTimeout(180_000);

let product: ScriptedStack;
let sagemaker: SageMakerClient;
let traces: OtlpReceiver;

beforeAll(async () => {
  traces = await OtlpReceiver.start();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = traces.url;
  product = await ScriptedStack.start({ batchPollMs: 200 });
  const { endpoints, credentials, region } = product.stack;
  sagemaker = new SageMakerClient({ endpoint: endpoints.sagemaker, credentials, region });
}, 120_000);
afterAll(async () => {
  sagemaker?.destroy();
  await product?.stop();
  traces?.stop();
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
}, 60_000);
beforeEach(async () => {
  for (const stage of ['sfm', 'training', 'compression'] as const) await product.script(stage, 'complete');
});

/** A job whose training runs until something happens to it. */
async function jobInTraining(
  retryWindowSeconds = 0,
): Promise<{ jobId: string; jobName: string; pids: readonly number[] }> {
  await product.script('training', 'hang');
  const jobId = await product.startJob({ request: { retryWindowSeconds } });
  const [run] = await waitFor('training to run', async () => {
    const runs = await product.runs(jobId, 'training');
    return runs.length > 0 ? runs : null;
  });
  if (run === undefined) throw new Error('unreachable');
  await product.view(
    jobId,
    'progress of training',
    (view) => view.stageProgress?.stage === 'training' && view.stageProgress.phase === 'scripted',
  );
  return { jobId, ...run };
}

const trainingStatus = async (TrainingJobName: string): Promise<string | undefined> =>
  (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).TrainingJobStatus;

const trainingJobs = async (jobId: string): Promise<(string | undefined)[]> =>
  (await sagemaker.send(new ListTrainingJobsCommand({ NameContains: jobId }))).TrainingJobSummaries?.map(
    (job) => job.TrainingJobName,
  ) ?? [];

async function expectNoneAlive(pids: readonly number[]): Promise<void> {
  for (const pid of pids) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)), 10_000);
}

test('a job goes from photos to a published scene and a mail', async () => {
  const jobId = await product.startJob();
  const view = await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(view.attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`)).toEqual([
    'sfm 1 Completed',
    'training 1 Completed',
    'compression 1 Completed',
  ]);
  expect(view.costUsd).toBeGreaterThan(0);
  expect(view.result?.files.map(({ name }) => name)).toContain('scene.sog');
  await waitFor('the run to be closed', async () => (await product.workflowStatus(jobId)) === 'COMPLETED');
  await waitFor('the mail', async () => (await product.mailsAbout(jobId)).length === 1);
  await expectToldAsInLedger(jobId);
  await expectOneTrace(jobId);
  const audit = (await (await fetch(`${product.stack.endpoints.server}/v1/jobs/${jobId}/audit`)).json()) as AuditList;
  expect(audit.entries.map(({ operation, by }) => [operation, by.kind])).toEqual([['startJob', 'machine']]);
});

/** From the request through workflow and activities to what the programs did: one trace, in which nothing hangs loose. */
async function expectOneTrace(jobId: string): Promise<void> {
  const isOfJob = ({ name, attributes }: ReceivedSpan): boolean =>
    name === 'workflow pipeline' && attributes['spaceport.job_id'] === jobId;
  // Each process tells of its part when it is over, those of notifications last.
  const spans = await waitFor('a trace in which nothing hangs loose', () => {
    const traceId = traces.spans.find(isOfJob)?.traceId;
    const found = traces.spans.filter((span) => span.traceId === traceId);
    const known = new Set(found.map(({ spanId }) => spanId));
    const roots = found.filter(({ parentSpanId }) => parentSpanId === null || !known.has(parentSpanId));
    const hasLast = found.some(({ name }) => name === 'workflow delivery');
    return hasLast && roots.length === 1 && roots[0]?.name === 'POST /start-job' && found;
  });
  const times = (name: string): number => spans.filter((span) => span.name === name).length;
  expect(times('activity watchJob')).toBe(3);
  for (const stage of STAGES) expect(times(`machine ${stage}`)).toBe(1);
  expect(times('phase scripted')).toBe(3);
  expect(times('workflow delivery')).toBe(1);
}

/** Metrics of server and worker say of this job, the only one so far, what its record does. */
async function expectToldAsInLedger(jobId: string): Promise<void> {
  const { serverMetrics, workerMetrics } = product.stack.endpoints;
  // The list of jobs is some seconds behind.
  const server = await waitFor('the end of the job to be told', async () => {
    const told = await ToldMetrics.at(serverMetrics);
    return told.sum('spaceport_jobs', { state: 'succeeded', preset: 'preview' }) === 1 && told;
  });
  const { attempts } = await product.record(jobId);
  for (const { stage, billedSeconds, costUsd } of attempts) {
    const labels = { stage, preset: 'preview', status: 'Completed', failure_code: '' };
    expect(server.sum('spaceport_machine_attempts', labels)).toBe(1);
    expect(server.sum('spaceport_machine_billed_seconds', labels)).toBe(billedSeconds);
    expect(server.sum('spaceport_machine_cost_usd', labels)).toBe(costUsd);
  }
  expect(server.sum('spaceport_jobs')).toBe(1);
  expect(server.sum('spaceport_job_failures')).toBeUndefined();
  expect(server.sum('spaceport_http_requests_total', { method: 'POST', route: '/start-job', status: '202' })).toBe(1);
  expect(server.sum('spaceport_task_queue_pollers', { queue: 'watch', kind: 'activity' })).toBeGreaterThan(0);
  expect(server.sum('spaceport_index_age_seconds')).toBeLessThan(60);
  const worker = await ToldMetrics.at(workerMetrics);
  expect(worker.sum('spaceport_deliveries_total', { channel: 'mail', status: 'delivered' })).toBe(1);
  for (const what of ['inputs', 'results'])
    expect(worker.sum('spaceport_machine_transfer_seconds_count', { what })).toBe(3);
  expect(worker.sum('spaceport_machine_gpu_utilization_ratio_sum')).toBe(0.9);
  expect(worker.sum('spaceport_machine_gpu_memory_bytes_sum', { stage: 'training' })).toBe(6000 * 2 ** 20);
  expect(worker.sum('spaceport_machine_memory_bytes_sum', { stage: 'sfm' })).toBe(50 * 2 ** 20);
  expect(worker.sum('temporal_activity_succeed_endtoend_latency_seconds_count', { activity_type: 'watchJob' })).toBe(3);
}

test('the signal cancel from the Temporal CLI stops the SageMaker job, leaves no process and ends Canceled', async () => {
  const { jobId, jobName, pids } = await jobInTraining();
  await waitFor('the running job to be told', async () => {
    const told = await ToldMetrics.at(product.stack.endpoints.serverMetrics);
    return told.sum('spaceport_jobs', { state: 'running', stage: 'training', preset: 'preview' }) === 1;
  });
  await product.temporal('workflow', 'signal', '--workflow-id', `job-${jobId}`, '--name', 'cancel');
  const view = await product.view(jobId, 'the cancellation', ({ state }) => state === 'cancelled');
  expect(await trainingStatus(jobName)).toBe('Stopped');
  await expectNoneAlive(pids);
  await waitFor('the run to be closed', async () => (await product.workflowStatus(jobId)) === 'CANCELLED');
  expect(view.attempts.at(-1)).toMatchObject({ stage: 'training', status: 'Stopped' });
  expect(view.attempts.at(-1)?.costUsd).toBeGreaterThan(0);
  await waitFor('the mail', async () => (await product.mailsAbout(jobId))[0]?.toLowerCase().includes('cancel'));
});

test('a worker killed in the middle of a batch is replaced: each job runs once, and one mail tells of all', async () => {
  await product.script('training', 'hang');
  const jobs = await Promise.all([3, 4, 5].map(async (count) => ({ s3Url: await product.upload(tinyPhotos(count)) })));
  const shared = { email: 'pilot@example.com', preset: 'preview', retryWindowSeconds: 0 };
  const { body } = await product.post('/v1/batches', { ...shared, concurrency: 2, jobs });
  const { batchId, jobs: jobIds } = body as StartedBatch;
  const batch = async (): Promise<BatchView> =>
    (await (await fetch(`${product.stack.endpoints.server}/v1/batches/${batchId}`)).json()) as BatchView;
  const { jobName, pids } = await waitFor(
    'a training to run',
    async () => (await Promise.all(jobIds.map((jobId) => product.runs(jobId, 'training')))).flat()[0],
    120_000,
  );
  expect((await batch()).members.at(-1)).toMatchObject({ state: 'pending' });

  await product.stack.kill('worker');
  expect(await trainingStatus(jobName)).toBe('InProgress');
  for (const pid of pids) expect(await isAlive(pid)).toBe(true);
  await product.stack.restart('worker');
  await product.script('training', 'complete');

  const { counts, mail } = await waitFor(
    'the end of the batch',
    async () => {
      // The counts are those of the list of jobs, which is some seconds behind.
      const view = await batch();
      return view.state === 'ended' && view.mail !== null ? view : null;
    },
    120_000,
  );
  expect({ counts, mail }).toMatchObject({ counts: { succeeded: 3 }, mail: { status: 'delivered' } });
  for (const jobId of jobIds) {
    for (const stage of STAGES) expect(await product.runs(jobId, stage)).toHaveLength(1);
    expect(await trainingJobs(jobId)).toHaveLength(1);
    expect((await product.record(jobId)).attempts).toHaveLength(STAGES.length);
    expect(await product.mailsAbout(jobId)).toHaveLength(1);
  }
});

test('a worker that is shut down, as a deploy does, stops nothing either', async () => {
  const { jobId, jobName } = await jobInTraining();
  process.kill(product.stack.pid('worker'), 'SIGTERM');
  await product.stack.kill('worker');
  expect(await trainingStatus(jobName)).toBe('InProgress');
  await product.stack.restart('worker');
  await product.script('training', 'complete');
  await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(await trainingJobs(jobId)).toEqual([jobName]);
});

test('a SageMaker endpoint that is killed and started again continues the running job', async () => {
  const { jobId, jobName } = await jobInTraining();
  await product.stack.kill('sagemaker');
  await product.stack.restart('sagemaker');
  await product.script('training', 'complete');
  await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(await trainingJobs(jobId)).toEqual([jobName]);
  expect(await product.runs(jobId, 'training')).toHaveLength(1);
});

test('a job in training outlives the death of every process of the stack, which starts each again', async () => {
  const { jobId, jobName, pids } = await jobInTraining();
  for (const name of COMPONENT_NAMES) {
    const dead = product.stack.pid(name);
    process.kill(dead, 'SIGKILL');
    await waitFor(`another ${name}`, async () => product.stack.pid(name) !== dead, 60_000);
  }
  for (const pid of pids) expect(await isAlive(pid)).toBe(true);
  await waitFor('the job to be shown', () => product.api.job(jobId).catch(() => null), 60_000);
  await product.script('training', 'complete');
  await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(await trainingJobs(jobId)).toEqual([jobName]);
  expect(await product.runs(jobId, 'training')).toHaveLength(1);
});

test('a job parked by a failure succeeds after the signal retry, without running SfM again', async () => {
  await product.script('training', 'fail');
  const jobId = await product.startJob({ request: { retryWindowSeconds: 3600 } });
  const parked = await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
  expect(parked.failure).toMatchObject({ code: 'INTERNAL_ERROR', message: 'the script says so' });
  await waitFor('the failure mail', async () => (await product.mailsAbout(jobId)).length === 1);
  await product.script('training', 'complete');
  await product.temporal('workflow', 'signal', '--workflow-id', `job-${jobId}`, '--name', 'retry');
  const view = await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(view.attempts.map(({ stage, attempt }) => `${stage} ${attempt}`)).toEqual([
    'sfm 1',
    'training 1',
    'training 2',
    'compression 1',
  ]);
  expect(await product.runs(jobId, 'sfm')).toHaveLength(1);
});

const reset = (jobId: string, type: 'First' | 'Last'): Promise<string> =>
  product.temporal(
    ...['workflow', 'reset', '--workflow-id', `job-${jobId}`, '--reason', 'a test', '--type', `${type}WorkflowTask`],
  );

test.each(['First', 'Last'] as const)(
  'a running job that is reset to its %s workflow task adopts its machine, and its page and ledger say so',
  async (type) => {
    const { jobId, jobName } = await jobInTraining();
    await reset(jobId, type);
    const view = await product.view(
      jobId,
      'its training again',
      ({ state, step, attempts }) => state === 'running' && step === 'training' && attempts.at(-1)?.jobName === jobName,
    );
    expect(view.attempts.map(({ status }) => status)).toEqual(['Completed', 'Running']);
    await product.script('training', 'complete');
    await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
    expect(await trainingJobs(jobId)).toEqual([jobName]);
    expect(await product.runs(jobId, 'training')).toHaveLength(1);
  },
);

test.each(['First', 'Last'] as const)(
  'a parked job that is reset to its %s workflow task is parked again, says why, and takes a retry',
  async (type) => {
    await product.script('training', 'fail');
    const jobId = await product.startJob({ request: { retryWindowSeconds: 3600 } });
    await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
    await product.mailed(jobId);
    await reset(jobId, type);
    const before = (await product.record(jobId)).updatedAtMs;
    await product.view(jobId, 'it to be parked again', ({ state, failure }) => state === 'parked' && failure !== null);
    await product.temporal('schedule', 'trigger', '--schedule-id', 'local-upkeep');
    await waitFor('its record', async () => {
      const { state, updatedAtMs } = await product.record(jobId);
      return state === 'parked' && updatedAtMs > before;
    });
    await product.script('training', 'complete');
    await product.api.retry(jobId, null);
    const view = await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
    expect(view.attempts.map(({ stage, attempt, status }) => `${stage} ${attempt} ${status}`)).toEqual([
      'sfm 1 Completed',
      'training 1 Failed',
      'training 2 Completed',
      'compression 1 Completed',
    ]);
    expect(await product.runs(jobId, 'sfm')).toHaveLength(1);
  },
);

test('a failed job is retried over the API in a new run that reuses what was finished', async () => {
  await product.script('training', 'fail');
  const jobId = await product.startJob();
  await product.view(jobId, 'its failure', ({ state }) => state === 'failed');
  await waitFor('the run to be closed', async () => (await product.workflowStatus(jobId)) === 'FAILED');
  await product.script('training', 'complete');
  await product.api.retry(jobId, null);
  const view = await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
  expect(view.attempts.map(({ stage, attempt }) => `${stage} ${attempt}`)).toEqual([
    'sfm 1',
    'training 1',
    'training 2',
    'compression 1',
  ]);
  expect(await product.runs(jobId, 'sfm')).toHaveLength(1);
});

test('a machine that someone stops outside Spaceport parks the job and says so', async () => {
  const { jobId, jobName } = await jobInTraining(3600);
  await sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: jobName }));
  const view = await product.view(jobId, 'it to be parked', ({ state }) => state === 'parked');
  expect(view.failure?.code).toBe('STOPPED_FROM_OUTSIDE');
  await product.api.cancel(jobId, 'test is over');
  await product.view(jobId, 'its cancellation', ({ state }) => state === 'cancelled');
});

test('a second job waits for the quota of the first, and is not failed by it', async () => {
  const first = await jobInTraining();
  const second = await product.startJob();
  await product.view(second, 'its SfM to be done', ({ stages }) => stages.sfm !== undefined);
  await product.script('training', 'complete');
  for (const jobId of [first.jobId, second]) await product.view(jobId, 'its end', ({ state }) => state === 'succeeded');
});
