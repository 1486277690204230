import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { JOB_STATES } from '../../contracts/job/state';
import type { Logger } from '../../platform/logger';
import type { LedgerTotals } from '../storage/jobs/ledger-totals';

export interface MetricsDeps {
  readonly ledger: LedgerTotals;
  /** Since when the list of jobs has all that Temporal knew, in milliseconds since 1970; null on a server that follows. */
  readonly indexedAtMs: () => number | null;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** What a server tells of itself and of the deployment, in Prometheus' form. */
export interface Metrics {
  /** Counts each request by its route, and times it. */
  readonly observe: RequestHandler;
  /** Asked for the streams that are open, each time that somebody looks. */
  countStreams(count: () => number): void;
  /** The text that Prometheus reads, and its media type. */
  told(): Promise<{ readonly text: string; readonly mediaType: string }>;
}

/** Seconds: most answers take some milliseconds, those that wait for S3 or Temporal up to a minute. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/** Whatever has no route of its own: files of the application, and addresses that nobody serves. */
const NO_ROUTE = 'other';

/**
 * Names and units are those of Prometheus' conventions. Figures of jobs and machines are the ledger's, all tenants
 * together, as the database has it at that moment: every server tells the same, and a restart changes nothing.
 */
export function createMetrics({ ledger, indexedAtMs, logger, now = Date.now }: MetricsDeps): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: 'spaceport_http_requests_total',
    help: 'Requests that were answered',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'spaceport_http_request_duration_seconds',
    help: 'From the request to the end of its answer; streams are left out',
    labelNames: ['method', 'route'],
    buckets: DURATIONS,
    registers,
  });
  const streams = new Gauge({ name: 'spaceport_event_streams', help: 'Streams that are open', registers });
  const indexAge = new Gauge({
    name: 'spaceport_index_age_seconds',
    help: 'How far the list of jobs is behind Temporal, on the server that keeps it',
    registers,
  });
  const databaseUp = new Gauge({
    name: 'spaceport_database_up',
    help: '1 where the database answers; else figures of jobs and machines are missing',
    registers,
  });
  const jobs = new Gauge({
    name: 'spaceport_jobs',
    help: 'Jobs by state and preset, erased ones left out',
    labelNames: ['state', 'preset'],
    registers,
  });
  const byMachine = ['stage', 'preset', 'status', 'failure_code'] as const;
  const attempts = new Gauge({
    name: 'spaceport_machine_attempts',
    help: 'Machine jobs in the ledger',
    labelNames: byMachine,
    registers,
  });
  const seconds = new Gauge({
    name: 'spaceport_machine_billed_seconds',
    help: 'Seconds of machines that are billed, in the ledger',
    labelNames: byMachine,
    registers,
  });
  const cost = new Gauge({
    name: 'spaceport_machine_cost_usd',
    help: 'What machines have cost, in the ledger',
    labelNames: byMachine,
    registers,
  });

  async function readLedger(): Promise<void> {
    for (const gauge of [jobs, attempts, seconds, cost]) gauge.reset();
    try {
      const [counts, machines] = await Promise.all([ledger.jobs(), ledger.machines()]);
      // A state without jobs is 0, and not missing: an alarm can tell the two apart.
      for (const preset of new Set(counts.map((count) => count.preset)))
        for (const state of JOB_STATES) jobs.set({ state, preset }, 0);
      for (const { state, preset, jobs: count } of counts) jobs.set({ state, preset }, count);
      for (const { stage, preset, status, failureCode, ...total } of machines) {
        const labels = { stage, preset, status, failure_code: failureCode ?? '' };
        attempts.set(labels, total.attempts);
        seconds.set(labels, total.billedSeconds);
        cost.set(labels, total.costUsd);
      }
      databaseUp.set(1);
    } catch (error) {
      logger.warn({ err: error }, 'the ledger cannot be counted for metrics');
      databaseUp.set(0);
    }
  }

  let openStreams = (): number => 0;
  return {
    observe(request, response, next) {
      const startedMs = performance.now();
      response.once('close', () => {
        const { path } = (request.route ?? {}) as { readonly path?: unknown };
        const labels = { method: request.method, route: typeof path === 'string' ? path : NO_ROUTE };
        requests.inc({ ...labels, status: response.statusCode });
        const isStream = String(response.getHeader('content-type')).startsWith('text/event-stream');
        if (!isStream) durations.observe(labels, (performance.now() - startedMs) / 1000);
      });
      next();
    },
    countStreams: (count) => (openStreams = count),
    async told() {
      await readLedger();
      streams.set(openStreams());
      const atMs = indexedAtMs();
      if (atMs === null) indexAge.remove();
      else indexAge.set((now() - atMs) / 1000);
      return { text: await registry.metrics(), mediaType: registry.contentType };
    },
  };
}
