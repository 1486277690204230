import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { failure } from '../../contracts/job/failures';
import type { JobRecord } from '../../contracts/job/record';
import { jobRecord, NOW_MS, openRun, testApp } from '../server/helpers';

const PROGRAM = [
  '-r',
  path.join(__dirname, '../helpers/register-typescript.js'),
  path.join(__dirname, '../../cli/main.ts'),
];

let server: Server;
let app: ReturnType<typeof testApp>;

beforeEach(async () => {
  app = testApp();
  server = createServer(app.app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs `spaceport COMMAND job123456 ...` against the server. */
function spaceport(command: string, ...options: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...PROGRAM, command, 'job123456', ...options, '--server', url],
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

const undecided = jobRecord({
  state: 'waiting',
  step: 'sfm',
  waiting: { for: 'decision', message: 'only 42 of 100 photos fit', sinceMs: NOW_MS, untilMs: null },
});
const ended = jobRecord({ state: 'failed', updatedAtMs: NOW_MS, failure: failure('TOO_FEW_POINTS', 'only 12 points') });
const put = (record: JobRecord): void => app.job(record, record === ended ? null : openRun());

test('job shows what it waits for, its budget and its deliveries', async () => {
  put({ ...undecided, request: { ...undecided.request, budgetUsd: 5 } });
  const { stdout } = await spaceport('job');
  expect(JSON.parse(stdout)).toMatchObject({
    waiting: { for: 'decision', message: 'only 42 of 100 photos fit' },
    budget: { budgetUsd: 5, maxHours: null },
    deliveries: [],
  });
});

test('cancel sends the reason, and prints what the server says beside it', async () => {
  put(jobRecord({ state: 'cancelling' }));
  const { status, stdout } = await spaceport('cancel', '--reason', 'wrong field');
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/^Job job123456 is cancelling \(the job was being cancelled already/),
  ]);
  expect(app.runs.messages).toEqual([
    { name: 'cancel', jobId: 'job123456', payload: { reason: 'wrong field', by: 'the CLI' } },
  ]);
});

test('accept and pause reach the job, and resume says why it does not', async () => {
  put(undecided);
  expect((await spaceport('accept')).stdout).toBe('Job job123456 is running.\n');
  expect((await spaceport('pause')).stdout).toBe('Job job123456 pauses before the next stage.\n');
  expect(await spaceport('resume')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'spaceport: job job123456 is waiting and not paused: there is nothing to resume\n',
  });
  expect(app.runs.messages.map(({ name }) => name)).toEqual(['accept', 'pause']);
});

test('retry takes new limits and a stage', async () => {
  put(ended);
  const { stdout } = await spaceport('retry', '--from', 'sfm', '--budget-usd', '3');
  expect(stdout).toBe('Job job123456 is queued.\n');
  expect(app.runs.started).toMatchObject([{ request: { budgetUsd: 3 } }]);
});

test('delete erases, and prints what remains', async () => {
  put(ended);
  expect((await spaceport('delete')).stdout).toContain('3 days (the retention of its namespace)');
  expect(app.runs.erased).toEqual(['job123456']);
});
