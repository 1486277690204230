import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import pino from 'pino';
import request from 'supertest';
import { createMetricsListener } from '../../../server/metrics/listener';
import { createMetrics, type Metrics, type MetricsDeps } from '../../../server/metrics/metrics';

const logger = pino({ level: 'silent' });
const NOW_MS = 1_000_000;

const ledger: MetricsDeps['ledger'] = {
  jobs: () => Promise.resolve([{ state: 'succeeded', preset: 'preview', jobs: 3 }]),
  machines: () =>
    Promise.resolve([
      {
        stage: 'training',
        preset: 'preview',
        status: 'Failed',
        failureCode: 'OUT_OF_MEMORY',
        attempts: 2,
        billedSeconds: 120,
        costUsd: 0.5,
      },
    ]),
};

const metricsOf = (changes: Partial<MetricsDeps> = {}): Metrics =>
  createMetrics({ ledger, indexedAtMs: () => NOW_MS - 2500, logger, now: () => NOW_MS, ...changes });

function appOf({ observe }: Metrics): Express {
  const app = express();
  app.use(observe);
  app.get('/v1/jobs/:jobId', (_request, response) => void response.json({}));
  app.get('/events', (_request, response) => void response.type('text/event-stream').end());
  return app;
}

/** Value of a line by its name and labels. */
const value = (text: string, line: string): string | undefined =>
  text
    .split('\n')
    .find((each) => each.startsWith(`${line} `))
    ?.slice(line.length + 1);

test('requests are counted by the address of their route, and not by what people write into it', async () => {
  const metrics = metricsOf();
  const app = appOf(metrics);
  for (const path of ['/v1/jobs/a', '/v1/jobs/b', '/nowhere/a', '/nowhere/b', '/events']) await request(app).get(path);
  const { text } = await metrics.told();
  const counted = (labels: string): string | undefined => value(text, `spaceport_http_requests_total{${labels}}`);
  expect(counted('method="GET",route="/v1/jobs/:jobId",status="200"')).toBe('2');
  expect(counted('method="GET",route="other",status="404"')).toBe('2');
  const timed = (route: string): string | undefined =>
    value(text, `spaceport_http_request_duration_seconds_count{method="GET",route="${route}"}`);
  expect([timed('/v1/jobs/:jobId'), timed('/events')]).toEqual(['2', undefined]);
});

test('jobs and machines are told as the ledger has them, and states without jobs as 0', async () => {
  const metrics = metricsOf();
  metrics.countStreams(() => 7);
  const { text } = await metrics.told();
  const labels = 'stage="training",preset="preview",status="Failed",failure_code="OUT_OF_MEMORY"';
  expect(value(text, 'spaceport_jobs{state="succeeded",preset="preview"}')).toBe('3');
  expect(value(text, 'spaceport_jobs{state="waiting",preset="preview"}')).toBe('0');
  expect(value(text, `spaceport_machine_attempts{${labels}}`)).toBe('2');
  expect(value(text, `spaceport_machine_billed_seconds{${labels}}`)).toBe('120');
  expect(value(text, `spaceport_machine_cost_usd{${labels}}`)).toBe('0.5');
  expect(value(text, 'spaceport_event_streams')).toBe('7');
  expect(value(text, 'spaceport_index_age_seconds')).toBe('2.5');
  expect(value(text, 'spaceport_database_up')).toBe('1');
});

test('without its database a server still tells of itself, and says so; one that follows has no index to tell of', async () => {
  let isAway = false;
  const jobs: MetricsDeps['ledger']['jobs'] = () => (isAway ? Promise.reject(new Error('away')) : ledger.jobs());
  const metrics = metricsOf({ ledger: { ...ledger, jobs }, indexedAtMs: () => null });
  await metrics.told();
  isAway = true;
  const { text } = await metrics.told();
  expect(value(text, 'spaceport_database_up')).toBe('0');
  expect(value(text, 'spaceport_jobs{state="succeeded",preset="preview"}')).toBeUndefined();
  expect(value(text, 'spaceport_index_age_seconds')).toBeUndefined();
  expect(value(text, 'process_start_time_seconds')).toBeDefined();
});

test('metrics have an address of their own, with nothing else below it', async () => {
  const listener = createMetricsListener(metricsOf(), logger).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const response = await fetch(`${address}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
  expect(await response.text()).toContain('# TYPE spaceport_http_requests_total counter');
  expect((await fetch(`${address}/v1/jobs`)).status).toBe(404);
  expect((await fetch(`${address}/metrics`, { method: 'POST' })).status).toBe(404);
  listener.close();
});
