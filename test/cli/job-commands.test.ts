import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure } from '../../contracts/job/failures';
import type { JobRecord } from '../../contracts/job/record';
import { testAttempt, testPhotos } from '../helpers/records';
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

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Runs `spaceport COMMAND job123456 ...` against the server. */
const spaceport = (command: string, ...options: string[]): Promise<Outcome> =>
  program(command, 'job123456', ...options, '--server', address());

const program = (...args: string[]): Promise<Outcome> => programWith({}, ...args);

function programWith(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...environment } };
    const child = execFile(process.execPath, [...PROGRAM, ...args], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
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
  const { stdout } = await spaceport('job', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    waiting: { for: 'decision', message: 'only 42 of 100 photos fit' },
    budget: { budgetUsd: 5, maxHours: null },
    deliveries: [],
  });
});

const fit = {
  photos: 18,
  registered: 4,
  parts: [4],
  unfitted: [{ name: 'b\u0007.jpg', reason: 'blurred', features: 20, partners: 0, thumbnail: null }],
  unfittedCount: 14,
};

test('job says in words how a job stands, why, and what to do', async () => {
  put({
    ...ended,
    step: 'sfm',
    request: { ...ended.request, name: 'North\u001b[31m field' },
    photos: testPhotos({ accepted: 18, rejected: [{ name: 'a\u0007.heic', reason: 'this is HEIC' }] }),
    attempts: [testAttempt({ stage: 'sfm', status: 'Completed', billedSeconds: 75, costUsd: 0.5 })],
    gates: [
      { stage: 'sfm', part: null, attempt: 1, verdict: 'rejected', failure: null, atMs: NOW_MS, acceptedBy: null, fit },
    ],
  });
  const { stdout, status } = await spaceport('job');
  expect(status).toBe(0);
  for (const line of [
    /^Name +North \[31m field$/m,
    /^State +Failed, Camera reconstruction$/m,
    /^Why +TOO_FEW_POINTS: only 12 points$/m,
    /^What to do +Take more photos/m,
    /^Retry it +npm run spaceport -- retry job123456$/m,
    /^Photos used +18, 1 left out$/m,
    /^Cost +\$0\.50$/m,
    /^Camera reconstruction +1 +ml\.g4dn\.xlarge +Completed +1 min 15 s +\$0\.50$/m,
    /^ {2}a \.heic: this is HEIC$/m,
    /^Did not fit: 4 of 18 photos fitted together\.$/m,
    /^ {2}b \.jpg: blurred \(20 features, matches 0 photos\)$/m,
    /^ {2}and 13 more$/m,
  ])
    expect(stdout).toMatch(line);
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('jobs says until when a job waits that starts later', async () => {
  const waiting = { for: 'start', message: 'starts later', sinceMs: NOW_MS, untilMs: null } as const;
  const request = { ...ended.request, startAtMs: Date.UTC(2027, 0, 2, 3, 4) };
  put(jobRecord({ state: 'waiting', updatedAtMs: NOW_MS, waiting, request }));
  expect((await program('jobs', '--server', address())).stdout).toMatch(
    / Starts later +.* until 2027-01-02 03:04 UTC$/m,
  );
});

test('jobs has a heading, and a name, the photos and the reason of each job; --json is what the API answers', async () => {
  app.job(
    { ...ended, step: 'training', photos: testPhotos({ accepted: 18 }) },
    openRun({ status: 'FAILED', state: 'failed', closedAtMs: NOW_MS }),
  );
  const { stdout } = await program('jobs', '--server', address());
  const [heading, line, ...more] = stdout.trimEnd().split('\n');
  expect(heading).toMatch(/^ID +NAME +STATE +STEP +PHOTOS +PRESET +STARTED +WHY$/);
  expect(line).toMatch(/^job123456 +flight +Failed +training +18 +preview +2026-11-21 .* UTC +Too little of the place/);
  expect(more).toEqual([]);
  expect(line?.indexOf('flight')).toBe(heading?.indexOf('NAME'));
  const answered = (await (await fetch(`${address()}/v1/jobs`)).json()) as { jobs: unknown };
  expect(JSON.parse((await program('jobs', '--json', '--server', address())).stdout)).toEqual(answered.jobs);
});

test('an empty list says so', async () => {
  expect((await program('jobs', '--server', address())).stdout).toBe('No jobs yet.\n');
});

test('A04: a login in the address of the server reaches its proxy, and is never printed', async () => {
  const seen: (string | undefined)[] = [];
  server.prependListener('request', ({ headers }) => seen.push(headers.authorization));
  const withLogin = address().replace('//', '//ada:s%2Fecret@');
  expect((await program('jobs', '--server', withLogin)).status).toBe(0);
  expect(seen).toEqual([`Basic ${Buffer.from('ada:s/ecret').toString('base64')}`]);
  for (const bad of ['http://ada:s/ecret@host', 'ada:s/ecret@host', 'http:///s/ecret']) {
    const { status, stderr } = await program('jobs', '--server', bad);
    expect([status, stderr]).toEqual([1, expect.stringContaining('--server must be an address')]);
    expect(stderr).not.toContain('ecret');
  }
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
  expect(JSON.parse((await spaceport('pause', '--json')).stdout)).toMatchObject({ jobId: 'job123456', note: null });
  expect(await spaceport('resume')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'spaceport: job job123456 is waiting and not paused: there is nothing to resume\n',
  });
  expect(app.runs.messages.map(({ name }) => name)).toEqual(['accept', 'pause', 'pause']);
});

test('retry takes new limits, options and a stage', async () => {
  put(ended);
  const { stdout } = await spaceport('retry', '--from', 'sfm', '--budget-usd', '3', '--options', 'shBands=0');
  expect(stdout).toBe('Job job123456 is queued.\n');
  expect(app.runs.started).toMatchObject([{ request: { budgetUsd: 3, options: { shBands: 0 } } }]);
});

test('delete erases, and prints what remains', async () => {
  put(ended);
  expect((await spaceport('delete')).stdout).toContain('3 days (the retention of its namespace)');
  expect(app.runs.erased).toEqual(['job123456']);
});

test('server and API key may come from the environment, and neither is repeated where it is wrong', async () => {
  put(undecided);
  const fromVariable = await programWith({ SPACEPORT_SERVER: address() }, 'jobs');
  expect(fromVariable).toMatchObject({ status: 0, stdout: expect.stringContaining('job123456') as string });
  const wrongKey = await programWith({ SPACEPORT_SERVER: address(), SPACEPORT_KEY: 'spk_secret' }, 'jobs');
  expect(wrongKey.status).toBe(1);
  expect(wrongKey.stderr).toContain(
    'the key is unknown, expired or revoked; the key is read from SPACEPORT_KEY or a profile',
  );
  const wrongAddress = await programWith({ SPACEPORT_SERVER: 'ftp://pilot:secret@host' }, 'jobs');
  expect(wrongAddress.stderr).toContain('SPACEPORT_SERVER must be an address such as');
  expect(wrongKey.stderr + wrongAddress.stderr).not.toContain('secret');
});

test('logs prints the lines of the newest attempt with their times', async () => {
  const jobName = 'spaceport-job123456-sfm-a01';
  put({ ...jobRecord({ state: 'running', step: 'sfm' }), attempts: [testAttempt({ stage: 'sfm', jobName })] });
  app.logs.live.set(jobName, [
    { atMs: NOW_MS, text: 'features: 1 of 18' },
    { atMs: NOW_MS + 1000, text: 'red\u001b[31m' },
  ]);
  const { stdout } = await spaceport('logs', '--stage', 'sfm');
  expect(stdout).toMatch(/^2026-11-21T10:00:00\.000Z {2}features: 1 of 18\n2026-11-21T10:00:01\.000Z {2}red \[31m\n$/);
});

test('keys are made, listed and revoked; estimate and usage answer in words and in JSON', async () => {
  const made = await program('keys', 'create', 'ci', '--scopes', 'read,write', '--server', address());
  expect(made.stdout).toMatch(/^spk_\S+\nKey \S+ is shown this once/);
  const listed = await program('keys', '--json', '--server', address());
  const [key] = JSON.parse(listed.stdout) as { keyId: string; scopes: string[] }[];
  expect(key?.scopes).toEqual(['read', 'write']);
  expect((await program('keys', 'revoke', key!.keyId, '--server', address())).stdout).toMatch(/\(ci\) is revoked/);
  expect((await program('estimate', '120', '--server', address())).stdout).toMatch(/^Photos +120$/m);
  const usage = await program('usage', '--csv', '--from', '2026-11-01', '--to', '2026-11-21', '--server', address());
  expect(usage.stdout).toMatch(/^day,/i);
});

test('a profile names server, key and address, and is believed only where nobody else may read it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-profile-'));
  try {
    const file = path.join(folder, 'spaceport', 'profiles.json');
    await mkdir(path.dirname(file));
    const office = { server: address(), email: 'pilot@example.org' };
    await writeFile(file, JSON.stringify({ default: 'office', profiles: { office } }), { mode: 0o600 });
    const environment = { XDG_CONFIG_HOME: folder };
    const started = await programWith(environment, 'run', 's3://photos/flight/', '--no-follow');
    expect([started.status, started.stderr]).toEqual([0, expect.stringContaining('has started') as string]);
    expect(app.runs.started).toMatchObject([{ request: { email: 'pilot@example.org' } }]);
    const unknown = await programWith(environment, 'jobs', '--profile', 'home');
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('no profile "home"') as string]);
    await chmod(file, 0o644);
    expect((await programWith(environment, 'jobs')).stderr).toContain('chmod 600');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a reader that has enough of a long answer ends the program quietly', async () => {
  const jobName = 'spaceport-job123456-sfm-a01';
  put({ ...jobRecord({ state: 'running', step: 'sfm' }), attempts: [testAttempt({ stage: 'sfm', jobName })] });
  app.logs.live.set(
    jobName,
    Array.from({ length: 1000 }, (_, index) => ({ atMs: NOW_MS, text: `line ${index} ${'x'.repeat(1000)}` })),
  );
  const args = [...PROGRAM, 'logs', 'job123456', '--server', address()];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect([await ended, stderr]).toEqual([[0, null], '']);
});
