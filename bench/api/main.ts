/**
 * `npm run bench:api`: how quickly the API answers, on each database that this machine has. Starts against the real local
 * Temporal while the worker is away, then all of these jobs run to their end (there are no photos: at intake). One line of
 * JSON on stdout for each database, times in milliseconds; `CpuMs` is what the server worked for one request, with what
 * it does besides.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, parseArgs } from 'node:util';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import type { JobList, JobView } from '../../contracts/job/view';
import { isFinal } from '../../contracts/job/state';
import { layout } from '../../contracts/storage/layout';
import { createStorage } from '../../server/storage/storage';
import { waitFor } from '../../test/helpers/wait-for';
import { measureListeners } from '../events/listeners';
import { percentile } from '../orchestration/percentiles';
import { keyOfNewTenant } from '../scripted/tenant-key';
import { benchJob } from '../storage/many-jobs';
import { cpuSeconds } from './cpu-time';
import { deploy, engines, type Deployment } from './deployment';
import { paced, type Paced } from './paced';

const USAGE = `npm run bench:api -- [OPTION...]
  --seconds N     for how long jobs are started (60)
  --starts N      a second (50)
  --gets N        a second, of single jobs (300)
  --indexed N     jobs in the index whose lists are asked for (100000)
  --listeners N   to one job (1000)
  --engine NAME   sqlite or postgres alone (each that this machine has)`;

const GET_SECONDS = 20;
const LIST_CALLS = 200;
const INDEX_BATCH = 200;
const WATCHED_JOBS = 20;
const DRAINED_WITHIN_MS = 30 * 60_000;
/** The tenant of four in five of the indexed jobs. */
const TENANT = 'north';

interface Sizes {
  readonly seconds: number;
  readonly starts: number;
  readonly gets: number;
  readonly indexed: number;
}

async function measure(deployment: Deployment, sizes: Sizes): Promise<object> {
  const { serverPid } = deployment;
  say('starts');
  const [started, startSeconds] = await withCpu(serverPid, () => start(deployment, sizes));
  say('single jobs');
  const [got, getSeconds] = await withCpu(serverPid, () => getJobs(deployment, sizes));
  say('the worker takes them to their ends');
  await deployment.startWorker();
  const [staleness, runs] = await Promise.all([watchEnds(deployment), drained(deployment)]);
  say('lists');
  const headers = await indexedJobs(deployment, sizes.indexed);
  const [lists, listSeconds] = await withCpu(serverPid, () => listJobs(deployment, headers));
  return {
    startP99Ms: started.p99Ms,
    startP50Ms: started.p50Ms,
    startErrors: started.errors,
    starts: started.answered,
    startCpuMs: milliseconds(startSeconds / started.answered),
    startedOnce: runs === started.answered,
    getP99Ms: got.p99Ms,
    getP50Ms: got.p50Ms,
    getAgainP99Ms: got.warmP99Ms,
    getErrors: got.errors,
    gets: got.answered,
    getCpuMs: milliseconds(getSeconds / got.answered),
    getStalenessMs: Math.round(percentile(staleness, 0.99)),
    listP99Ms: milliseconds(percentile(lists, 0.99) / 1000),
    listCpuMs: milliseconds(listSeconds / lists.length),
  };
}

/** In tenths. */
const milliseconds = (seconds: number): number => Math.round(seconds * 10_000) / 10;

/** What some work gives, and the seconds of CPU that a process took meanwhile: other than times, they tell on a busy machine too. */
async function withCpu<T>(pid: number, work: () => Promise<T>): Promise<[T, number]> {
  const before = await cpuSeconds(pid);
  const done = await work();
  return [done, (await cpuSeconds(pid)) - before];
}

/** Jobs of a folder without photos. */
function start({ server, bucket }: Deployment, { seconds, starts }: Sizes): Promise<Paced> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      s3Url: `s3://${bucket}/uploads/local/nothing/`,
      email: 'pilot@example.com',
      preset: 'preview',
      retryWindowSeconds: 0,
    }),
  };
  return paced(starts, starts * seconds, () => fetch(`${server}/start-job`, request));
}

