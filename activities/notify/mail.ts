import { cancellationSignal } from '@temporalio/activity';
import type { Transporter } from 'nodemailer';
import type { JobRecord } from '../../contracts/job/record';
import { completeRecord } from '../../contracts/job/stored-record';
import { unsuccessful } from '../application-failures';
import { jobMessage, type TemporalPlace } from './mail-messages';

export interface MailDeps {
  readonly transport: Pick<Transporter, 'sendMail'>;
  readonly from: string;
  /** What the commands in mails name. */
  readonly temporal: TemporalPlace;
}

export interface MailInput {
  /** As the job's workflow knew it, maybe one of an earlier version. */
  readonly record: JobRecord;
  readonly pageUrl: string;
  /** Same for each try of one message, so that a mail program shows it once. */
  readonly eventId: string;
}

export interface MailActivities {
  /**
   * Sends the one mail that tells a person how a job stands; returns the mail server's answer. No error holds an
   * address. Throws MAIL_REJECTED (not retried) when the server refuses sender, recipient or message for good, that is
   * with a 5xx answer, and MAIL_DEFERRED (retried) for everything else.
   */
  sendMail(mail: MailInput): Promise<string>;
}

/** Longest conversation with the mail server. */
const TIMEOUT_MS = 60_000;
const MAX_ANSWER_LENGTH = 300;

/** 5xx answers about our own access (RFC 4954, RFC 3207): the operator mends that, and the mail is still good. */
const ACCESS_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

export function createMailActivities({ transport, from, temporal }: MailDeps): MailActivities {
  return {
    async sendMail({ record, pageUrl, eventId }) {
      const { subject, text, html } = jobMessage(completeRecord(record), pageUrl, temporal);
      const { email } = record.request;
      const host = from.slice(from.lastIndexOf('@') + 1);
      try {
        const { response } = (await transport.sendMail({
          from: { name: 'Spaceport', address: from },
          to: email,
          subject,
          text,
          html,
          messageId: `<${eventId}@${host}>`,
          headers: { 'X-Entity-Ref-ID': eventId, 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.any([cancellationSignal(), AbortSignal.timeout(TIMEOUT_MS)]),
        })) as { response: string };
        return withoutAddresses(response, email);
      } catch (error) {
        const { message } = error as Error;
        const problem = withoutAddresses(message, email);
        throw unsuccessful(isRejection(error as SmtpError) ? 'MAIL_REJECTED' : 'MAIL_DEFERRED', problem);
      }
    },
  };
}

/** Fields of nodemailer's errors. */
interface SmtpError {
  readonly code?: string;
  /** The server's; absent where the message was refused before it was asked. */
  readonly responseCode?: number;
}

/** Greeting, login and encryption are a matter between the operator and the server, whatever code they fail with. */
function isRejection({ code, responseCode = 550 }: SmtpError): boolean {
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500 && !ACCESS_CODES.has(responseCode);
}

/** A mail server's words for records and logs: one line, with every mail address taken out. */
function withoutAddresses(words: string, email: string): string {
  const line = words.replace(/[\u0000-\u0020\u007f-\u009f]+/g, ' ').trim();
  return line
    .replace(/<?[^\s<>()[\]"',:;]+@[^\s<>()[\]"',:;]+>?/g, '<address>')
    .replaceAll(email, '<address>') // a quoted one may hold anything
    .slice(0, MAX_ANSWER_LENGTH);
}
