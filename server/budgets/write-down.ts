import type { UsedUpBudgets } from '../../platform/used-up-budgets';
import type { Tenants } from '../storage/tenants';
import { exhaustion, type Budgets } from './budgets';

export interface WriteDownDeps {
  readonly tenants: Pick<Tenants, 'list'>;
  readonly budgets: Pick<Budgets, 'standing'>;
  readonly usedUp: Pick<UsedUpBudgets, 'note'>;
}

/**
 * Looks once at every tenant's budget, and writes down for the workers which are used up: what was taken in before and
 * begins later, of batches, schedules and later starts, begins without the database. Throws where the database or S3 do
 * not answer; the next look does the rest.
 */
export function createWriteDown({ tenants, budgets, usedUp }: WriteDownDeps): () => Promise<void> {
  /** What was written down last, by tenant. */
  const noted = new Map<string, string | null>();
  return async () => {
    for (const { id, monthlyBudgetUsd } of await tenants.list()) {
      const standing = monthlyBudgetUsd === null ? null : await budgets.standing(id, monthlyBudgetUsd);
      const message = standing === null ? null : exhaustion(standing);
      if (noted.get(id) === message) continue;
      await usedUp.note(id, standing === null || message === null ? null : { month: standing.month, message });
      noted.set(id, message);
    }
  };
}
