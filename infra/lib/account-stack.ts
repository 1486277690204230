import { Stack, type App } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { AccountSettings } from './settings';

/** At so many hundredths of the budget the operators are told. */
const SPENT_PERCENT = [50, 80, 100] as const;
const FORECAST_PERCENT = 100;

/** What the account has once, whatever its stages and regions. */
export class AccountStack extends Stack {
  constructor(app: App, { prefix, homeRegion, budgetUsdPerMonth, operatorMails }: AccountSettings) {
    super(app, `${prefix}-account`, {
      env: { region: homeRegion },
      description: 'Spaceport: the budget of the account',
    });
    const subscribers = operatorMails.map((address) => ({ subscriptionType: 'EMAIL', address }));
    const told = (
      notificationType: 'ACTUAL' | 'FORECASTED',
      threshold: number,
    ): CfnBudget.NotificationWithSubscribersProperty => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' },
      subscribers,
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${prefix}-month`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: budgetUsdPerMonth, unit: 'USD' },
      },
      notificationsWithSubscribers: [
        ...SPENT_PERCENT.map((percent) => told('ACTUAL', percent)),
        told('FORECASTED', FORECAST_PERCENT),
      ],
    });
  }
}
