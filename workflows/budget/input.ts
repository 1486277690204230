import type { Policy } from '../../contracts/job/policy';
import type { BudgetAlert } from '../../contracts/messages/budget-alert';

/** Input of the workflow `budgetAlert`: one mail about a tenant's budget. */
export interface BudgetAlertInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly publicUrl: string;
  readonly alert: BudgetAlert;
}
