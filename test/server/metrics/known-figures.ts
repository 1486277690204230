import type { MetricsDeps } from '../../../server/metrics/metrics';

export const NOW_MS = 1_000_000;

/** A ledger with one of everything that metrics tell. */
export const ledger: MetricsDeps['ledger'] = {
  jobs: () =>
    Promise.resolve([
      { state: 'succeeded', stage: 'publish', preset: 'preview', failureCode: null, jobs: 3 },
      { state: 'failed', stage: 'training', preset: 'preview', failureCode: 'OUT_OF_MEMORY', jobs: 1 },
      { state: 'failed', stage: 'training', preset: 'preview', failureCode: 'NO_PHOTOS', jobs: 2 },
    ]),
  failuresSince: (fromMs) => Promise.resolve(fromMs === NOW_MS - 3600_000 ? 1 : 3),
  waits: () =>
    Promise.resolve([
      { waitingFor: 'capacity', jobs: 2, sinceMs: NOW_MS - 90_000 },
      { waitingFor: 'decision', jobs: 1, sinceMs: NOW_MS - 900_000 },
    ]),
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
  costUsdSince: (fromMs) => Promise.resolve(fromMs === NOW_MS - 24 * 3600_000 ? 0.25 : 0.5),
};

/** Queues and upkeep as Temporal would know them. */
export const temporal: MetricsDeps['temporal'] = {
  queues: () =>
    Promise.resolve([
      { queue: 'watch', kind: 'activity', backlogTasks: 5, backlogAgeSeconds: 1.5, pollers: 2 },
      { queue: 'photos', kind: 'activity', backlogTasks: 1, backlogAgeSeconds: 7, pollers: 2 },
    ]),
  upkeepEndedAtMs: () => Promise.resolve(NOW_MS - 60_000),
};
