import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { CreateTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { createAttemptLogActivities, type StoreLogInput } from '../../../activities/machines/attempt-logs';
import { machineJobName } from '../../../contracts/machines/names';
import { layout } from '../../../contracts/storage/layout';
import { parseStoredLog } from '../../../platform/machine-logs/stored-log';
import { BUCKET, LocalSageMaker, trainingRequest } from '../../helpers/local-sagemaker';
import { waitFor } from '../../helpers/wait-for';

/** Prints as many lines as its hyperparameter says, of 200 characters. */
const PROGRAM = `
const fs = require('node:fs');
const { lines } = JSON.parse(fs.readFileSync(process.env.SAGEMAKER_BASE_DIR + '/input/config/hyperparameters.json', 'utf8'));
let text = '';
for (let i = 0; i < Number(lines); i += 1) text += ('line ' + i + ' ').padEnd(200, '.') + '\\n';
process.stdout.write(text);`;

let cloud: LocalSageMaker;
beforeAll(async () => {
  cloud = await LocalSageMaker.start({ training: { node: PROGRAM } });
});
afterAll(() => cloud?.close());

const storeLog = (input: StoreLogInput): Promise<unknown> => {
  const { logs, s3 } = cloud;
  const activities = createAttemptLogActivities({ logs, s3, bucket: BUCKET });
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activities.storeLog, input);
};

/** A training job that has printed so many lines and ended. */
async function ended(jobId: string, lines: number): Promise<StoreLogInput> {
  const owner = { jobId, stage: 'training', attempt: 1, part: null } as const;
  const jobName = machineJobName({ ...owner, deployment: 'test' });
  const HyperParameters = { lines: String(lines) };
  await cloud.sagemaker.send(new CreateTrainingJobCommand(trainingRequest(jobName, 'training', { HyperParameters })));
  await waitFor('its end', async () => (await cloud.describeTrainingJob(jobName)).TrainingJobStatus === 'Completed');
  return { ...owner, jobName, settleMs: 1 };
}

const stored = async (jobId: string): Promise<string[]> =>
  parseStoredLog((await cloud.get(layout.attemptLog(jobId, 'training', 1))).toString()).map(({ text }) => text);

test("an attempt's log is stored beside its output, and stored again it is the same", async () => {
  const input = await ended('shortlog1', 3);
  await storeLog(input);
  await storeLog(input);
  expect((await stored('shortlog1')).map((text) => text.slice(0, 6))).toEqual(['line 0', 'line 1', 'line 2']);
  expect(layout.attemptLog('shortlog1', 'training', 1)).toBe('jobs/shortlog1/training/a01/log.txt');
});

test('of a long log the first and the last lines are stored, and how many are not', async () => {
  await storeLog(await ended('longlog01', 50_000));
  const lines = await stored('longlog01');
  expect(lines[0]).toMatch(/^line 0 /);
  expect(lines.at(-1)).toMatch(/^line 49999 /);
  const gap = lines.findIndex((text) => text.startsWith('[Spaceport: '));
  const number = (index: number): number => Number(/^line (\d+) /.exec(lines[index] ?? '')?.[1]);
  const leftOut = number(gap + 1) - number(gap - 1) - 1;
  expect(leftOut).toBeGreaterThan(0);
  expect(lines[gap]).toContain(`${leftOut.toLocaleString('en')} lines are left out here`);
});

test('a machine that never printed has no log', async () => {
  expect(await storeLog(await ended('silentjob', 0))).toBeNull();
  const never = { jobId: 'neverwas1', stage: 'training', attempt: 1, part: null } as const;
  expect(await storeLog({ ...never, jobName: 'test-neverwas1-training-a01', settleMs: 1 })).toBeNull();
});
