import { DescribeProcessingJobCommand, DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { JobRecord } from '../../../contracts/job/record';
import { layout } from '../../../contracts/storage/layout';
import { isAlive } from '../../helpers/stack/is-alive';
import { ScriptedStack } from '../../helpers/stack/scripted-stack';
import { waitFor } from '../../helpers/wait-for';

/** A stage that works on several parts of a scene at once. No preset asks for that yet: a job's record does. */
jest.setTimeout(300_000);

let product: ScriptedStack;

beforeAll(async () => {
  product = await ScriptedStack.start({ retryInitialMs: 100, retryMaximumMs: 1000 }, {});
}, 120_000);
afterAll(() => product?.stop(), 60_000);

/** Starts a job that trains in the parts 1 and 2: one that has failed before, and is told so in its record. */
async function startInParts(): Promise<string> {
  const jobId = await product.startJob({ scripts: { sfm: ['say-nothing', 'complete'] } });
  expect(await product.end(jobId)).toMatchObject({ state: 'failed', failure: { code: 'REPORT_MISSING' } });
  const record: JobRecord = { ...(await product.record(jobId)), parts: { training: [1, 2] } };
  await product.s3.send(
    new PutObjectCommand({ Bucket: product.stack.bucket, Key: layout.record(jobId), Body: JSON.stringify(record) }),
  );
  return jobId;
}

const retry = async (jobId: string): Promise<void> =>
  expect(await product.post(`/v1/jobs/${jobId}/retry`, {})).toMatchObject({ status: 202 });

const trainings = ({ attempts }: JobRecord): string[] =>
  attempts
    .filter(({ stage }) => stage === 'training')
    .map(({ part, attempt, status }) => `part ${part} attempt ${attempt} ${status}`)
    .sort();

/** Waits until the job's record satisfies `check`. */
const recorded = (jobId: string, what: string, check: (record: JobRecord) => boolean): Promise<JobRecord> =>
  waitFor(
    `${jobId}: ${what}`,
    async () => {
      const record = await product.record(jobId);
      return check(record) ? record : null;
    },
    60_000,
  );

test('of two parts that train at once, one runs out of memory and is tried again while the other completes', async () => {
  const jobId = await startInParts();
  await product.script('training', ['be-killed', 'hang'], jobId, 1);
  await product.script('training', 'hang', jobId, 2);
  await product.script('compression', { do: 'complete', metrics: { gaussians: 10_000 } }, jobId);
  await retry(jobId);

  const both = await recorded(jobId, 'both parts to train', ({ attempts }) =>
    attempts.some(({ stage, part, attempt }) => stage === 'training' && part === 1 && attempt === 2),
  );
  expect(trainings(both)).toEqual(['part 1 attempt 1 Failed', 'part 1 attempt 2 Running', 'part 2 attempt 1 Running']);

  await product.script('training', 'complete', jobId, 2);
  const one = await recorded(jobId, 'part 2 to be done', ({ accepted }) => accepted.some(({ part }) => part === 2));
  expect(one.state).toBe('running');
  expect(trainings(one)).toContain('part 1 attempt 2 Running');

  await product.script('training', 'complete', jobId, 1);
  const ended = await product.end(jobId);
  expect(ended).toMatchObject({
    state: 'succeeded',
    result: { files: [{ name: 'scene.sog' }, { name: 'report.json' }] },
  });
  const { accepted, attempts } = await product.record(jobId);
  expect(accepted.map(({ stage, part, attempt }) => [stage, part, attempt])).toEqual([
    ['sfm', null, 2],
    ['training', 2, 1],
    ['training', 1, 2],
    ['compression', null, 1],
  ]);
  const compression = await product.sagemaker.send(
    new DescribeProcessingJobCommand({ ProcessingJobName: attempts.at(-1)?.jobName }),
  );
  expect(compression.ProcessingInputs?.slice(1).map(({ InputName, S3Input }) => [InputName, S3Input?.S3Uri])).toEqual(
    [1, 2].map((part) => {
      const [done] = accepted.filter((result) => result.part === part);
      const { attempt, jobName } = done!;
      const folder = layout.artifactFolder(jobId, 'training', attempt, jobName, part);
      return [`model-p000${part}`, `s3://${product.stack.bucket}/${folder}`];
    }),
  );
});

test('a cancel stops the machines of both parts', async () => {
  const jobId = await startInParts();
  await product.script('training', 'hang', jobId);
  await retry(jobId);
  const runs = await waitFor(
    'both parts to train',
    async () => {
      const started = await product.runs(jobId, 'training');
      return started.length === 2 ? started : null;
    },
    60_000,
  );

  expect(await product.post(`/v1/jobs/${jobId}/cancel`, { reason: 'wrong photos' })).toMatchObject({ status: 202 });
  expect(await product.end(jobId)).toMatchObject({ state: 'cancelled', cancelled: { reason: 'wrong photos' } });
  for (const { jobName, pids } of runs) {
    const described = await product.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName }));
    expect(described.TrainingJobStatus).toBe('Stopped');
    for (const pid of pids) await waitFor(`process ${pid} to be gone`, async () => !(await isAlive(pid)));
  }
  expect(trainings(await product.record(jobId))).toEqual(['part 1 attempt 1 Stopped', 'part 2 attempt 1 Stopped']);
  expect(await product.mailed(jobId, 2)).toEqual([
    expect.stringContaining('cancelled'),
    expect.stringContaining('failed'),
  ]);
});
