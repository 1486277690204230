import { sql } from 'kysely';
import type { PresetName } from '../../../contracts/stages/presets';
import type { Stage } from '../../../contracts/stages/stage';
import type { Db } from '../database';
import { WHOLE_SCENE } from './job-rows';

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

/** One completed attempt of the ledger, to compare with. */
export interface ComparableAttempt {
  readonly photos: number;
  readonly instanceType: string;
  readonly billedSeconds: number;
  readonly costUsd: number;
  readonly endedAtMs: number;
}

/** A period: `fromMs` belongs to it, `toMs` does not. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Usage {
  /** In the order of days, presets and stages; erased jobs count too. */
  lines(tenant: string, period: Period): Promise<readonly UsageLine[]>;
  /** What machines of a tenant that ended in the period have cost, in USD. */
  spentUsd(tenant: string, period: Period): Promise<number>;
  /**
   * The newest completed attempts at a stage under a preset, of all tenants: whole scenes of which the photos are
   * known, with at least `minPhotos` and at most `maxPhotos`.
   */
  comparable(
    preset: PresetName,
    stage: Stage,
    photos: { readonly minPhotos: number; readonly maxPhotos: number },
    limit: number,
  ): Promise<readonly ComparableAttempt[]>;
}

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

    async comparable(preset, stage, { minPhotos, maxPhotos }, limit) {
      const rows = await db
        .selectFrom('attempts')
        .select(['photos', 'instanceType', 'billedSeconds', 'costUsd', 'endedAtMs'])
        .where('preset', '=', preset)
        .where('stage', '=', stage)
        .where('status', '=', 'Completed')
        .where('part', '=', WHOLE_SCENE)
        .where('photos', '>=', minPhotos)
        .where('photos', '<=', maxPhotos)
        .where('endedAtMs', 'is not', null)
        .orderBy('endedAtMs', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ photos, endedAtMs, ...row }) => ({ ...row, photos: photos ?? 0, endedAtMs: endedAtMs ?? 0 }));
    },
  };
}
