import { exhaustion, monthOf, type BudgetStanding } from '../../contracts/usage/budget';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { Usage } from '../storage/jobs/usage';
import type { Tenants } from '../storage/tenants';

/** Budgets of tenants by month. Calls throw UNAVAILABLE where the database does not answer. */
export interface Budgets {
  /** What has become of a tenant's budget this month, whatever the budget is. */
  standing(tenant: string, monthlyBudgetUsd: number | null): Promise<BudgetStanding>;
  /** The same of a tenant whose budget is to be looked up; null where it has none. */
  of(tenant: string): Promise<BudgetStanding | null>;
  /** Throws BUDGET_EXHAUSTED where nothing more may be spent this month. */
  refuseExhausted(caller: Pick<Caller, 'tenant'>): Promise<void>;
}

export interface BudgetDeps {
  readonly tenants: Pick<Tenants, 'find'>;
  readonly usage: Pick<Usage, 'spentUsd' | 'committedUsd'>;
  readonly now: () => number;
}

export function createBudgets({ tenants, usage, now }: BudgetDeps): Budgets {
  const standing: Budgets['standing'] = async (tenant, monthlyBudgetUsd) => {
    const month = monthOf(now());
    const [spentUsd, committedUsd] = await reached(
      'The database',
      Promise.all([usage.spentUsd(tenant, month), usage.committedUsd(tenant)]),
    );
    return { month: month.name, monthlyBudgetUsd, spentUsd, committedUsd };
  };
  const of: Budgets['of'] = async (tenant) => {
    const budget = (await reached('The database', tenants.find(tenant)))?.monthlyBudgetUsd ?? null;
    return budget === null ? null : standing(tenant, budget);
  };
  return {
    standing,
    of,
    async refuseExhausted({ tenant }) {
      const found = await of(tenant);
      const why = found === null ? null : exhaustion(found);
      if (why !== null) throw new Problem('BUDGET_EXHAUSTED', why);
    },
  };
}
