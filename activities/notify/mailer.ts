import { cancellationSignal } from '@temporalio/activity';
import { createMailSender, MailError, type MailSenderDeps } from '../../platform/mail/mail-sender';
import type { MailMessage } from '../../platform/mail/message';
import { unsuccessful } from '../application-failures';

export type MailerDeps = MailSenderDeps;

/**
 * Sends one mail from within an activity; returns the mail server's answer. No error holds an address. Throws
 * MAIL_REJECTED (not retried) when the server refuses sender, recipient or message for good, that is with a 5xx answer,
 * and MAIL_DEFERRED (retried) for everything else.
 * @param id the same for each try of one message, so that a mail program shows it once
 */
export type Mailer = (email: string, message: MailMessage, id: string) => Promise<string>;

/** Longest conversation with the mail server. */
const TIMEOUT_MS = 60_000;

export function createMailer(deps: MailerDeps): Mailer {
  const send = createMailSender(deps);
  return async (email, message, id) => {
    try {
      return await send(email, message, id, AbortSignal.any([cancellationSignal(), AbortSignal.timeout(TIMEOUT_MS)]));
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      throw unsuccessful(error.isRejected ? 'MAIL_REJECTED' : 'MAIL_DEFERRED', error.message);
    }
  };
}
