import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import pino from 'pino';
import request from 'supertest';
import { createMetricsListener } from '../../../server/metrics/listener';
import { createMetrics, type Metrics, type MetricsDeps } from '../../../server/metrics/metrics';
import { ToldMetrics } from '../../helpers/observe/told-metrics';
import { ledger, NOW_MS, temporal } from './known-figures';

const logger = pino({ level: 'silent' });
const metricsOf = (changes: Partial<MetricsDeps> = {}): Metrics =>
  createMetrics({ ledger, temporal, indexedAtMs: () => NOW_MS - 2500, logger, now: () => NOW_MS, ...changes });

function appOf({ observe }: Metrics): Express {
  const app = express();
  app.use(observe);
  app.get('/v1/jobs/:jobId', (_request, response) => void response.json({}));
  app.get('/events', (_request, response) => void response.type('text/event-stream').end());
  return app;
}

const told = async (metrics: Metrics): Promise<ToldMetrics> => ToldMetrics.of((await metrics.told()).text);

test('requests are counted by the address of their route, and not by what people write into it', async () => {
  const metrics = metricsOf();
  const app = appOf(metrics);
  for (const path of ['/v1/jobs/a', '/v1/jobs/b', '/nowhere/a', '/nowhere/b', '/events']) await request(app).get(path);
  const known = await told(metrics);
  const counted = (route: string, status: string): number | undefined =>
    known.sum('spaceport_http_requests_total', { method: 'GET', route, status });
  expect(counted('/v1/jobs/:jobId', '200')).toBe(2);
  expect(counted('other', '404')).toBe(2);
  const timed = (route: string): number | undefined =>
    known.sum('spaceport_http_request_duration_seconds_count', { method: 'GET', route });
  expect([timed('/v1/jobs/:jobId'), timed('/events')]).toEqual([2, undefined]);
});

test('jobs and machines are told as the ledger has them, and states without jobs as 0', async () => {
  const metrics = metricsOf();
  metrics.countStreams(() => 7);
  const known = await told(metrics);
  const attempts = { stage: 'training', preset: 'preview', status: 'Failed', failure_code: 'OUT_OF_MEMORY' };
  expect(known.sum('spaceport_jobs', { state: 'succeeded', stage: 'publish', preset: 'preview' })).toBe(3);
  expect(known.sum('spaceport_jobs', { state: 'failed', stage: 'training' })).toBe(3);
  expect(known.sum('spaceport_jobs', { state: 'waiting', preset: 'preview' })).toBe(0);
  expect(known.sum('spaceport_job_failures', { state: 'failed', failure_code: 'OUT_OF_MEMORY' })).toBe(1);
  expect(known.sum('spaceport_jobs_waiting', { waits_for: 'capacity' })).toBe(2);
  expect(known.sum('spaceport_job_wait_age_seconds', { waits_for: 'capacity' })).toBe(90);
  expect(known.sum('spaceport_job_wait_age_seconds', { waits_for: 'resume' })).toBe(0);
  expect(known.sum('spaceport_recent_job_failures')).toBe(1);
  expect(known.sum('spaceport_recent_machine_cost_usd')).toBe(0.25);
  expect(known.sum('spaceport_machine_attempts', attempts)).toBe(2);
  expect(known.sum('spaceport_machine_billed_seconds', attempts)).toBe(120);
  expect(known.sum('spaceport_machine_cost_usd', attempts)).toBe(0.5);
  expect(known.sum('spaceport_event_streams')).toBe(7);
  expect(known.sum('spaceport_index_age_seconds')).toBe(2.5);
  expect(known.sum('spaceport_database_up')).toBe(1);
});

test('queues and the last round of upkeep are told as Temporal has them, and missing while it is away', async () => {
  let isAway = false;
  const queues: MetricsDeps['temporal']['queues'] = () =>
    isAway ? Promise.reject(new Error('away')) : temporal.queues();
  const metrics = metricsOf({ temporal: { ...temporal, queues } });
  const watch = { queue: 'watch', kind: 'activity' };
  const known = await told(metrics);
  expect(known.sum('spaceport_temporal_up')).toBe(1);
  expect(known.sum('spaceport_task_queue_backlog_tasks', watch)).toBe(5);
  expect(known.sum('spaceport_task_queue_backlog_age_seconds', watch)).toBe(1.5);
  expect(known.sum('spaceport_task_queue_pollers', watch)).toBe(2);
  expect(known.sum('spaceport_upkeep_last_success_timestamp_seconds')).toBe(NOW_MS / 1000 - 60);
  isAway = true;
  const away = await told(metrics);
  expect(away.sum('spaceport_temporal_up')).toBe(0);
  expect(away.sum('spaceport_task_queue_backlog_tasks')).toBeUndefined();
  expect(away.sum('spaceport_upkeep_last_success_timestamp_seconds')).toBeUndefined();
  expect(away.sum('spaceport_database_up')).toBe(1);
});

test('without its database a server still tells of itself, and says so; one that follows has no index to tell of', async () => {
  let isAway = false;
  const jobs: MetricsDeps['ledger']['jobs'] = () => (isAway ? Promise.reject(new Error('away')) : ledger.jobs());
  const metrics = metricsOf({ ledger: { ...ledger, jobs }, indexedAtMs: () => null });
  await metrics.told();
  isAway = true;
  const known = await told(metrics);
  expect(known.sum('spaceport_database_up')).toBe(0);
  for (const name of ['spaceport_jobs', 'spaceport_recent_job_failures', 'spaceport_recent_machine_cost_usd'])
    expect(known.sum(name)).toBeUndefined();
  expect(known.sum('spaceport_index_age_seconds')).toBeUndefined();
  expect(known.sum('process_start_time_seconds')).toBeDefined();
});

test('readers at the same time count nothing twice', async () => {
  const metrics = metricsOf();
  for (const known of await Promise.all([told(metrics), told(metrics)]))
    expect(known.sum('spaceport_jobs', { state: 'succeeded' })).toBe(3);
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
