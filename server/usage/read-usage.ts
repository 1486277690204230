import type { UsageView } from '../../contracts/usage/usage-schema';
import { LOCAL_TENANT } from '../../contracts/job/record';
import { unknownTenant } from '../access/keys';
import type { Budgets } from '../budgets/budgets';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { invalidRequest } from '../http/request-schemas';
import type { Usage } from '../storage/jobs/usage';
import type { Tenants } from '../storage/tenants';

/** Days in UTC (`2026-11-26`), both of which belong to the period. */
export interface UsageQuery {
  /** The first of the month of `to`, where it is left out. */
  readonly from?: string | undefined;
  /** Today, where it is left out. */
  readonly to?: string | undefined;
  /** The caller's own, where it is left out. */
  readonly tenant?: string | undefined;
}

/** What a tenant's machines came to. Throws Problem. */
export type ReadUsage = (caller: Caller, query: UsageQuery) => Promise<UsageView>;

export interface UsageDeps {
  readonly usage: Pick<Usage, 'lines' | 'totals'>;
  readonly tenants: Pick<Tenants, 'find'>;
  readonly budgets: Pick<Budgets, 'of'>;
  readonly now: () => number;
}

const DAY_MS = 24 * 3600 * 1000;
const MAX_DAYS = 3660;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function createReadUsage({ usage, tenants, budgets, now }: UsageDeps): ReadUsage {
  /** Operators see every tenant's, also of one that is closed. */
  const tenantOf = async (caller: Caller, asked: string): Promise<string> => {
    if (asked === caller.tenant) return asked;
    const isOperator = caller.tenant === LOCAL_TENANT && caller.scopes.includes('admin');
    if (!isOperator || (await reached('The database', tenants.find(asked))) === null) throw unknownTenant(asked);
    return asked;
  };

  return async (caller, { from: asked, to = dayOf(now()), tenant: askedTenant }) => {
    const from = asked ?? `${to.slice(0, 'yyyy-mm'.length)}-01`;
    const period = { fromMs: Date.parse(from), toMs: Date.parse(to) + DAY_MS };
    if (period.fromMs >= period.toMs) throw invalidRequest([{ field: 'to', message: `must not be before ${from}` }]);
    if (period.toMs - period.fromMs > MAX_DAYS * DAY_MS)
      throw invalidRequest([{ field: 'from', message: `must be at most ${MAX_DAYS} days before ${to}` }]);
    const tenant = await tenantOf(caller, askedTenant ?? caller.tenant);
    const [lines, totals, budget] = await reached(
      'The database',
      Promise.all([usage.lines(tenant, period), usage.totals(tenant, period), budgets.of(tenant)]),
    );
    return {
      tenant,
      from,
      to,
      budget: budget && { ...budget, monthlyBudgetUsd: budget.monthlyBudgetUsd ?? 0 },
      totals: amounts(totals),
      lines: lines.map(({ dayMs, preset, stage, ...line }) => ({ day: dayOf(dayMs), preset, stage, ...amounts(line) })),
    };
  };
}

/** Sums of binary fractions, without the digits that mean nothing. */
const rounded = (value: number): number => Number(value.toFixed(6));

const amounts = ({
  jobs,
  attempts,
  billedSeconds,
  costUsd,
}: {
  readonly jobs: number;
  readonly attempts: number;
  readonly billedSeconds: number;
  readonly costUsd: number;
}): UsageView['totals'] => ({
  jobs,
  attempts,
  machineHours: rounded(billedSeconds / 3600),
  costUsd: rounded(costUsd),
});
