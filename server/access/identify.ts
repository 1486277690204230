import { SCOPES } from '../../contracts/access/scopes';
import { LOCAL_TENANT } from '../../contracts/job/record';
import type { Caller } from '../http/context';
import type { Keys } from '../storage/keys';
import type { Sessions } from '../storage/sessions';
import type { Tenants } from '../storage/tenants';
import { hashOf, isSameHash, isSecret } from './secrets';

/** Who is behind a key or a session; null where it is unknown, expired, revoked, or its tenant closed. */
export interface Identify {
  byKey(key: string): Promise<Caller | null>;
  bySession(cookie: string): Promise<Caller | null>;
}

export interface AccessStorage {
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly tenants: Tenants;
}

/** The holder of the key whose digest stands in the environment: everything, in the operator's own tenant. */
export const OPERATOR: Caller = { tenant: LOCAL_TENANT, scopes: SCOPES, keyId: 'operator' };

/** Whether a tenant is there and has not been closed. */
export const isOpenTenant = async (tenants: Pick<Tenants, 'find'>, tenant: string): Promise<boolean> =>
  tenant === LOCAL_TENANT || (await tenants.find(tenant))?.closedAtMs === null;

export function createIdentify(
  { keys, sessions, tenants }: AccessStorage,
  adminKeyHash: string | null,
  now: () => number,
): Identify {
  const isOpen = (tenant: string): Promise<boolean> => isOpenTenant(tenants, tenant);

  return {
    async byKey(key) {
      if (!isSecret('spk', key)) return null;
      const hash = hashOf(key);
      if (adminKeyHash !== null && isSameHash(hash, adminKeyHash)) return OPERATOR;
      const found = await keys.findByHash(hash);
      if (found === null || !isSameHash(found.hash, hash)) return null;
      const { id, tenant, scopes, revokedAtMs, expiresAtMs } = found;
      const isOver = revokedAtMs !== null || (expiresAtMs !== null && expiresAtMs <= now());
      if (isOver || !(await isOpen(tenant))) return null;
      await keys.used(tenant, id, now());
      return { tenant, scopes, keyId: id };
    },

    async bySession(cookie) {
      const found = isSecret('sps', cookie) ? await sessions.find(hashOf(cookie), now()) : null;
      if (found === null || !(await isOpen(found.tenant))) return null;
      const { tenant, scopes, keyId } = found;
      // A session ends with the key that it was exchanged for, which an expiry does not tell it.
      const key = keyId === OPERATOR.keyId ? null : await keys.find(tenant, keyId);
      const isOver = key !== null && key.expiresAtMs !== null && key.expiresAtMs <= now();
      return isOver ? null : { tenant, scopes, keyId };
    },
  };
}
