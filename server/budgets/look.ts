import type { BudgetStanding } from '../../contracts/usage/budget';
import type { Tenant, Tenants } from '../storage/tenants';
import type { TellOfBudget } from './alerts';
import type { Budgets } from './budgets';
import type { WriteDown } from './write-down';

export interface LookDeps {
  readonly tenants: Pick<Tenants, 'list'>;
  readonly budgets: Pick<Budgets, 'standing'>;
  readonly writeDown: WriteDown;
  readonly tell: TellOfBudget;
}

/**
 * Looks once at every tenant's budget: first all are written down, then those are told who are to be. Throws where the
 * database, S3 or Temporal do not answer; the next look does the rest.
 */
export const createLookAtBudgets =
  ({ tenants, budgets, writeDown, tell }: LookDeps): (() => Promise<void>) =>
  async () => {
    const found: [Tenant, BudgetStanding][] = [];
    for (const tenant of await tenants.list()) {
      const { id, monthlyBudgetUsd } = tenant;
      const standing = monthlyBudgetUsd === null ? null : await budgets.standing(id, monthlyBudgetUsd);
      await writeDown(id, standing);
      if (standing !== null) found.push([tenant, standing]);
    }
    for (const [tenant, standing] of found) await tell(tenant, standing);
  };
