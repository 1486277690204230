import { randomUUID } from 'node:crypto';
import type { Scope } from '../../contracts/access/scopes';
import type { KeyView, NewKey } from '../../contracts/access/view-schema';
import { LOCAL_TENANT } from '../../contracts/job/record';
import { iso } from '../../contracts/job/view';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import type { ApiKey } from '../storage/keys';
import type { AccessStorage } from './identify';
import { newSecret } from './secrets';

export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
  /** Null = the caller's own. */
  readonly tenant: string | null;
}

/** API keys of a tenant. An administrator of the tenant `local` gives keys to every tenant. All calls throw Problem. */
export interface KeyAdministration {
  create(caller: Caller, request: KeyRequest): Promise<NewKey>;
  list(caller: Caller, tenant: string | null): Promise<readonly KeyView[]>;
  revoke(caller: Caller, keyId: string, tenant: string | null): Promise<KeyView>;
}

export function createKeyAdministration({ keys, tenants }: AccessStorage, now: () => number): KeyAdministration {
  const tenantOf = async (caller: Caller, asked: string | null): Promise<string> => {
    const tenant = asked ?? caller.tenant;
    if (tenant === caller.tenant) return tenant;
    const found = caller.tenant === LOCAL_TENANT ? await reached('The database', tenants.find(tenant)) : null;
    if (found?.closedAtMs !== null) throw unknownTenant(tenant);
    return tenant;
  };

  return {
    async create(caller, { name, scopes, expiresAt, tenant }) {
      const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= now())
        throw invalidRequest([{ field: 'expiresAt', message: 'must be in the future' }]);
      const owner = await tenantOf(caller, tenant);
      const { secret, prefix, hash } = newSecret('spk');
      const key = { id: randomUUID(), tenant: owner, name, prefix, hash, scopes, createdAtMs: now(), expiresAtMs };
      await reached('The database', keys.create(key));
      return { ...keyView({ ...key, revokedAtMs: null, lastUsedAtMs: null }), key: secret };
    },

    async list(caller, tenant) {
      return (await reached('The database', keys.list(await tenantOf(caller, tenant)))).map(keyView);
    },

    async revoke(caller, keyId, tenant) {
      const owner = await tenantOf(caller, tenant);
      const revoked = await reached('The database', keys.revoke(owner, keyId, now()));
      if (revoked === null) throw new Problem('KEY_NOT_FOUND', 'no key has that id; list the keys to see theirs');
      return keyView(revoked);
    },
  };
}

export const unknownTenant = (tenant: string): Problem =>
  new Problem('TENANT_NOT_FOUND', `no tenant has the id ${JSON.stringify(tenant.slice(0, 40))}`);

const keyView = ({ id, tenant, name, prefix, scopes, ...times }: ApiKey): KeyView => ({
  keyId: id,
  tenant,
  name,
  prefix,
  scopes,
  createdAt: iso(times.createdAtMs),
  expiresAt: times.expiresAtMs === null ? null : iso(times.expiresAtMs),
  revokedAt: times.revokedAtMs === null ? null : iso(times.revokedAtMs),
  lastUsedAt: times.lastUsedAtMs === null ? null : iso(times.lastUsedAtMs),
});
