import type { AccessStorage } from '../../server/access/identify';
import type { ApiKey } from '../../server/storage/keys';
import type { Session } from '../../server/storage/sessions';
import type { Tenant } from '../../server/storage/tenants';

/** Keys, sessions and tenants in memory, as the database keeps them. */
export function memoryAccess(): AccessStorage {
  const keys = new Map<string, ApiKey>();
  const sessions = new Map<string, Session>();
  const tenants = new Map<string, Tenant>();
  const ofTenant = (tenant: string, id: string): ApiKey | null => {
    const key = keys.get(id);
    return key?.tenant === tenant ? key : null;
  };
  return {
    keys: {
      create: async (key) => void keys.set(key.id, { ...key, revokedAtMs: null, lastUsedAtMs: null }),
      list: async (tenant) => [...keys.values()].filter((key) => key.tenant === tenant).reverse(),
      find: async (tenant, id) => ofTenant(tenant, id),
      findByHash: async (hash) => [...keys.values()].find((key) => key.hash === hash) ?? null,
      async revoke(tenant, id, nowMs) {
        const key = ofTenant(tenant, id);
        if (key === null) return null;
        const revoked = { ...key, revokedAtMs: key.revokedAtMs ?? nowMs };
        keys.set(id, revoked);
        for (const [hash, { keyId }] of sessions) if (keyId === id) sessions.delete(hash);
        return revoked;
      },
      async used(tenant, id, nowMs) {
        const key = ofTenant(tenant, id);
        if (key !== null) keys.set(id, { ...key, lastUsedAtMs: nowMs });
      },
    },
    sessions: {
      create: async (session) => void sessions.set(session.hash, session),
      async find(hash, nowMs) {
        const session = sessions.get(hash);
        return session !== undefined && session.expiresAtMs > nowMs ? session : null;
      },
      end: async (hash) => void sessions.delete(hash),
      async removeExpired(nowMs) {
        const over = [...sessions.values()].filter(({ expiresAtMs }) => expiresAtMs <= nowMs);
        for (const { hash } of over) sessions.delete(hash);
        return over.length;
      },
    },
    tenants: {
      async create(tenant) {
        if (tenants.has(tenant.id)) return false;
        tenants.set(tenant.id, tenant);
        return true;
      },
      find: async (id) => tenants.get(id) ?? null,
      list: async () => [...tenants.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      async update(id, changes) {
        const tenant = tenants.get(id);
        if (tenant === undefined) return null;
        const changed = { ...tenant, ...changes };
        tenants.set(id, changed);
        return changed;
      },
    },
  };
}
