import { cancellationSignal } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Transporter } from 'nodemailer';
import type { JobRecord } from '../contracts/job-record';
import { jobMessage } from './mail-messages';

export interface MailDeps {
  readonly transport: Pick<Transporter, 'sendMail'>;
  readonly from: string;
}

export interface MailInput {
  readonly record: JobRecord;
  readonly pageUrl: string;
  /** Same for each try of one message, so that a mail program shows it once. */
  readonly messageId: string;
}

export interface MailActivities {
  /**
   * Sends the one mail that tells a person how a job ended.
   * Throws MAIL_REJECTED (not retried) when the mail server refuses for good, that is with a 5xx answer.
   */
  sendMail(mail: MailInput): Promise<void>;
}

export function createMailActivities({ transport, from }: MailDeps): MailActivities {
  return {
    async sendMail({ record, pageUrl, messageId }) {
      const { subject, text, html } = jobMessage(record, { page: pageUrl });
      const host = from.slice(from.lastIndexOf('@') + 1);
      try {
        await transport.sendMail({
          from: { name: 'Spaceport', address: from },
          to: record.request.email,
          subject,
          text,
          html,
          messageId: `<${messageId}@${host}>`,
          headers: { 'X-Entity-Ref-ID': messageId, 'Auto-Submitted': 'auto-generated' },
          signal: cancellationSignal(),
        });
      } catch (error) {
        const code = (error as { responseCode?: unknown }).responseCode;
        if (typeof code === 'number' && code >= 500) throw ApplicationFailure.nonRetryable(`the mail server answered ${code}`, 'MAIL_REJECTED');
        throw error;
      }
    },
  };
}
