import type { BudgetAlert } from '../../contracts/messages/budget-alert';
import { reachedPercents, type BudgetStanding } from '../../contracts/usage/budget';
import type { AlertId, BudgetAlerts } from '../storage/budget-alerts';
import type { Tenant } from '../storage/tenants';

export interface AlertDeps {
  readonly alerts: BudgetAlerts;
  /** Hands a mail over to Temporal; harmless where it was handed over before. */
  readonly send: SendAlert;
  readonly now: () => number;
}

export type SendAlert = (alert: BudgetAlert) => Promise<void>;

/**
 * Sends an open tenant the mail about its budget that is due: each percentage once a month, and of several that are
 * reached at once, as by a budget that was made smaller, the highest alone. A tenant without an address is told nothing
 * until it has one. Throws where the database or Temporal do not answer.
 */
export type TellOfBudget = (tenant: Tenant, standing: BudgetStanding) => Promise<void>;

export const createTellOfBudget =
  ({ alerts, send, now }: AlertDeps): TellOfBudget =>
  async ({ id: tenant, name, alertEmail, closedAtMs }, { month, monthlyBudgetUsd: budgetUsd, spentUsd }) => {
    if (budgetUsd === null || alertEmail === null || closedAtMs !== null) return;
    const due: AlertId[] = [];
    for (const percent of reachedPercents(spentUsd, budgetUsd)) {
      const alert = { tenant, month, percent };
      if (await alerts.due(alert, now())) due.push(alert);
    }
    const highest = due.at(-1);
    if (highest === undefined) return;
    await send({ ...highest, name, email: alertEmail, spentUsd, budgetUsd });
    for (const alert of due) await alerts.handedOver(alert, now());
  };
