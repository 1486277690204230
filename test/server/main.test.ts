import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SERVER_COMMAND, serverEnvironment } from '../helpers/server-process';
import { startTemporal } from '../helpers/temporal';
import { waitFor } from '../helpers/wait-for';
import { BUCKET, removeFolder, startS3, temporaryFolder, type RunningS3 } from '../local/s3/harness';

let temporal: TestWorkflowEnvironment;
let s3: RunningS3;
let folder: string;

beforeAll(async () => {
  [temporal, s3, folder] = await Promise.all([startTemporal(), startS3(), temporaryFolder()]);
  await s3.client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await temporal?.teardown();
  await s3?.close();
  await removeFolder(s3.root);
  await removeFolder(folder);
});

const environment = (): Record<string, string> => ({
  ...serverEnvironment(s3, temporal),
  SPACEPORT_BUCKET: BUCKET,
  SPACEPORT_DATABASE_FILE: path.join(folder, 'spaceport.sqlite'),
  SPACEPORT_STARTS_PER_MINUTE: '1',
  SPACEPORT_TRUST_PROXY: '1',
  LOG_LEVEL: 'silent',
});

test('the server says where it listens, starts jobs as often as it is told to, and ends by itself on SIGTERM', async () => {
  const child = spawn(process.execPath, SERVER_COMMAND, { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let stream: Promise<string> | undefined;
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { listening } = JSON.parse(line) as { listening: string };
    expect(listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await waitFor('the server to be ready', async () => (await fetch(`${listening}/readyz`)).ok);

    const body = JSON.stringify({ s3Url: `s3://${BUCKET}/flight/`, email: 'pilot@example.com', preset: 'preview' });
    const start = (address: string): Promise<Response> =>
      fetch(`${listening}/start-job`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body,
      });
    const response = await start('198.51.100.1');
    expect(response.status).toBe(202);
    expect([(await start('198.51.100.2')).status, (await start('198.51.100.1')).status]).toEqual([202, 429]);
    const { jobId } = (await response.json()) as { jobId: string };
    expect(await (await fetch(`${listening}/v1/jobs/${jobId}`)).json()).toMatchObject({
      jobId,
      state: 'queued',
      preset: 'preview',
    });
    stream = (await fetch(`${listening}/v1/jobs/${jobId}/events`)).text();
  } finally {
    child.kill('SIGTERM');
  }
  expect(await exit).toEqual([0, null]);
  // Ended, and not cut: that would be an error here.
  expect(await stream).toMatch(/^retry: /);
});

test('an environment that cannot work is refused with every problem at once', async () => {
  const broken = { ...environment(), SPACEPORT_BUCKET: '', SPACEPORT_MAIL_FROM: 'nobody' };
  const failed = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, SERVER_COMMAND, { env: broken }, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    );
  });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('SPACEPORT_BUCKET');
  expect(failed.stderr).toContain('SPACEPORT_MAIL_FROM');
  expect(failed.stderr).not.toContain('    at ');
});
