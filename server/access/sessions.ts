import type { SessionView } from '../../contracts/access/view-schema';
import { iso } from '../../contracts/job/view';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import type { AccessStorage, Identify } from './identify';
import { hashOf, newSecret } from './secrets';

/** How long a browser stays signed in. */
export const SESSION_MS = 14 * 24 * 3600_000;

/** What is exchanged for a session; a link is used up by that. */
export type ShownSecret = { readonly key: string } | { readonly link: string };

/** Sessions of browsers: a key is exchanged for a cookie, so that no page ever holds the key. */
export interface SessionDesk {
  /** The cookie's value and what it opens; null where the key, or the link of a mail, is not valid. */
  signIn(shown: ShownSecret): Promise<{ readonly cookie: string; readonly session: SessionView } | null>;
  signOut(cookie: string): Promise<void>;
}

export function createSessionDesk(
  { sessions }: Pick<AccessStorage, 'sessions'>,
  identify: Identify,
  now: () => number,
): SessionDesk {
  return {
    async signIn(shown) {
      const found = 'key' in shown ? identify.byKey(shown.key) : identify.byLink(shown.link);
      const caller = await reached('The database', found);
      if (caller === null) return null;
      const { secret, hash } = newSecret('sps');
      const { tenant, scopes } = caller;
      const expiresAtMs = now() + SESSION_MS;
      const session = { hash, keyId: caller.keyId ?? '', tenant, scopes, createdAtMs: now(), expiresAtMs };
      await reached('The database', sessions.create(session));
      return { cookie: secret, session: { tenant, scopes, expiresAt: iso(expiresAtMs) } };
    },

    signOut: (cookie) => reached('The database', sessions.end(hashOf(cookie))),
  };
}

export const callerView = ({ tenant, scopes, sessionExpiresAtMs }: Caller): SessionView => ({
  tenant,
  scopes,
  expiresAt: sessionExpiresAtMs === undefined ? null : iso(sessionExpiresAtMs),
});
