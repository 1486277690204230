import { ledger, NOW_MS, temporal } from './known-figures';
import { emfMetricsOf, publisherOf } from './cloudwatch';

const place = { namespace: 'Spaceport', deployment: 'alpha' };
const away = (): Promise<never> => Promise.reject(new Error('away'));

test('a line has the figures that Prometheus reads, each with its unit and the deployment as its only dimension', async () => {
  const { publisher, lines } = publisherOf(place);
  await publisher.publish();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  const metrics = emfMetricsOf(lines[0]!);
  for (const { namespace, dimensions } of metrics)
    expect({ namespace, dimensions }).toEqual({ namespace: 'Spaceport', dimensions: { Deployment: 'alpha' } });
  expect(Object.fromEntries(metrics.map(({ name, value, unit }) => [name, [value, unit]]))).toEqual({
    RecentJobFailures: [1, 'Count'],
    RecentMachineCostUsd: [0.25, 'None'],
    CapacityWait: [90, 'Seconds'],
    SinceUpkeep: [60, 'Seconds'],
    TaskQueueBacklogAge: [7, 'Seconds'],
    IndexAge: [2.5, 'Seconds'],
  });
  expect(JSON.parse(lines[0]!)).toMatchObject({ _aws: { Timestamp: NOW_MS } });
});

test('of several servers the one that keeps the index of jobs tells', async () => {
  let isLeader = false;
  const { publisher, lines } = publisherOf(place, { isLeader: () => isLeader });
  await publisher.publish();
  expect(lines).toEqual([]);
  isLeader = true;
  await publisher.publish();
  expect(lines).toHaveLength(1);
});

test('what database and Temporal do not tell is left out of the line, and not 0', async () => {
  const namesOf = async (changes: Parameters<typeof publisherOf>[1]): Promise<string[]> => {
    const { publisher, lines } = publisherOf(place, changes);
    await publisher.publish();
    return emfMetricsOf(lines[0]!).map(({ name }) => name);
  };
  const index = { indexedAtMs: () => null };
  expect(await namesOf({ temporal: { ...temporal, upkeepEndedAtMs: async () => null } })).not.toContain('SinceUpkeep');
  expect(await namesOf({ ...index, ledger: { ...ledger, costUsdSince: away } })).toEqual([
    'SinceUpkeep',
    'TaskQueueBacklogAge',
  ]);
  expect(await namesOf({ ...index, temporal: { ...temporal, queues: away } })).toEqual([
    'RecentJobFailures',
    'RecentMachineCostUsd',
    'CapacityWait',
  ]);
});
