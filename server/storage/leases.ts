import type { Db } from './database';

/** Work that one server at a time does, where several share a database. */
export interface Leases {
  /**
   * Takes a lease, or renews one's own; false while another holder has it. By the callers' clocks: servers whose clocks
   * differ by more than a lease lasts may both have it for a while, which leased work has to bear.
   */
  hold(name: string, holder: string, nowMs: number, untilMs: number): Promise<boolean>;
  /** Gives it back before its time; harmless where another holder has it. */
  release(name: string, holder: string): Promise<void>;
}

export function createLeases(db: Db): Leases {
  return {
    async hold(name, holder, nowMs, untilMs) {
      const held = await db
        .insertInto('leases')
        .values({ name, holder, expiresAtMs: untilMs })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, expiresAtMs: untilMs })
            .where(({ or, eb }) => or([eb('leases.holder', '=', holder), eb('leases.expiresAtMs', '<=', nowMs)])),
        )
        .returning('name')
        .executeTakeFirst();
      return held !== undefined;
    },

    async release(name, holder) {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
    },
  };
}
