import type { BudgetAlert } from '../../contracts/messages/budget-alert';
import { monthOf, reachedPercents } from '../../contracts/usage/budget';
import type { BudgetAlerts } from '../storage/budget-alerts';
import type { Usage } from '../storage/jobs/usage';
import type { Tenant, Tenants } from '../storage/tenants';

export interface AlertDeps {
  readonly tenants: Pick<Tenants, 'list'>;
  readonly usage: Pick<Usage, 'spentUsd'>;
  readonly alerts: BudgetAlerts;
  /** Hands a mail over to Temporal; harmless where it was handed over before. */
  readonly send: SendAlert;
  readonly now: () => number;
}

export type SendAlert = (alert: BudgetAlert) => Promise<void>;

/**
 * Looks once at what every open tenant has spent this month, and sends the mails that are due: one for each percentage,
 * month and tenant. A tenant without an address is told nothing until it has one. Throws where the database or Temporal
 * do not answer; the rest is sent by the next look.
 */
export const createAlertRound =
  ({ tenants, usage, alerts, send, now }: AlertDeps): (() => Promise<void>) =>
  async () => {
    const month = monthOf(now());
    const tell = async (tenant: Tenant, budgetUsd: number, email: string): Promise<void> => {
      const spentUsd = await usage.spentUsd(tenant.id, month);
      for (const percent of reachedPercents(spentUsd, budgetUsd)) {
        const id = { tenant: tenant.id, month: month.name, percent };
        if (!(await alerts.due(id, now()))) continue;
        await send({ ...id, name: tenant.name, email, spentUsd, budgetUsd });
        await alerts.handedOver(id, now());
      }
    };
    for (const tenant of await tenants.list()) {
      const { monthlyBudgetUsd, alertEmail, closedAtMs } = tenant;
      if (monthlyBudgetUsd !== null && alertEmail !== null && closedAtMs === null)
        await tell(tenant, monthlyBudgetUsd, alertEmail);
    }
  };
