import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Said } from '../../cli/command';
import { parseCommandLine } from '../../cli/command-line';
import { SpaceportApi } from '../../cli/server/spaceport-api';
import { UsageError } from '../../cli/usage-error';
import { jobRecord, openRun, testApp } from '../server/helpers';

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

/** What a command asks of the server, and what it makes of the answer. */
async function said(...args: string[]): Promise<Said> {
  const command = parseCommandLine(args);
  if (command.name !== 'request') throw new Error(`${args.join(' ')} is read as ${command.name}`);
  const api = new SpaceportApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return command.ask({ api, email: 'pilot@example.com' });
}
const words = async (...args: string[]): Promise<string> => (await said(...args)).words;
const answer = async <T>(...args: string[]): Promise<T> => (await said(...args)).answer as T;

test('a schedule is made, listed, changed, paused, run and deleted', async () => {
  expect(await words('schedules')).toBe('No schedules yet.');
  const times = ['--cron', '0 6 * * 1', '--time-zone', 'Europe/Berlin', '--only-when-changed', '--name', 'Quarry'];
  const made = await answer<{ scheduleId: string }>('schedules', 'create', 's3://photos/quarry/', ...times);
  expect(made).toMatchObject({
    name: 'Quarry',
    cron: '0 6 * * 1',
    timeZone: 'Europe/Berlin',
    onlyWhenChanged: true,
    job: { input: 's3://photos/quarry/', preset: 'standard' },
  });
  const id = made.scheduleId;
  expect(await words('schedules', 'list')).toMatch(
    /^\S+ +Quarry +0 6 \* \* 1 Europe\/Berlin .*s3:\/\/photos\/quarry\/$/m,
  );
  expect(await answer('schedules', 'change', id, '--every-seconds', '3600')).toMatchObject({ everySeconds: 3600 });
  expect(await words('schedules', 'pause', id)).toMatch(/ every 3600 s +paused /);
  expect(await answer('schedules', 'resume', id)).toMatchObject({ isPaused: false });
  expect(await words('schedules', 'run-now', id)).toMatch(/^Job \S+ has started: http/);
  expect(await words('schedules', 'delete', id)).toBe(`Schedule ${id} is gone.`);
  await expect(said('schedules', 'show', id)).rejects.toThrow('no schedule has this id');
});

test('a link to a job is made with what it allows, listed without its token, and revoked', async () => {
  app.job(jobRecord({ state: 'running' }), openRun());
  const options = ['--scopes', 'view,measure', '--shows', 'position', '--expires', '2099-01-31T12:00:00Z'];
  const made = await said('shares', 'create', 'job123456', ...options);
  const { token, shareId } = made.answer as { token: string; shareId: string };
  expect(made.words).toMatch(/^http\S+\/s\/\S+\nLink \S+ is shown this once\.$/);
  const listed = await words('shares', 'list', 'job123456');
  expect(listed).toMatch(new RegExp(`^${shareId} +view measure +position .* until 2099-01-31`, 'm'));
  expect(listed).not.toContain(token);
  expect(await words('shares', 'revoke', 'job123456', shareId)).toBe(`Link ${shareId} is revoked.`);
  expect(await words('shares', 'list', 'job123456')).toMatch(/ revoked 2026-11-21/);
});

test('a webhook endpoint is made, tested, disabled, given a new secret and deleted', async () => {
  const url = 'https://example.com/hooks';
  const made = await said('webhooks', 'create', url, '--events', 'job.failed,job.succeeded');
  const { endpointId } = made.answer as { endpointId: string };
  expect(made.words).toMatch(/^whsec_\S+\nThe secret of endpoint /);
  expect(await words('webhooks')).toMatch(
    /^\S+ +enabled +job\.succeeded job\.failed .*https:\/\/example\.com\/hooks$/m,
  );
  const delivery = await answer<{ deliveryId: string }>('webhooks', 'test', endpointId);
  expect(await words('webhooks', 'deliveries', endpointId)).toMatch(
    new RegExp(`^${delivery.deliveryId} +webhook\\.test +- +pending +0 `, 'm'),
  );
  expect(await words('webhooks', 'redeliver', endpointId, delivery.deliveryId)).toMatch(/is on its way/);
  expect(await answer('webhooks', 'change', endpointId, '--no-enabled')).toMatchObject({ enabled: false, url });
  await expect(said('webhooks', 'test', endpointId)).rejects.toThrow('enable it first');
  const rotated = await words('webhooks', 'rotate', endpointId, '--old-secret-seconds', '0');
  expect(rotated.split('\n')[0]).not.toBe(made.words.split('\n')[0]);
  expect(await words('webhooks', 'delete', endpointId)).toBe(`Endpoint ${endpointId} is gone.`);
  expect(await words('webhooks')).toBe('No webhook endpoints yet.');
});

