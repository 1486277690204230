import { formatUsd } from '../job/formats';

/** Percentages of a tenant's budget of a month that somebody is told of, once a month each. */
export const ALERT_PERCENTS = [50, 80, 100] as const;
export type AlertPercent = (typeof ALERT_PERCENTS)[number];

/** A month in UTC: its first millisecond belongs to it, `toMs` to the next. */
export interface Month {
  /** `2026-11` */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export function monthOf(ms: number): Month {
  const day = new Date(ms);
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
  return {
    name: day.toISOString().slice(0, 'yyyy-mm'.length),
    fromMs: Date.UTC(year, month, 1),
    toMs: Date.UTC(year, month + 1, 1),
  };
}

/** What has become of a tenant's budget this month. */
export interface BudgetStanding {
  readonly month: string;
  /** Null = no budget. */
  readonly monthlyBudgetUsd: number | null;
  /** Of machines that ended this month. */
  readonly spentUsd: number;
  /** What open jobs will cost at least, beyond what they have. */
  readonly committedUsd: number;
}

/** Why nothing more may be started this month; null where something may. */
export function exhaustion({ month, monthlyBudgetUsd, spentUsd, committedUsd }: BudgetStanding): string | null {
  if (monthlyBudgetUsd === null || spentUsd + committedUsd < monthlyBudgetUsd) return null;
  const committed =
    committedUsd > 0 ? `, and the jobs that run will cost ${formatUsd(committedUsd)} more at least` : '';
  return (
    `the budget of ${month} is ${formatUsd(monthlyBudgetUsd)}; ${formatUsd(spentUsd)} are spent${committed}. ` +
    'Ask the operator for a larger budget, or wait for the next month (UTC)'
  );
}

/** The percentages that are reached, in order. Of a budget of nothing none is: nothing can be spent. */
export const reachedPercents = (spentUsd: number, budgetUsd: number): readonly AlertPercent[] =>
  budgetUsd <= 0 ? [] : ALERT_PERCENTS.filter((percent) => spentUsd >= (budgetUsd * percent) / 100);
