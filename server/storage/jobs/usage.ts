import { sql } from 'kysely';
import type { ComparableAttempt } from '../../../contracts/estimates/estimate';
import type { JobState } from '../../../contracts/job/state';
import { parseJobOptions } from '../../../contracts/stages/options';
import type { PresetName } from '../../../contracts/stages/presets';
import type { Stage } from '../../../contracts/stages/stage';
import type { Db } from '../database';
import { objectIn } from '../json-text';

/** What the machines of one day, preset and stage came to. A machine counts on the day of its end, in UTC. */
export interface UsageLine {
  /** The day's first millisecond. */
  readonly dayMs: number;
  readonly preset: string;
  readonly stage: string;
  /** Jobs that had such machines. */
  readonly jobs: number;
  readonly attempts: number;
  readonly billedSeconds: number;
  readonly costUsd: number;
}

/** The same of a whole period. */
export type UsageTotals = Omit<UsageLine, 'dayMs' | 'preset' | 'stage'>;

/** A period: `fromMs` belongs to it, `toMs` does not. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Usage {
  /** In the order of days, presets and stages; erased jobs count too. */
  lines(tenant: string, period: Period): Promise<readonly UsageLine[]>;
  /** A job that ran on several days counts once. */
  totals(tenant: string, period: Period): Promise<UsageTotals>;
  /** What machines of a tenant that ended in the period have cost, in USD. */
  spentUsd(tenant: string, period: Period): Promise<number>;
  /** What a tenant's open jobs are expected to cost at least, beyond what they have, in USD. */
  committedUsd(tenant: string): Promise<number>;
  /**
   * The newest completed attempts at a stage under a preset on a machine type, of a tenant or of all: whole scenes of
   * which photos and options are known.
   */
  comparable(
    alike: { readonly preset: PresetName; readonly stage: Stage; readonly instanceType: string },
    tenant: string | null,
    limit: number,
  ): Promise<readonly ComparableAttempt[]>;
}

/** In which machines are rented without anybody's doing. */
const OPEN_STATES = ['queued', 'running', 'waiting'] as const satisfies readonly JobState[];

const DAY_MS = 24 * 3600 * 1000;

export function createUsage(db: Db): Usage {
  return {
    async lines(tenant, { fromMs, toMs }) {
      const day = sql<number>`${sql.ref('endedAtMs')} / ${sql.lit(DAY_MS)}`;
      const lines = await db
        .selectFrom('attempts')
        .select(({ fn }) => [
          day.as('day'),
          'preset',
          'stage',
          fn.count<number>('jobId').distinct().as('jobs'),
          fn.countAll<number>().as('attempts'),
          fn.sum<number>('billedSeconds').as('billedSeconds'),
          fn.sum<number>('costUsd').as('costUsd'),
        ])
        .where('tenant', '=', tenant)
        .where('endedAtMs', '>=', fromMs)
        .where('endedAtMs', '<', toMs)
        .groupBy([day, 'preset', 'stage'])
        .orderBy(day)
        .orderBy('preset')
        .orderBy('stage')
        .execute();
      return lines.map(({ day: dayNumber, ...line }) => ({ dayMs: dayNumber * DAY_MS, ...line }));
    },

    async totals(tenant, { fromMs, toMs }) {
      const { billedSeconds, costUsd, ...counts } = await db
        .selectFrom('attempts')
        .select(({ fn }) => [
          fn.count<number>('jobId').distinct().as('jobs'),
          fn.countAll<number>().as('attempts'),
          fn.sum<number | null>('billedSeconds').as('billedSeconds'),
          fn.sum<number | null>('costUsd').as('costUsd'),
        ])
        .where('tenant', '=', tenant)
        .where('endedAtMs', '>=', fromMs)
        .where('endedAtMs', '<', toMs)
        .executeTakeFirstOrThrow();
      return { ...counts, billedSeconds: billedSeconds ?? 0, costUsd: costUsd ?? 0 };
    },

    async spentUsd(tenant, { fromMs, toMs }) {
      const { spent } = await db
        .selectFrom('attempts')
        .select(({ fn }) => fn.sum<number | null>('costUsd').as('spent'))
        .where('tenant', '=', tenant)
        .where('endedAtMs', '>=', fromMs)
        .where('endedAtMs', '<', toMs)
        .executeTakeFirstOrThrow();
      return spent ?? 0;
    },

    async committedUsd(tenant) {
      const { committed } = await db
        .selectFrom('jobs')
        .select(({ fn, eb }) => fn.sum<number | null>(eb('expectedUsd', '-', eb.ref('costUsd'))).as('committed'))
        .where('tenant', '=', tenant)
        .where('state', 'in', OPEN_STATES)
        .whereRef('expectedUsd', '>', 'costUsd')
        .executeTakeFirstOrThrow();
      return committed ?? 0;
    },

    async comparable({ preset, stage, instanceType }, tenant, limit) {
      let query = db
        .selectFrom('attempts')
        .select(['photos', 'options', 'billedSeconds'])
        .where('preset', '=', preset)
        .where('stage', '=', stage)
        .where('status', '=', 'Completed')
        .where('instanceType', '=', instanceType)
        .where('photos', '>', 0)
        .where('billedSeconds', '>', 0)
        .where('options', 'is not', null)
        .where('endedAtMs', 'is not', null)
        .orderBy('endedAtMs', 'desc')
        .limit(limit);
      if (tenant !== null) query = query.where('tenant', '=', tenant);
      return (await query.execute()).flatMap(({ photos, options, billedSeconds }) => {
        const known = parseJobOptions(objectIn(options ?? '{}'));
        return known.ok && photos !== null ? [{ photos, options: known.value, billedSeconds }] : [];
      });
    },
  };
}
