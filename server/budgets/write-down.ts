import { exhaustion, type BudgetStanding } from '../../contracts/usage/budget';
import type { UsedUpBudgets } from '../../platform/used-up-budgets';

/**
 * Writes down for the workers whether a tenant's budget is used up: what was taken in before and begins later, of
 * batches, schedules and later starts, begins without the database. Throws where S3 does not answer.
 * @param standing null = the tenant has no budget
 */
export type WriteDown = (tenant: string, standing: BudgetStanding | null) => Promise<void>;

export function createWriteDown(usedUp: Pick<UsedUpBudgets, 'note'>): WriteDown {
  /** What was written down last, by tenant. */
  const noted = new Map<string, string | null>();
  return async (tenant, standing) => {
    const message = standing === null ? null : exhaustion(standing);
    if (noted.get(tenant) === message) return;
    await usedUp.note(tenant, standing === null || message === null ? null : { month: standing.month, message });
    noted.set(tenant, message);
  };
}
