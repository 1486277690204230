import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DatabaseLocation } from '../../platform/config';
import { SERVER_COMMAND, serverEnvironment } from '../helpers/server-process';
import { onBothEngines } from '../helpers/storage/engines';
import { startTemporal } from '../helpers/temporal';
import { waitFor } from '../helpers/wait-for';
import { removeFolder, startS3, type RunningS3 } from '../local/s3/harness';

let temporal: TestWorkflowEnvironment;
let s3: RunningS3;

beforeAll(async () => {
  [temporal, s3] = await Promise.all([startTemporal(), startS3()]);
});
afterAll(async () => {
  await temporal?.teardown();
  await s3?.close();
  await removeFolder(s3.root);
});

/** A server of its own process, and its address. */
async function startServer(location: DatabaseLocation, bucket: string): Promise<{ server: ChildProcess; url: string }> {
  const database =
    location.kind === 'postgres' ? { DATABASE_URL: location.url } : { SPACEPORT_DATABASE_FILE: location.file };
  const server = spawn(process.execPath, SERVER_COMMAND, {
    env: { ...serverEnvironment(s3, temporal), SPACEPORT_BUCKET: bucket, LOG_LEVEL: 'error', ...database },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  return { server, url: (JSON.parse(line) as { listening: string }).listening };
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

onBothEngines((engine) => {
  const servers: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(
      servers.splice(0).map(async (server) => {
        if (server.exitCode !== null) return;
        server.kill('SIGTERM');
        await once(server, 'exit');
      }),
    );
  });

  test('what one server is told the other knows, and each goes on when the other ends', async () => {
    const location = await engine.newLocation();
    const bucket = `servers-on-${engine.kind}`;
    await s3.client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: bucket }));
    const [first, second] = await Promise.all([startServer(location, bucket), startServer(location, bucket)]);
    servers.push(first.server, second.server);

    const made = await post(`${first.url}/v1/keys`, { name: 'Laptop', scopes: ['read'] });
    const { keyId } = (await made.json()) as { keyId: string };
    const keysAt = async (url: string): Promise<string[]> =>
      ((await (await fetch(`${url}/v1/keys`)).json()) as { keys: { keyId: string }[] }).keys.map((key) => key.keyId);
    expect(await keysAt(second.url)).toEqual([keyId]);

    const request = { s3Url: `s3://${bucket}/flight/`, email: 'pilot@example.com', preset: 'preview' };
    const { jobId } = (await (await post(`${first.url}/start-job`, request)).json()) as { jobId: string };
    const jobsAt = async (url: string): Promise<string[]> =>
      ((await (await fetch(`${url}/v1/jobs`)).json()) as { jobs: { jobId: string }[] }).jobs.map((job) => job.jobId);
    await waitFor('the job in both lists', async () =>
      (await Promise.all([first, second].map(({ url }) => jobsAt(url)))).every((jobs) => jobs.includes(jobId)),
    );

    first.server.kill('SIGTERM');
    expect(await once(first.server, 'exit')).toEqual([0, null]);
    const { jobId: later } = (await (await post(`${second.url}/start-job`, request)).json()) as { jobId: string };
    await waitFor('the later job', async () => (await jobsAt(second.url)).includes(later));
    expect(await keysAt(second.url)).toEqual([keyId]);
  });
});
