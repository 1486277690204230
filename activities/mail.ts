import { cancellationSignal } from '@temporalio/activity';
import type { Transporter } from 'nodemailer';
import type { JobRecord } from '../contracts/job-record';
import { ApplicationFailure } from '@temporalio/common';
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

/** Sends the one mail that tells a person how a job ended. */
export function createMailActivities({ transport, from }: MailDeps) {
  return {
    /** Throws MAIL_REJECTED (not retried) when the mail server refuses for good, that is with a 5xx answer. */
    async sendMail({ record, pageUrl, messageId }: MailInput): Promise<void> {
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
        } as Parameters<Transporter['sendMail']>[0]);
      } catch (error) {
        const code = (error as { responseCode?: unknown }).responseCode;
        if (typeof code === 'number' && code >= 500) throw ApplicationFailure.nonRetryable(`the mail server answered ${code}`, 'MAIL_REJECTED');
        throw error;
      }
    },
  };
}

export type MailActivities = ReturnType<typeof createMailActivities>;
