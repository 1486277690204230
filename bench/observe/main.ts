/**
 * `npm run bench:observe -- --jobs 24`: what the chaos bench does to the local product, without kills, watched by
 * Prometheus with the rules of docker/observe. Then the query of every panel of the dashboards is asked. One line of
 * JSON on stdout: panels without any data, rules that cannot be judged, alerts that are active. Exit 1 where one of the
 * first two is not empty.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findCheckout } from '../../local/stack/checkout';
import { DeedLog } from '../chaos/deeds';
import { Havoc } from '../chaos/havoc';
import { planJobs } from '../chaos/job-plan';
import { Product, placesIn } from '../chaos/product';
import { WebhookReceiver } from '../chaos/webhook-receiver';
import { legendOf, pageOf, type DrawnPanel } from './page';
import { readPanels } from './panels';
import { Prometheus } from './prometheus';

const USAGE = `npm run bench:observe -- [OPTION...]
  --jobs N      jobs in all (24)
  --seed N      of the plan of faults and deeds (1)
  --page FILE   an HTML page that draws every panel`;

const AT_ONCE = 12;
const BASE_PATIENCE_MS = 240_000;
const PATIENCE_A_JOB_MS = 6000;
/** Until the list of jobs, the next round of upkeep and a scrape have told the end. */
const SETTLED_AFTER_MS = 30_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '24' },
      seed: { type: 'string', default: '1' },
      page: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const jobs = Number(values.jobs);
  const observe = path.join(findCheckout().root, 'docker', 'observe');
  const panels = await readPanels(path.join(observe, 'grafana', 'dashboards'));
  const places = placesIn(await mkdtemp(path.join(tmpdir(), 'spaceport-observe-')));
  const plans = planJobs(Number(values.seed), jobs);
  const startedMs = Date.now();
  const receiver = await WebhookReceiver.start(plans, places.webhooks, places.state);
  const product = await Product.start(places, plans);
  let prometheus: Prometheus | null = null;
  try {
    const { endpoints } = product.stack;
    prometheus = await Prometheus.start(observe, path.join(places.folder, 'prometheus'), endpoints);
    say(`${jobs} jobs, watched at ${prometheus.url}`);
    const listening = new AbortController();
    await fetch(`${endpoints.server}/v1/events`, { signal: listening.signal });
    const patience = AbortSignal.timeout(BASE_PATIENCE_MS + PATIENCE_A_JOB_MS * jobs);
    await new Havoc(product, receiver, new DeedLog(places.deeds), say, patience).wreak(plans, [], AT_ONCE);
    await sleep(SETTLED_AFTER_MS);
    listening.abort();
    const untilMs = Date.now();
    const drawn: DrawnPanel[] = [];
    for (const panel of panels) {
      const lines: DrawnPanel['lines'][number][] = [];
      for (const { expr, legend } of panel.queries)
        for (const { metric, values: points } of await prometheus.range(expr, startedMs, untilMs))
          lines.push({ legend: legendOf(legend, metric), values: points });
      drawn.push({ ...panel, lines });
    }
    const empty = drawn.filter(({ lines }) => lines.length === 0).map(({ board, title }) => `${board}: ${title}`);
    const { broken, active } = await prometheus.rules();
    if (values.page !== undefined) await writeFile(values.page, await pageOf(drawn));
    const seconds = Math.round((untilMs - startedMs) / 1000);
    process.stdout.write(`${JSON.stringify({ jobs, panels: panels.length, empty, broken, active, seconds })}\n`);
    process.exitCode = empty.length + broken.length > 0 ? 1 : 0;
  } finally {
    await prometheus?.stop();
    await product.stop();
    await receiver.stop();
    await rm(places.folder, { recursive: true, force: true });
  }
}

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 23)} ${line}\n`);

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
