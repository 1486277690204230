import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { createMetrics } from '../../server/metrics/metrics';

const ROOT = path.resolve(__dirname, '../..');
const DASHBOARDS = path.join(ROOT, 'docker/observe/grafana/dashboards');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
/** A file of rules without its comments. */
const rules = (file: string): string => read(`docker/observe/${file}`).replace(/^ *#.*$/gm, '');
const found = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

const operations = read('docs/operations.md');
const alerts = found(rules('alerts.yml'), /- alert: (\w+)/g);

/** What a worker tells, beside the rest of Temporal's SDK (1.24): those that some rule or panel asks for. */
const OF_WORKERS = [
  'spaceport_deliveries_total',
  ...['transfer_seconds', 'memory_bytes', 'gpu_utilization_ratio', 'gpu_memory_bytes'].flatMap((name) =>
    ['bucket', 'sum', 'count'].map((series) => `spaceport_machine_${name}_${series}`),
  ),
  'spaceport_webhook_tries_total',
  'temporal_activity_execution_failed_total',
  'temporal_activity_schedule_to_start_latency_seconds_bucket',
  'temporal_sticky_cache_size',
  'temporal_worker_task_slots_available',
  'temporal_worker_task_slots_used',
  'temporal_workflow_task_execution_failed_total',
];

/** Names of the metrics that a server tells. */
async function ofServers(): Promise<string[]> {
  const nothing = (): Promise<[]> => Promise.resolve([]);
  const none = (): Promise<number> => Promise.resolve(0);
  const metrics = createMetrics({
    ledger: { jobs: nothing, failuresSince: none, waits: nothing, machines: nothing, costUsdSince: none },
    temporal: { queues: nothing, upkeepEndedAtMs: () => Promise.resolve(null) },
    indexedAtMs: () => null,
    logger: pino({ level: 'silent' }),
  });
  const { text } = await metrics.told();
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
}

const queriesOf = (file: string): string[] => {
  const { panels } = JSON.parse(readFileSync(path.join(DASHBOARDS, file), 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
};

test('each alert has its paragraph of what to do, its link there and its cases, and each of them an alert', () => {
  expect(alerts.length).toBeGreaterThan(0);
  expect(found(operations, /^### (Spaceport\w+)$/gm)).toEqual(alerts);
  expect(found(rules('alerts.yml'), /runbook: docs\/operations\.md#(\w+)/g)).toEqual(
    alerts.map((alert) => alert.toLowerCase()).sort(),
  );
  expect(found(read('test/docker/alert-cases.yml'), /- name: (\w+)/g)).toEqual(alerts);
  // Of alerts that hide others, too.
  for (const named of found(rules('alertmanager.yml'), /\b(Spaceport[A-Z]\w+)/g)) expect(alerts).toContain(named);
});

test('rules and panels ask for metrics that the product tells, and all of its own are documented', async () => {
  const told = [...(await ofServers()), ...OF_WORKERS];
  const recorded = found(rules('recorded.yml'), /record: (\S+)/g);
  const asked = [rules('recorded.yml'), rules('alerts.yml'), ...readdirSync(DASHBOARDS).flatMap(queriesOf)].join('\n');
  const names = found(asked, /\b((?:spaceport|temporal|process|nodejs)[_:]\w+(?::\w+)?)/g);
  expect(names.filter((name) => !told.includes(name) && !recorded.includes(name))).toEqual([]);
  const own = told
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => name.startsWith('spaceport_'));
  expect(own.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
(hasPromtool ? test : test.skip)("alerts fire when they should, by Prometheus's own judgement", () => {
  const promtool = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
    return status === 0 ? 'fine' : stdout + stderr;
  };
  expect(promtool('test', 'rules', 'test/docker/alert-cases.yml')).toBe('fine');
  expect(promtool('check', 'config', '--syntax-only', 'docker/observe/prometheus.yml')).toBe('fine');
});
