import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { failure } from '../../../contracts/job/failures';
import type { JobRecord } from '../../../contracts/job/record';
import { findBrowser } from '../../helpers/browser';
import { jobRecord, NOW_MS, openRun, testApp, testConfig, type MemoryRuns } from '../helpers';

const run = promisify(execFile);
const browser = findBrowser('the buttons of a job in a browser');
const withBrowser = browser === null ? test.skip : test;

describe('the buttons of a job, in a browser', () => {
  let server: Server;
  let runs: MemoryRuns;
  let putJob: (record: JobRecord) => void;
  let pageUrl: string;

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { app, runs: memory, job } = testApp({ config: { ...testConfig, publicUrl } });
    server.on('request', app);
    runs = memory;
    putJob = (record) => job(record, openRun());
    pageUrl = `${publicUrl}/jobs/job123456`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Presses a button, answers what it asks, and returns what is to be seen then. */
  async function press(label: string, answer?: Record<string, unknown> | '--escape') {
    const given = answer === undefined ? [] : [answer === '--escape' ? answer : JSON.stringify(answer)];
    const { stdout } = await run(process.execPath, [
      path.join(__dirname, 'press-button.mjs'),
      browser ?? '',
      pageUrl,
      label,
      ...given,
    ]);
    const seen = JSON.parse(stdout) as { problems: string[]; asked: string | null; message: string; main: string };
    expect(seen.problems).toEqual([]);
    return seen;
  }

  withBrowser('Cancel asks why, and tells the workflow', async () => {
    putJob(jobRecord({ state: 'running', step: 'sfm' }));
    const { asked } = await press('Cancel the job', { reason: 'wrong field' });
    expect(asked).toContain('Stop this job and its machine?');
    expect(runs.messages).toEqual([
      { name: 'cancel', jobId: 'job123456', payload: { reason: 'wrong field', by: 'the job page' } },
    ]);
  });

  withBrowser('Escape goes back, and nothing is sent', async () => {
    putJob(jobRecord({ state: 'running', step: 'sfm' }));
    await press('Cancel the job', '--escape');
    expect(runs.messages).toEqual([]);
  });

  withBrowser('Accept continues a job that a gate had stopped', async () => {
    putJob(
      jobRecord({
        state: 'waiting',
        step: 'sfm',
        waiting: { for: 'decision', message: 'only 42 of 100 photos fit together', sinceMs: NOW_MS, untilMs: NOW_MS },
      }),
    );
    await press('Accept');
    expect(runs.messages).toEqual([{ name: 'accept', jobId: 'job123456', payload: { by: 'the job page' } }]);
  });

  withBrowser('Retry after a used up budget asks for a higher one', async () => {
    const request = { ...jobRecord().request, budgetUsd: 1.5 };
    putJob(
      jobRecord({
        state: 'parked',
        step: 'training',
        request,
        failure: failure('BUDGET_EXCEEDED', 'the budget of 1.5 USD would be passed'),
      }),
    );
    await press('Retry', { budgetUsd: 4.25 });
    expect(runs.messages).toMatchObject([{ name: 'retry', payload: { budgetUsd: 4.25 } }]);
  });

  withBrowser('a refusal is shown with its reason', async () => {
    putJob(jobRecord({ state: 'running', step: 'sfm' }));
    runs.answer = { kind: 'rejected', message: 'the job is at its last step' };
    const { message } = await press('Pause after this step');
    expect(message).toBe('The job cannot be paused: the job is at its last step');
  });

  withBrowser('a note beside the answer is shown after the page was renewed', async () => {
    putJob(jobRecord({ state: 'running', step: 'sfm', pauseRequested: true }));
    runs.answer = { kind: 'delivered' };
    const { message, main } = await press('Do not pause');
    expect(message).toContain('no worker answers');
    expect(main).toContain('Camera reconstruction');
  });
});
