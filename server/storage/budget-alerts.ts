import type { AlertPercent } from '../../contracts/usage/budget';
import type { Db } from './database';

/** One alert of a tenant's budget: there is one for each month and percentage. */
export interface AlertId {
  readonly tenant: string;
  /** `2026-11` */
  readonly month: string;
  readonly percent: AlertPercent;
}

/** Which alerts of budgets were sent. */
export interface BudgetAlerts {
  /**
   * Notes that an alert is due; false where it has been handed over before. One that is due and was not handed over,
   * since its server was lost, is due again.
   */
  due(alert: AlertId, nowMs: number): Promise<boolean>;
  /** It is in Temporal's hands, which sends it however long that takes, or a higher one is in its place. */
  handedOver(alert: AlertId, nowMs: number): Promise<void>;
}

export function createBudgetAlerts(db: Db): BudgetAlerts {
  return {
    async due(alert, nowMs) {
      await db
        .insertInto('budgetAlerts')
        .values({ ...alert, createdAtMs: nowMs, handedOverAtMs: null })
        .onConflict((conflict) => conflict.columns(['tenant', 'month', 'percent']).doNothing())
        .execute();
      const waiting = await db
        .selectFrom('budgetAlerts')
        .select('percent')
        .where('tenant', '=', alert.tenant)
        .where('month', '=', alert.month)
        .where('percent', '=', alert.percent)
        .where('handedOverAtMs', 'is', null)
        .executeTakeFirst();
      return waiting !== undefined;
    },

    async handedOver({ tenant, month, percent }, nowMs) {
      await db
        .updateTable('budgetAlerts')
        .set({ handedOverAtMs: nowMs })
        .where('tenant', '=', tenant)
        .where('month', '=', month)
        .where('percent', '=', percent)
        .execute();
    },
  };
}
