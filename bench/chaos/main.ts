/**
 * `npm run bench:chaos -- --jobs 200 --seed 7`: the local product, and everything that can go wrong with it at random:
 * faults of SageMaker and S3, programs that fail, people of two tenants who cancel, retry and pause, and SIGKILL for each
 * of its processes. Then an audit from outside. One line of JSON on stdout; what is wrong, job by job, on stderr.
 *
 * The same seed gives the same plan of faults, deeds and kills; when they meet is the scheduler's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gatherEvidence, judge, leftoversAfterEnd, waitUntilQuiet, type AuditPlaces } from './audit/audit';
import type { Finding } from './audit/evidence';
import { judgeTenants } from './audit/tenant-rules';
import { DeedLog } from './deeds';
import { FAULT_KINDS } from './fault-kinds';
import { Havoc } from './havoc';
import { planJobs } from './job-plan';
import { planKills, usualKills } from './kill-plan';
import { Product, placesIn } from './product';
import { WebhookReceiver } from './webhook-receiver';

const USAGE = `npm run bench:chaos -- [OPTION...]
  --jobs N      jobs in all (200)
  --seed N      of the plan of faults, deeds and kills (1)
  --at-once N   jobs that are open at the same time (24)
  --kills N     of processes of the product (one for every 6 jobs)
  --keep        keep the folder with state and logs also when nothing is wrong`;

/** A process of the product that died without anybody being told: the stack starts it again. */
const COMPONENT_KILLED = 'component-killed';
/** From so many jobs on, every kind of fault must have fired. */
const ENOUGH_FOR_ALL_KINDS = 200;
const BASE_PATIENCE_MS = 240_000;
const PATIENCE_A_JOB_MS = 6000;
/** Upkeep needs some rounds for what nobody else looks after. */
const QUIET_WITHIN_MS = 180_000;

/** Havoc first, then the audit, once while the product runs and once when it has ended. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      'at-once': { type: 'string', default: '24' },
      kills: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const [jobs, seed] = [Number(values.jobs), Number(values.seed)];
  const startedMs = Date.now();
  const places = placesIn(await mkdtemp(path.join(tmpdir(), 'spaceport-chaos-')));
  const plans = planJobs(seed, jobs);
  const kills = planKills(seed, Number(values.kills ?? usualKills(jobs)));
  await writeFile(places.plan, JSON.stringify({ seed, kills, jobs: plans }, null, 1));
  say(`${jobs} jobs, ${kills.length} kills, in ${places.folder}`);

  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}; ${places.folder} is left`)));
  const receiver = await WebhookReceiver.start(plans, places.webhooks, places.state);
  const product = await Product.start(places, plans);
  const findings: Finding[] = [];
  const fired = new Map([...Object.keys(FAULT_KINDS), COMPONENT_KILLED].map((kind) => [kind, 0]));
  let killed = 0;
  try {
    const deeds = new DeedLog(places.deeds);
    const patience = AbortSignal.any([
      interrupted.signal,
      AbortSignal.timeout(BASE_PATIENCE_MS + PATIENCE_A_JOB_MS * jobs),
    ]);
    const havoc = new Havoc(product, receiver, deeds, say, patience);
    await havoc.wreak(plans, kills, Number(values['at-once']));
    interrupted.signal.throwIfAborted();
    killed = havoc.killed;
    fired.set(COMPONENT_KILLED, havoc.componentsKilled);
    findings.push(...havoc.findings);
    say('waiting until all is quiet');
    await waitUntilQuiet(auditPlaces(product), QUIET_WITHIN_MS);
    say('audit');
    const started = plans.map(({ jobId, mayFailWith, webhook }) => ({
      jobId,
      mayFailWith,
      hasWebhook: webhook !== null,
      deeds: deeds.deeds.filter((deed) => deed.jobId === jobId),
    }));
    findings.push(...(await judgeTenants(product.stack.endpoints.server, product.keys, plans)));
    const evidence = await gatherEvidence(auditPlaces(product), started);
    for (const { kind } of evidence.fired) fired.set(kind, (fired.get(kind) ?? 0) + 1);
    findings.push(...judge(evidence));
  } finally {
    await product.stop();
    await receiver.stop();
  }
  for (const leftover of await leftoversAfterEnd(auditPlaces(product)))
    findings.push({ count: 'leftRunning', ...leftover });

  for (const { count, jobId, what } of findings) say(`${count}: ${jobId ?? 'no job'}: ${what}`);
  const missing =
    jobs < ENOUGH_FOR_ALL_KINDS ? [] : [...fired].filter(([, times]) => times === 0).map(([kind]) => kind);
  if (missing.length > 0) say(`never fired: ${missing.join(', ')}`);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  const line = { jobs, seed, faultsFired: Object.fromEntries(fired), kills: killed, ...countsOf(findings), seconds };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  const isWrong = findings.length > 0 || missing.length > 0;
  if (isWrong || values.keep) say(`everything is kept in ${places.folder}`);
  else await rm(places.folder, { recursive: true, force: true });
  process.exitCode = isWrong ? 1 : 0;
}

function auditPlaces({ stack, places, pids }: Product): AuditPlaces {
  const { endpoints, credentials, region, bucket } = stack;
  return {
    ...endpoints,
    credentials,
    region,
    bucket,
    stateFolder: places.state,
    runFolder: places.folder,
    stampFile: places.stamps,
    webhookFile: places.webhooks,
    pids,
  };
}

function countsOf(findings: readonly Finding[]): Record<Finding['count'], number> {
  const counts = { lost: 0, doublePaid: 0, leftRunning: 0, disagreements: 0, seenByOthers: 0 };
  for (const { count } of findings) counts[count] += 1;
  return counts;
}

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`);

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
