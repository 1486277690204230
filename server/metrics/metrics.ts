import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../../platform/logger';
import { routeOf } from '../tracing/route-name';
import type { LedgerTotals } from '../storage/jobs/ledger-totals';
import { createLedgerGauges } from './ledger-gauges';
import type { TemporalFigures } from './temporal-figures';
import { createTemporalGauges } from './temporal-gauges';

export interface MetricsDeps {
  readonly ledger: LedgerTotals;
  readonly temporal: TemporalFigures;
  /** Since when the list of jobs has all that Temporal knew, in milliseconds since 1970; null on a server that follows. */
  readonly indexedAtMs: () => number | null;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Some of the values of one metric. */
export interface Series {
  readonly metric: string;
  /** Those that have these labels; all where it names none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The value is a time in seconds since 1970, and what is wanted is how long ago that was. */
  readonly isTimestamp?: boolean;
}

/** What a server tells of itself and of the deployment, in Prometheus' form. */
export interface Metrics {
  /** Counts each request by its route, and times it. */
  readonly observe: RequestHandler;
  /** Asked for the streams that are open, each time that somebody looks. */
  countStreams(count: () => number): void;
  /** The text that Prometheus reads, and its media type. */
  told(): Promise<{ readonly text: string; readonly mediaType: string }>;
  /** The highest value of each series as `told` would have it, by the same names; null where there is none now. */
  highest<K extends string>(series: Readonly<Record<K, Series>>): Promise<Record<K, number | null>>;
}

/** Seconds: most answers take some milliseconds, those that wait for S3 or Temporal up to a minute. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/** Whatever has no route of its own: files of the application, and addresses that nobody serves. */
const NO_ROUTE = 'other';

/** Names and units are those of Prometheus' conventions. */
export function createMetrics({ ledger, temporal, indexedAtMs, logger, now = Date.now }: MetricsDeps): Metrics {
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
  const readLedger = createLedgerGauges(registers, { ledger, logger, now });
  const readTemporal = createTemporalGauges(registers, { temporal, logger });

  let openStreams = (): number => 0;
  let reading: Promise<void> | null = null;
  /** Reads all figures anew, once for those who ask meanwhile: a second reading would empty gauges of the first. */
  const read = (): Promise<void> =>
    (reading ??= Promise.all([readLedger(), readTemporal()])
      .then(() => {
        streams.set(openStreams());
        const atMs = indexedAtMs();
        if (atMs === null) indexAge.remove();
        else indexAge.set((now() - atMs) / 1000);
      })
      .finally(() => (reading = null)));

  const highestOf = async ({ metric, labels = {}, isTimestamp = false }: Series): Promise<number | null> => {
    const found = await registry.getSingleMetric(metric)?.get();
    const values = (found?.values ?? []).filter((each) =>
      Object.entries(labels).every(([label, value]) => each.labels[label] === value),
    );
    if (values.length === 0) return null;
    const value = Math.max(...values.map((each) => each.value));
    return isTimestamp ? now() / 1000 - value : value;
  };

  return {
    observe(request, response, next) {
      const startedMs = performance.now();
      response.once('close', () => {
        const labels = { method: request.method, route: routeOf(request) ?? NO_ROUTE };
        requests.inc({ ...labels, status: response.statusCode });
        const isStream = String(response.getHeader('content-type')).startsWith('text/event-stream');
        if (!isStream) durations.observe(labels, (performance.now() - startedMs) / 1000);
      });
      next();
    },
    countStreams: (count) => (openStreams = count),
    async told() {
      await read();
      return { text: await registry.metrics(), mediaType: registry.contentType };
    },
    async highest<K extends string>(series: Readonly<Record<K, Series>>) {
      await read();
      const entries = Object.entries<Series>(series).map(
        async ([name, each]) => [name, await highestOf(each)] as const,
      );
      return Object.fromEntries(await Promise.all(entries)) as Record<K, number | null>;
    },
  };
}
