import type { Scope } from '../../contracts/access/scopes';
import type { SignInLinkView } from '../../contracts/access/view-schema';
import { iso } from '../../contracts/job/view';
import { MailError, type SendMail } from '../../platform/mail/mail-sender';
import { composed, type MailMessage } from '../../platform/mail/message';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import type { SignInLinks } from '../storage/sign-in-links';
import { newSecret } from './secrets';

/** How long a link may be used. */
const LINK_MS = 15 * 60_000;
/** Longest that a request waits for the mail server. */
const MAIL_TIMEOUT_MS = 15_000;

/**
 * Mails a link that opens a session, once, with some of the scopes of the caller, whose key it ends with. Throws
 * Problem: INVALID_REQUEST for scopes that the caller lacks, MAIL_REJECTED, and UNAVAILABLE where no mail server takes
 * it now.
 */
export type SendSignInLink = (caller: Caller, email: string, scopes: readonly Scope[]) => Promise<SignInLinkView>;

interface SignInLinkDeps {
  readonly links: SignInLinks;
  readonly sendMail: SendMail;
  readonly publicUrl: string;
  readonly now: () => number;
}

export function createSendSignInLink({ links, sendMail, publicUrl, now }: SignInLinkDeps): SendSignInLink {
  return async ({ tenant, scopes: own, keyId }, email, scopes) => {
    if (!scopes.every((scope) => own.includes(scope)))
      throw invalidRequest([{ field: 'scopes', message: `must be among your own: ${own.join(', ')}` }]);
    const { secret, hash } = newSecret('spi');
    const expiresAtMs = now() + LINK_MS;
    const link = { hash, keyId: keyId ?? '', tenant, scopes, createdAtMs: now(), expiresAtMs };
    await reached('The database', links.create(link));
    try {
      // The hash names the mail; what is behind the # of an address reaches no server and no log.
      const message = signInMessage(`${publicUrl}/sign-in#link=${secret}`, publicUrl);
      await sendMail(email, message, `sign-in-${hash.slice(0, 16)}`, AbortSignal.timeout(MAIL_TIMEOUT_MS));
    } catch (error) {
      await links.take(hash, now()).catch(() => null);
      if (error instanceof MailError && error.isRejected)
        throw new Problem('MAIL_REJECTED', `the mail server said: ${error.message}; check the address`);
      return reached('The mail server', Promise.reject(error as Error));
    }
    return { scopes, expiresAt: iso(expiresAtMs) };
  };
}

const signInMessage = (link: string, publicUrl: string): MailMessage =>
  composed(
    {
      subject: 'Your link to Spaceport',
      heading: 'Sign in to Spaceport',
      paragraphs: [
        ['One link', 'It opens Spaceport once, within 15 minutes, in the browser in which you press its button.'],
        ['Not expected?', 'Somebody with a key has asked for it. Do nothing: without the link nobody gets in.'],
      ],
      list: null,
      commands: [],
      linkLabel: 'Sign in',
      facts: [['Server', publicUrl]],
    },
    link,
  );