async function getJobs({ server }: Deployment, { gets }: Sizes): Promise<Paced> {
  const jobIds = await newestJobs(server);
  const get = (index: number): Promise<Response> => fetch(`${server}/v1/jobs/${jobIds[index % jobIds.length] ?? ''}`);
  // Each job's first look reads its record in S3.
  return paced(gets, gets * GET_SECONDS, get, jobIds.length);
}

/** A thousand of them, or as many as there are. */
async function newestJobs(server: string): Promise<readonly string[]> {
  const jobIds: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await (await fetch(`${server}/v1/jobs?limit=100${from}`)).json()) as JobList;
    jobIds.push(...page.jobs.map(({ jobId }) => jobId));
    cursor = page.nextCursor;
  } while (cursor !== null && jobIds.length < 1000);
  return jobIds;
}

/**
 * How long after the end of some jobs was in their records the API tells it, in milliseconds. How long a record has to
 * wait for its writing, while thousands of jobs end at once, is not the API's doing.
 */
async function watchEnds({ server, s3, bucket }: Deployment): Promise<number[]> {
  const watched = (await newestJobs(server)).slice(-WATCHED_JOBS);
  return Promise.all(
    watched.map(async (jobId) => {
      for (;;) {
        const job = (await (await fetch(`${server}/v1/jobs/${jobId}`)).json()) as JobView;
        if (isFinal(job.state)) {
          const toldMs = Date.now();
          const { Contents = [] } = await s3.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: layout.record(jobId) }),
          );
          return toldMs - (Contents[0]?.LastModified?.getTime() ?? NaN);
        }
        await delay(250);
      }
    }),
  );
}

/** Waits until no job is open; returns how many runs there were. */
async function drained({ temporal }: Deployment): Promise<number> {
  const runs = `WorkflowType = "${WORKFLOW_TYPE.pipeline}"`;
  const open = `${runs} AND ExecutionStatus = "Running"`;
  await waitFor('all jobs to end', async () => (await temporal.workflow.count(open)).count === 0, DRAINED_WITHIN_MS);
  return (await temporal.workflow.count(runs)).count;
}

/** Puts so many jobs into the index; returns the headers of a caller whose tenant has most of them. */
async function indexedJobs({ server, database }: Deployment, indexed: number): Promise<Record<string, string>> {
  const { jobs } = createStorage(database.db);
  for (let first = 0; first < indexed; first += INDEX_BATCH) {
    await jobs.upsert(Array.from({ length: INDEX_BATCH }, (_, index) => benchJob(first + index)));
    // SQLite never waits: without this nobody here would notice that the server has closed idle connections.
    await delay(0);
  }
  return { authorization: `Bearer ${await keyOfNewTenant(server, TENANT, ['read'])}` };
}

/** Milliseconds of each page of 100. */
async function listJobs({ server }: Deployment, headers: Record<string, string>): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < LIST_CALLS; call += 1) {
    const startedMs = performance.now();
    const response = await fetch(`${server}/v1/jobs?limit=100`, { headers });
    const { jobs: page } = (await response.json()) as JobList;
    times.push(performance.now() - startedMs);
    if (page.length !== 100) throw new Error(`a page has ${page.length} jobs`);
  }
  return times;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      starts: { type: 'string', default: '50' },
      gets: { type: 'string', default: '300' },
      indexed: { type: 'string', default: '100000' },
      listeners: { type: 'string', default: '1000' },
      engine: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const sizes = {
    seconds: Number(values.seconds),
    starts: Number(values.starts),
    gets: Number(values.gets),
    indexed: Number(values.indexed),
  };
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  const { listeners, addedMb, polls, pollsOfOne } = await measureListeners(Number(values.listeners), 20);
  const measured = engines().filter((engine) => values.engine === undefined || values.engine === engine);
  if (measured.length === 0) throw new Error(`this machine has no ${values.engine ?? 'database'}`);
  for (const engine of measured) {
    say(engine);
    const deployment = await deploy(engine, interruption.signal);
    try {
      const figures = await measure(deployment, sizes);
      const sse = { listeners, addedMb, polls, pollsOfOne };
      process.stdout.write(`${JSON.stringify({ engine, ...figures, sse, node: process.version })}\n`);
    } finally {
      await deployment.stop();
    }
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

main().catch((error: unknown) => {
  say(inspect(error));
  process.exitCode = 1;
});
