import { execFile } from 'node:child_process';
import { readFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SEARCH_ATTRIBUTE } from '../../../contracts/job/temporal-names';
import { identifyProcess } from '../../../local/process-identity';
import { COMPONENT_NAMES } from '../../../local/stack/components';
import { anotherWorker, stackS3Client, startStack, type Stack } from '../../../local/stack/stack';
import { findRunningStack, StackIsRunningError } from '../../../local/stack/state-folder';
import { ANY_PORTS } from '../../../local/stack/ports';
import { startTemporal } from '../../helpers/temporal';
import { waitFor } from '../../helpers/wait-for';

jest.setTimeout(120_000);
const run = promisify(execFile);

let stateFolder: string;
let stack: Stack;
const said: string[] = [];
const LIMIT = { times: 2, withinMs: 600_000 };

const start = (): Promise<Stack> =>
  startStack({
    stateFolder,
    environment: process.env,
    ports: ANY_PORTS,
    restarts: LIMIT,
    say: (line) => said.push(line),
    s3FaultsFile: path.join(stateFolder, 's3-faults.json'),
  });

beforeAll(async () => {
  stateFolder = await mkdtemp(path.join(tmpdir(), 'spaceport-stack-'));
  // The database of a version that knew fewer search attributes than ours.
  const searchAttributes = Object.values(SEARCH_ATTRIBUTE).slice(0, 1);
  const dbFilename = path.join(stateFolder, 'temporal.db');
  await (await startTemporal({ searchAttributes, dbFilename })).teardown();
  stack = await start();
});

afterAll(async () => {
  await stack.stop();
  await rm(stateFolder, { recursive: true, force: true });
});

describe('the local stack', () => {
  test('serves the API, the mails and the Temporal Web UI on this machine alone', async () => {
    for (const url of [
      `${stack.endpoints.server}/healthz`,
      `${stack.endpoints.mail}/messages`,
      stack.endpoints.temporalUi,
    ]) {
      expect(new URL(url).hostname).toBe('127.0.0.1');
      expect((await fetch(url)).status).toBe(200);
    }
  });

  test('has another worker tell its metrics at an address of its own', async () => {
    const { env } = await anotherWorker({ stateFolder, environment: process.env }, 'second-worker');
    const { host } = new URL(stack.endpoints.workerMetrics);
    expect(env.SPACEPORT_WORKER_METRICS).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(env.SPACEPORT_WORKER_METRICS).not.toBe(host);
  });

  test('starts on the state of a version with fewer search attributes, and searches by the new ones', async () => {
    const names = Object.values(SEARCH_ATTRIBUTE);
    const query = names.map((name) => `${name} = 'none'`).join(' OR ');
    const args = ['workflow', 'count', '--query', query, '--address', stack.endpoints.temporal];
    expect((await run(stack.temporalProgram, args)).stdout).toContain('Total: 0');
  });

  test('keeps its credentials where only their owner reads them', async () => {
    const file = path.join(stateFolder, 'credentials.json');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(stack.credentials);
  });

  test('is found by others, and refuses a second one on the same state', async () => {
    expect((await findRunningStack(stateFolder))?.endpoints).toEqual(stack.endpoints);
    await expect(start()).rejects.toThrow(StackIsRunningError);
  });

  test('lets the fault plan of S3 befall it', async () => {
    const faultPlan = { faults: [{ kind: 'slow-down', key: 'nowhere/', operation: 'ListObjectsV2' }] };
    await writeFile(path.join(stateFolder, 's3-faults.json'), JSON.stringify(faultPlan));
    const s3 = stackS3Client(stack.endpoints, stack.credentials);
    await s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: 'nowhere/' }));
    s3.destroy();
    expect(await readFile(path.join(stateFolder, 's3/faults-fired.jsonl'), 'utf8')).toContain('"kind":"slow-down"');
  });

  test('continues with a new worker after one was killed, and does not report that as a failure', async () => {
    const killed = stack.pid('worker');
    await stack.kill('worker');
    expect(await identifyProcess(killed)).toBeUndefined();
    await stack.restart('worker');
    expect(stack.pid('worker')).not.toBe(killed);
    expect(await Promise.race([stack.died, Promise.resolve('lives')])).toBe('lives');
  });

  test('starts a part again that has died by itself, on its port, and says so', async () => {
    const dead = stack.pid('mail');
    process.kill(dead, 'SIGKILL');
    await waitFor('another mail sink', async () => stack.pid('mail') !== dead);
    await waitFor('it to serve', async () => (await fetch(`${stack.endpoints.mail}/messages`).catch(() => null))?.ok);
    expect(said).toContainEqual(
      expect.stringMatching(/^The local mail was ended by SIGKILL: it is started again \(1 of at most 2 times/),
    );
    expect(await Promise.race([stack.died, Promise.resolve('lives')])).toBe('lives');
  });

  test('says which part dies again and again, and leaves no process when it stops', async () => {
    let dead = 0;
    const another = (): Promise<unknown> => waitFor('another', async () => stack.pid('mail') !== dead);
    for (let deaths = 1; deaths < LIMIT.times; deaths += 1) {
      dead = stack.pid('mail');
      process.kill(dead, 'SIGKILL');
      await another();
      await waitFor('it to serve', async () => said.at(-1) === 'The local mail runs again');
    }
    process.kill(stack.pid('mail'), 'SIGKILL');
    expect(await stack.died).toMatchObject({ name: 'mail', how: expect.stringContaining('was ended by SIGKILL') });
    const pids = COMPONENT_NAMES.map((name) => stack.pid(name));
    await stack.stop();
    for (const pid of pids) expect(await identifyProcess(pid)).toBeUndefined();
    expect(await findRunningStack(stateFolder)).toBeNull();
  });
});
