import type { Db } from '../database';

/** Jobs of one state, stage and preset. */
export interface JobCount {
  readonly state: string;
  /** Null of those that are queued. */
  readonly stage: string | null;
  readonly preset: string;
  /** Of failed and parked ones, a code of contracts/job/failures. */
  readonly failureCode: string | null;
  readonly jobs: number;
}

/** Jobs that wait for the same. */
export interface WaitCount {
  /** One of WAITS_FOR. */
  readonly waitingFor: string | null;
  readonly jobs: number;
  /** Since when the first of them waits. */
  readonly sinceMs: number;
}

/** What all attempts of one kind came to; of those that still run nothing is billed yet. */
export interface MachineTotal {
  readonly stage: string;
  readonly preset: string;
  readonly status: string;
  /** A code of contracts/job/failures; null where there was none. */
  readonly failureCode: string | null;
  readonly attempts: number;
  readonly billedSeconds: number;
  readonly costUsd: number;
}

/** The whole deployment in a few numbers, all tenants together. */
export interface LedgerTotals {
  /** Jobs that are not erased. */
  jobs(): Promise<readonly JobCount[]>;
  /** Of these, those that wait. */
  waits(): Promise<readonly WaitCount[]>;
  /** Of these, those that have failed or were parked at that time, in milliseconds since 1970, or later. */
  failuresSince(fromMs: number): Promise<number>;
  /** Erased jobs count too. */
  machines(): Promise<readonly MachineTotal[]>;
  /** What machines cost that ended at that time or later; erased jobs count too. */
  costUsdSince(fromMs: number): Promise<number>;
}

export const createLedgerTotals = (db: Db): LedgerTotals => ({
  jobs: () =>
    db
      .selectFrom('jobs')
      .select(({ fn }) => ['state', 'stage', 'preset', 'failureCode', fn.countAll<number>().as('jobs')])
      .where('erasedAtMs', 'is', null)
      .groupBy(['state', 'stage', 'preset', 'failureCode'])
      .execute(),
  waits: () =>
    db
      .selectFrom('jobs')
      .select(({ fn }) => [
        'waitingFor',
        fn.countAll<number>().as('jobs'),
        fn.min<number>('waitingSinceMs').as('sinceMs'),
      ])
      .where('erasedAtMs', 'is', null)
      .where('waitingFor', 'is not', null)
      .groupBy('waitingFor')
      .execute(),
  async failuresSince(fromMs) {
    const { failures } = await db
      .selectFrom('jobs')
      .select(({ fn }) => fn.countAll<number>().as('failures'))
      .where('erasedAtMs', 'is', null)
      .where('state', 'in', ['failed', 'parked'])
      // A parked job has no end.
      .where(({ fn }) => fn.coalesce('endedAtMs', 'updatedAtMs'), '>=', fromMs)
      .executeTakeFirstOrThrow();
    return failures;
  },
  machines: () =>
    db
      .selectFrom('attempts')
      .select(({ fn }) => [
        'stage',
        'preset',
        'status',
        'failureCode',
        fn.countAll<number>().as('attempts'),
        fn.sum<number>('billedSeconds').as('billedSeconds'),
        fn.sum<number>('costUsd').as('costUsd'),
      ])
      .groupBy(['stage', 'preset', 'status', 'failureCode'])
      .execute(),
  async costUsdSince(fromMs) {
    const { costUsd } = await db
      .selectFrom('attempts')
      .select(({ fn }) => fn.sum<number | null>('costUsd').as('costUsd'))
      .where('endedAtMs', '>=', fromMs)
      .executeTakeFirstOrThrow();
    return costUsd ?? 0;
  },
});
