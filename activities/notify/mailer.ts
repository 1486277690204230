import { cancellationSignal } from '@temporalio/activity';
import type { Transporter } from 'nodemailer';
import { unsuccessful } from '../application-failures';
import type { MailMessage } from './message';

export interface MailerDeps {
  readonly transport: Pick<Transporter, 'sendMail'>;
  readonly from: string;
}

/**
 * Sends one mail from within an activity; returns the mail server's answer. No error holds an address. Throws
 * MAIL_REJECTED (not retried) when the server refuses sender, recipient or message for good, that is with a 5xx answer,
 * and MAIL_DEFERRED (retried) for everything else.
 * @param id the same for each try of one message, so that a mail program shows it once
 */
export type Mailer = (email: string, message: MailMessage, id: string) => Promise<string>;

/** Longest conversation with the mail server. */
const TIMEOUT_MS = 60_000;
const MAX_ANSWER_LENGTH = 300;

/** 5xx answers about our own access (RFC 4954, RFC 3207): the operator mends that, and the mail is still good. */
const ACCESS_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

export const createMailer =
  ({ transport, from }: MailerDeps): Mailer =>
  async (email, { subject, text, html }, id) => {
    const host = from.slice(from.lastIndexOf('@') + 1);
    try {
      const { response } = (await transport.sendMail({
        from: { name: 'Spaceport', address: from },
        to: email,
        subject,
        text,
        html,
        messageId: `<${id}@${host}>`,
        headers: { 'X-Entity-Ref-ID': id, 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([cancellationSignal(), AbortSignal.timeout(TIMEOUT_MS)]),
      })) as { response: string };
      return withoutAddresses(response, email);
    } catch (error) {
      const { message } = error as Error;
      const problem = withoutAddresses(message, email);
      throw unsuccessful(isRejection(error as SmtpError) ? 'MAIL_REJECTED' : 'MAIL_DEFERRED', problem);
    }
  };

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
