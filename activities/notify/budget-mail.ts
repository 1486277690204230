import { formatUsd } from '../../contracts/job/formats';
import type { BudgetAlert } from '../../contracts/messages/budget-alert';
import { createMailer, type MailerDeps } from './mailer';
import { composed, type MailMessage } from '../../platform/mail/message';

export interface BudgetMailActivities {
  /**
   * Sends the mail about a tenant's budget; returns and throws as a `Mailer` does.
   * @param mail.messageId the same for each try
   */
  sendBudgetMail(mail: {
    readonly alert: BudgetAlert;
    readonly publicUrl: string;
    readonly messageId: string;
  }): Promise<string>;
}

export function createBudgetMailActivities(deps: MailerDeps): BudgetMailActivities {
  const send = createMailer(deps);
  return {
    sendBudgetMail: ({ alert, publicUrl, messageId }) => send(alert.email, budgetMessage(alert, publicUrl), messageId),
  };
}

/** The mail about a budget of which a part, or all, is spent. */
export function budgetMessage(alert: BudgetAlert, publicUrl: string): MailMessage {
  const { tenant, name, month, percent, spentUsd, budgetUsd } = alert;
  const isSpent = percent === 100;
  const heading = isSpent ? `The budget of ${month} is spent` : `${percent} % of the budget of ${month} are spent`;
  return composed(
    {
      subject: `${heading} (${name})`,
      heading,
      paragraphs: [
        [
          'What happened',
          `The machines of ${name} have cost ${formatUsd(spentUsd)} of ${formatUsd(budgetUsd)} this month.`,
        ],
        [
          'What follows',
          isSpent
            ? 'Jobs that run go on to their end. New jobs, and retries, are refused until the next month (UTC) begins or the operator makes the budget larger.'
            : 'Nothing yet: jobs go on, and new ones are taken until the budget is spent.',
        ],
      ],
      list: null,
      commands: [],
      linkLabel: 'Open the list of jobs',
      facts: [
        ['Tenant', tenant],
        ['Month', month],
        ['Budget', formatUsd(budgetUsd)],
        ['Spent', formatUsd(spentUsd)],
      ],
    },
    `${publicUrl}/`,
  );
}
