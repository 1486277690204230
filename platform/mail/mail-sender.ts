import type { Transporter } from 'nodemailer';
import { REFERENCE_HEADER } from '../../contracts/messages/returned-mail';
import type { MailMessage } from './message';

export interface MailSenderDeps {
  readonly transport: Pick<Transporter, 'sendMail'>;
  readonly from: string;
}

/** A mail was not taken. The message holds no address. */
export class MailError extends Error {
  constructor(
    message: string,
    /** The server has refused sender, recipient or message for good. */
    readonly isRejected: boolean,
  ) {
    super(message);
  }
}

/**
 * Sends one mail; returns the mail server's answer, without addresses. Throws MailError.
 * @param id the same for each try of one message, so that a mail program shows it once
 */
export type SendMail = (email: string, message: MailMessage, id: string, signal: AbortSignal) => Promise<string>;

const MAX_ANSWER_LENGTH = 300;

/** 5xx answers about our own access (RFC 4954, RFC 3207): the operator mends that, and the mail is still good. */
const ACCESS_CODES: ReadonlySet<number> = new Set([530, 534, 535, 538]);

export const createMailSender =
  ({ transport, from }: MailSenderDeps): SendMail =>
  async (email, { subject, text, html }, id, signal) => {
    const host = from.slice(from.lastIndexOf('@') + 1);
    try {
      const { response } = (await transport.sendMail({
        from: { name: 'Spaceport', address: from },
        to: email,
        subject,
        text,
        html,
        messageId: `<${id}@${host}>`,
        headers: { [REFERENCE_HEADER]: id, 'Auto-Submitted': 'auto-generated' },
        signal,
      })) as { response: string };
      return withoutAddresses(response, email);
    } catch (error) {
      throw new MailError(withoutAddresses((error as Error).message, email), isRejection(error as SmtpError));
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