test('a tenant is made, gets limits, loses them, and is closed; its keys are made and listed by operators', async () => {
  await said('tenants', 'create', 'acme', 'Acme Surveys', '--budget-usd', '200', '--buckets', 'photos');
  expect(await words('tenants')).toMatch(/^acme +Acme Surveys +\$0\.00 +\$200\.00 +- +photos +open$/m);
  const changes = ['--name', 'Acme', '--budget-usd', 'none', '--alert-email', 'ada@example.com', '--buckets', 'none'];
  expect(await words('tenants', 'change', 'acme', ...changes)).toMatch(
    /^acme +Acme .* none +ada@example\.com +all +open$/m,
  );
  await said('keys', 'create', 'ci', '--tenant', 'acme');
  expect(await answer('keys', '--tenant', 'acme')).toMatchObject([{ name: 'ci', tenant: 'acme', scopes: ['read'] }]);
  expect(await words('tenants', 'close', 'acme')).toMatch(/ closed$/);
});

test('photos at another address than S3 are refused as an address, and not looked for on the disk', async () => {
  await expect(said('estimate', 'https://example.com/photos')).rejects.toThrow('the https address of S3');
});

test('usage tells what the month has left of its budget', async () => {
  await said('tenants', 'change', 'local', '--budget-usd', '50');
  expect(await words('usage')).toMatch(/\n\nBudget of 2026-11: \$0\.00 of \$50\.00 spent, \$0\.00 more for open jobs$/);
});

test('jobs are found by state, words and time, as many as asked for; change names one', async () => {
  app.job(jobRecord({ state: 'failed' }), openRun({ status: 'FAILED', state: 'failed' }));
  const found = (...filter: string[]): Promise<{ jobId: string }[]> => answer('jobs', ...filter);
  expect(await found('--state', 'failed,parked', '--text', 'flight')).toMatchObject([{ jobId: 'job123456' }]);
  expect(await found('--state', 'running')).toEqual([]);
  expect(await words('jobs', '--state', 'running')).toBe('No job is like that.');
  await expect(found('--after', 'yesterday')).rejects.toThrow(
    /^The request is not valid\n {2}createdAfter must be a time such as/,
  );
  expect(await found('--after', '2026-11-01', '--before', '2026-12-01')).toHaveLength(1);
  expect(await found('--limit', '0')).toEqual([]);
  expect(await words('change', 'job123456', '--name', 'North face')).toBe(
    'Job job123456 is called North face, with priority 3.',
  );
});

test('a batch is started, listed, shown with its jobs and cancelled', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'spaceport-batch-'));
  try {
    const file = path.join(folder, 'batch.json');
    const jobs = [{ s3Url: 's3://photos/a/' }, { s3Url: 's3://photos/b/' }];
    await writeFile(file, JSON.stringify({ name: 'Two fields', email: 'pilot@example.com', jobs }));
    const { batchId } = await answer<{ batchId: string }>('batch', file);
    expect(await words('batches')).toMatch(new RegExp(`^${batchId} +Two fields +\\w+ +2 +0 +0 `, 'm'));
    expect(await answer('batches', 'show', batchId)).toMatchObject({ members: [{}, {}] });
    expect(await words('batches', 'show', batchId)).toMatch(
      /^JOB +NAME +STATE +COST +WHY\n\w+ +.* (Queued|Not started) +\$0\.00/m,
    );
    expect(await words('batches', 'cancel', batchId, '--reason', 'wrong fields')).toBe(
      `Batch ${batchId} is cancelling.`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('options are listed with ranges and the values of presets; a scene without notes says so', async () => {
  app.job(jobRecord({ state: 'running' }), openRun());
  expect(await words('options')).toMatch(/^maxIterations +training +\d+ to \d+ /m);
  expect(await words('annotations', 'job123456')).toBe('No notes or measurements yet.');
});

test.each([
  [['webhooks', 'create', 'https://example.com/', '--events', 'job.flown'], '--events must be some of job.parked'],
  [['shares', 'create', 'abc', '--scopes', 'fly'], '--scopes must be some of view,measure,download'],
  [['tenants', 'create', 'acme', 'Acme', '--budget-usd', 'much'], '--budget-usd must be a number of USD, or "none"'],
  [['jobs', '--state', 'flown'], '--state must be some of queued'],
  [['shares', 'list'], 'an argument is missing'],
  [['schedules', 'fly'], 'there is no command, option or argument "fly" here'],
])('%j is refused with a reason', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(UsageError);
  expect(() => parseCommandLine(args)).toThrow(message);
});
