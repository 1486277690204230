import type { Db } from '../database';

/** Jobs of one state and preset. */
export interface JobCount {
  readonly state: string;
  readonly preset: string;
  readonly jobs: number;
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
  /** Erased jobs count too. */
  machines(): Promise<readonly MachineTotal[]>;
}

export const createLedgerTotals = (db: Db): LedgerTotals => ({
  jobs: () =>
    db
      .selectFrom('jobs')
      .select(({ fn }) => ['state', 'preset', fn.countAll<number>().as('jobs')])
      .where('erasedAtMs', 'is', null)
      .groupBy(['state', 'preset'])
      .execute(),
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
});
