import { formatUsd } from '../../contracts/job/formats';
import { isExhausted, monthOf, type BudgetStanding } from '../../contracts/usage/budget';
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

/** Why nothing more may be spent this month; null where something may. */
export const exhaustion = (found: BudgetStanding): string | null => (isExhausted(found) ? sentence(found) : null);

function sentence({ month, monthlyBudgetUsd, spentUsd, committedUsd }: BudgetStanding): string {
  const committed =
    committedUsd > 0 ? `, and the jobs that run will cost ${formatUsd(committedUsd)} more at least` : '';
  return (
    `the budget of ${month} is ${formatUsd(monthlyBudgetUsd)}; ${formatUsd(spentUsd)} are spent${committed}. ` +
    'Ask the operator for a larger budget, or wait for the next month (UTC)'
  );
}
