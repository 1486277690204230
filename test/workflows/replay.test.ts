import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { testBundle } from '../helpers/workflows/bundle';
import { quietTemporal } from '../helpers/temporal';
import { HISTORIES_FOLDER, type RecordedHistory } from './recorded-history';
import { RECORDED_BATCHES } from './recorded-batches';
import { RECORDED_PATHS } from './recorded-paths';

/**
 * A deploy continues jobs that older workflow code has begun: it must decide again as their histories say. What a
 * failure here means, and what to do about it, is in docs/operations.md, "Change a workflow".
 */
const files = readdirSync(HISTORIES_FOLDER).sort();
let bundle: WorkflowBundle;

beforeAll(async () => {
  quietTemporal();
  bundle = await testBundle();
});

const read = async (file: string): Promise<RecordedHistory> =>
  JSON.parse(await readFile(path.join(HISTORIES_FOLDER, file), 'utf8')) as RecordedHistory;
const replay = (history: RecordedHistory): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundle }, history);

test.each(files)('a job with the history %s continues with the workflows as they are now', async (file) => {
  await expect(replay(await read(file))).resolves.toBeUndefined();
});

test('every path has its history, and every history its path', () => {
  expect(files).toEqual([...RECORDED_PATHS, ...RECORDED_BATCHES].map(({ name }) => `${name}.json`).sort());
});

test('a history in which other activities ran is found out', async () => {
  const history = await read('succeeded.json');
  const submit = history.events.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType.name === 'submitJob',
  );
  submit!.activityTaskScheduledEventAttributes!.activityType.name = 'readReport';
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

test.each(files)('%s says nothing of the machine that it was recorded on', async (file) => {
  const text = await readFile(path.join(HISTORIES_FOLDER, file), 'utf8');
  expect(new Set(text.match(/"identity":"[^"]*"/g))).toEqual(new Set(['"identity":"worker"']));
  expect(text).not.toMatch(/"stackTrace":"[^"]/);
});
