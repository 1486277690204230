/**
 * `npm run bench:load`: a thousand jobs in an hour through API, two workers and upkeep, with programs that only wait. One
 * line of JSON on stdout: how they ended, and whether memory and histories stay as they are meanwhile. Fails where a job
 * is lost, where one fails without faults, and where with them one in twenty does.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { Component } from '../../local/stack/component';
import { COMPONENT_NAMES } from '../../local/stack/components';
import { anotherWorker } from '../../local/stack/stack';
import { placesIn, POLICY, Product } from '../chaos/product';
import { atAPace } from '../orchestration/at-a-pace';
import { percentile } from '../orchestration/percentiles';
import { seeThrough, type Outcome } from './customer';
import { readHistories } from './histories';
import { planLoad } from './plan';
import { watchProcesses } from './processes';

const USAGE = `npm run bench:load -- [OPTION...]
  --jobs N      in all (1000)
  --minutes N   over which their starts are spread (60)
  --faults      of SageMaker and S3, as the chaos bench plans them
  --seed N      of the plan of faults (1)
  --keep        keep the folder with state and logs also when nothing is wrong`;

/** Jobs that are open at the same time, where they take longer than they should. */
const MOST_AT_ONCE = 200;
const SHARE_WITH_FAULTS = 0.95;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '60' },
      faults: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const [jobs, minutes] = [Number(values.jobs), Number(values.minutes)];
  const plans = planLoad(Number(values.seed), jobs, values.faults);
  const places = placesIn(await mkdtemp(path.join(tmpdir(), 'spaceport-load-')));
  const product = await Product.start(places, plans);
  const others: Component[] = [];
  const ended = new AbortController();
  const interrupted = interruption();
  try {
    others.push(await secondWorker(places.state));
    const pids = Object.fromEntries(COMPONENT_NAMES.map((name) => [name, product.stack.pid(name)]));
    const watching = watchProcesses({ ...pids, secondWorker: others[0]?.identity.pid ?? 0 }, jobs, ended.signal);
    const before = await sizesOf(places.state);
    const startedMs = Date.now();
    say(`${jobs} jobs in ${minutes} minutes, in ${places.folder}`);
    const everyMs = (minutes * 60_000) / jobs;
    let seen = 0;
    const running = atAPace(plans, { atOnce: MOST_AT_ONCE, everyMs }, async (plan) => {
      const outcome = await seeThrough(plan, product);
      if (outcome.state !== 'succeeded') say(`${outcome.jobId}: ${outcome.state ?? 'lost'} ${outcome.failure ?? ''}`);
      if ((seen += 1) % 50 === 0) say(`${seen} jobs have ended`);
      return outcome;
    });
    const outcomes = await Promise.race([running, interrupted]);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    ended.abort();
    const after = await sizesOf(places.state);
    const perJob = Object.fromEntries(
      Object.entries(after).map(([name, size]) => [name, Math.round((size - (before[name] ?? 0)) / jobs)]),
    );
    const counts = countsOf(outcomes);
    const temporal = await askTemporal(
      product.stack.endpoints.temporal,
      plans.map(({ jobId }) => jobId),
    );
    const machine = { node: process.version, cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}` };
    const line = { jobs, minutes, faults: values.faults, seconds, workers: 2, ...counts, ...temporal, perJob };
    process.stdout.write(`${JSON.stringify({ ...line, processes: await watching, ...machine })}\n`);
    const share = counts.succeeded / jobs;
    const isWrong = counts.lost > 0 || temporal.upkeepFailed > 0 || share < (values.faults ? SHARE_WITH_FAULTS : 1);
    if (isWrong) process.exitCode = 1;
  } finally {
    ended.abort();
    for (const other of others) await other.stop();
    await product.stop();
  }
  if (process.exitCode || values.keep) say(`everything is kept in ${places.folder}`);
  else await rm(places.folder, { recursive: true, force: true });
}

/** Rejects at Ctrl-C: the stack is then stopped as after a run. */
const interruption = (): Promise<never> =>
  new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });

async function secondWorker(stateFolder: string): Promise<Component> {
  const spec = await anotherWorker({ stateFolder, environment: process.env, policy: POLICY }, 'second-worker');
  const worker = await Component.spawn(spec, path.join(stateFolder, 'logs'));
  await worker.waitUntilReady(new AbortController().signal);
  return worker;
}

function countsOf(outcomes: readonly Outcome[]) {
  const count = (isOne: (outcome: Outcome) => boolean): number => outcomes.filter(isOne).length;
  const rounded = (values: readonly number[], share: number): number => Number(percentile(values, share).toFixed(1));
  const [seconds, starts] = [outcomes.map((one) => one.seconds), outcomes.map(({ startMs }) => startMs)];
  return {
    succeeded: count(({ state }) => state === 'succeeded'),
    failed: count(({ state }) => state !== null && state !== 'succeeded'),
    lost: count(({ state }) => state === null),
    retried: count(({ retries }) => retries > 0),
    jobSecondsP50: rounded(seconds, 0.5),
    jobSecondsP99: rounded(seconds, 0.99),
    startMsP50: rounded(starts, 0.5),
    startMsP99: rounded(starts, 0.99),
  };
}

async function askTemporal(address: string, jobIds: readonly string[]) {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const rounds = async (status: string): Promise<number> =>
      (await client.workflow.count(`WorkflowType = '${WORKFLOW_TYPE.upkeep}' AND ExecutionStatus = '${status}'`)).count;
    const [upkeepRounds, upkeepFailed] = [await rounds('Completed'), await rounds('Failed')];
    return { upkeepRounds, upkeepFailed, histories: await readHistories(client, jobIds) };
  } finally {
    await connection.close();
  }
}

/** Bytes of what a stack keeps, and files of its S3. */
async function sizesOf(stateFolder: string): Promise<Record<string, number>> {
  const bytesOf = async (names: readonly string[]): Promise<number> => {
    const sizes = names.map((name) =>
      stat(path.join(stateFolder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  const entries = await readdir(path.join(stateFolder, 's3'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return {
    temporalBytes: await bytesOf(['temporal.db', 'temporal.db-wal']),
    databaseBytes: await bytesOf(['spaceport.sqlite', 'spaceport.sqlite-wal']),
    s3Files: files.length,
    s3Bytes: await bytesOf(files.map((file) => path.relative(stateFolder, file))),
  };
}

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
