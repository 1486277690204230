import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { budgetAlertWorkflowId, taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import type { Config } from '../../platform/config';
import type { BudgetAlertInput } from '../../workflows/budget/input';
import type { SendAlert } from './alerts';

/** Sends alerts by a workflow each, whose id says what it is about: a repeat finds the first. */
export const createSendAlert =
  (client: Client, { deployment, policy, publicUrl }: Pick<Config, 'deployment' | 'policy' | 'publicUrl'>): SendAlert =>
  async (alert) => {
    const input: BudgetAlertInput = { deployment, policy, publicUrl, alert };
    try {
      await client.workflow.start(WORKFLOW_TYPE.budgetAlert, {
        workflowId: budgetAlertWorkflowId(deployment, alert),
        taskQueue: taskQueue(deployment, 'control'),
        args: [input],
        staticSummary: `${alert.percent} % of the budget of ${alert.tenant}, ${alert.month}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
