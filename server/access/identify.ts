import { SCOPES } from '../../contracts/access/scopes';
import { LOCAL_TENANT } from '../../contracts/job/record';
import type { Caller } from '../http/context';
import type { ApiKey, Keys } from '../storage/keys';
import type { Session, Sessions } from '../storage/sessions';
import type { SignInLinks } from '../storage/sign-in-links';
import type { Tenants } from '../storage/tenants';
import { hashOf, isSameHash, isSecret } from './secrets';

/** Who is behind a key or a session; null where it is unknown, expired, revoked, or its tenant closed. */
export interface Identify {
  byKey(key: string): Promise<Caller | null>;
  bySession(cookie: string): Promise<Caller | null>;
  /** By the token of a mail's link, which is used up by that. */
  byLink(token: string): Promise<Caller | null>;
}

export interface AccessStorage {
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly signInLinks: SignInLinks;
  readonly tenants: Tenants;
}

/** The holder of the key whose digest stands in the environment: everything, in the operator's own tenant. */
export const OPERATOR: Caller = { tenant: LOCAL_TENANT, scopes: SCOPES, keyId: 'operator' };

/** Whether a tenant is there and has not been closed. */
export const isOpenTenant = async (tenants: Pick<Tenants, 'find'>, tenant: string): Promise<boolean> =>
  tenant === LOCAL_TENANT || (await tenants.find(tenant))?.closedAtMs === null;

export function createIdentify(
  { keys, sessions, signInLinks, tenants }: AccessStorage,
  adminKeyHash: string | null,
  now: () => number,
): Identify {
  const isOpen = (tenant: string): Promise<boolean> => isOpenTenant(tenants, tenant);

  /** A session or a link ends with the key that it came from, which an expiry does not tell it. */
  const byKeyOf = async (found: Session | null): Promise<Caller | null> => {
    if (found === null || !(await isOpen(found.tenant))) return null;
    const { tenant, scopes, keyId } = found;
    const key = keyId === OPERATOR.keyId ? null : await keys.find(tenant, keyId);
    return key !== null && isOver(key) ? null : { tenant, scopes, keyId };
  };
  const isOver = ({ revokedAtMs, expiresAtMs }: Pick<ApiKey, 'revokedAtMs' | 'expiresAtMs'>): boolean =>
    revokedAtMs !== null || (expiresAtMs !== null && expiresAtMs <= now());

  return {
    async byKey(key) {
      if (!isSecret('spk', key)) return null;
      const hash = hashOf(key);
      if (adminKeyHash !== null && isSameHash(hash, adminKeyHash)) return OPERATOR;
      const found = await keys.findByHash(hash);
      if (found === null || !isSameHash(found.hash, hash)) return null;
      const { id, tenant, scopes } = found;
      if (isOver(found) || !(await isOpen(tenant))) return null;
      await keys.used(tenant, id, now());
      return { tenant, scopes, keyId: id };
    },

    async bySession(cookie) {
      const session = isSecret('sps', cookie) ? await sessions.find(hashOf(cookie), now()) : null;
      const caller = await byKeyOf(session);
      return caller === null ? null : { ...caller, sessionExpiresAtMs: session?.expiresAtMs };
    },

    byLink: async (token) => byKeyOf(isSecret('spi', token) ? await signInLinks.take(hashOf(token), now()) : null),
  };
}
