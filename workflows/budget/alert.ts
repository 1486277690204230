import { ApplicationFailure, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { BudgetMailActivities } from '../../activities/notify/budget-mail';
import { completePolicy } from '../../contracts/job/policy';
import { upperCase, type OutcomeCode } from '../../contracts/messages/outcomes';
import { ended } from '../delivery/ended';
import { mailOptions } from '../delivery/proxies';
import type { BudgetAlertInput } from './input';

/**
 * The mail about a tenant's budget, tried until it is taken, refused for good, or the policy's time is over. Returns the
 * mail server's words; fails as MAIL_REJECTED or MAIL_EXPIRED where nobody took it.
 */
export async function budgetAlert({ deployment, policy, publicUrl, alert }: BudgetAlertInput): Promise<string> {
  const mail = proxyActivities<BudgetMailActivities>(mailOptions(deployment, completePolicy(policy)));
  const { workflowId } = workflowInfo();
  const { status, detail } = await ended(
    mail.sendBudgetMail.executeWithOptions({ summary: `Mail: ${alert.percent} %` }, [
      { alert, publicUrl, messageId: workflowId },
    ]),
  );
  if (status === 'delivered') return detail;
  const code: OutcomeCode = `MAIL_${upperCase(status)}`;
  throw ApplicationFailure.nonRetryable(detail, code);
}
