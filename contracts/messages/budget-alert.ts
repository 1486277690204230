import type { AlertPercent } from '../usage/budget';

/** What the mail about a tenant's budget says. */
export interface BudgetAlert {
  readonly tenant: string;
  /** What people call the tenant. */
  readonly name: string;
  readonly email: string;
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly percent: AlertPercent;
  readonly spentUsd: number;
  readonly budgetUsd: number;
}
