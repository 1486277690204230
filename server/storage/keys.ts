import type { Selectable } from 'kysely';
import { isScope, type Scope } from '../../contracts/access/scopes';
import type { Db } from './database';
import { jsonText, wordsIn } from './json-text';
import type { ChangeRegistered, RegisteredId } from './registry/registered';
import type { Tables } from './tables';

/** An API key without the key itself. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** Its first characters, by which a person recognises it. */
  readonly prefix: string;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  /** Null = never. */
  readonly expiresAtMs: number | null;
  /** Null while it is valid. */
  readonly revokedAtMs: number | null;
  /** To about a minute; null = not used yet. A database that was rebuilt has forgotten it. */
  readonly lastUsedAtMs: number | null;
}

export interface Keys {
  create(key: Omit<ApiKey, 'revokedAtMs' | 'lastUsedAtMs'>): Promise<void>;
  /** The newest first, with expired and revoked ones. */
  list(tenant: string): Promise<readonly ApiKey[]>;
  find(tenant: string, id: string): Promise<ApiKey | null>;
  /** Of whatever tenant, whether or not it is still valid: the first thing that is asked of a request. */
  findByHash(hash: string): Promise<ApiKey | null>;
  /** The key, revoked now or earlier; null where the tenant has no such key. Its sessions and links of mails end with it. */
  revoke(tenant: string, id: string, nowMs: number): Promise<ApiKey | null>;
  /** Notes that a key was used, once a minute at most. */
  used(tenant: string, id: string, nowMs: number): Promise<void>;
}

const USE_NOTED_EVERY_MS = 60_000;

const registered = (tenant: string, id: string): RegisteredId => ({ kind: 'keys', tenant, jobId: '', id });

const fromRow = (row: Selectable<Tables['keys']>): ApiKey => ({ ...row, scopes: wordsIn(row.scopes, isScope) });

export function createKeys(db: Db, change: ChangeRegistered): Keys {
  return {
    create: (key) =>
      change(registered(key.tenant, key.id), async (within) => {
        const row = { ...key, scopes: jsonText(key.scopes), revokedAtMs: null, lastUsedAtMs: null };
        await within.insertInto('keys').values(row).execute();
      }),

    async list(tenant) {
      const newestFirst = db.selectFrom('keys').selectAll().where('tenant', '=', tenant).orderBy('createdAtMs', 'desc');
      return (await newestFirst.orderBy('id').execute()).map(fromRow);
    },

    async find(tenant, id) {
      const found = db.selectFrom('keys').selectAll().where('tenant', '=', tenant).where('id', '=', id);
      const row = await found.executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    async findByHash(hash) {
      const row = await db.selectFrom('keys').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    revoke: (tenant, id, nowMs) =>
      change(registered(tenant, id), async (within) => {
        const row = await within
          .updateTable('keys')
          .set(({ fn, ref, val }) => ({ revokedAtMs: fn.coalesce(ref('revokedAtMs'), val(nowMs)) }))
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return null;
        for (const table of ['sessions', 'signInLinks'] as const)
          await within.deleteFrom(table).where('keyId', '=', id).execute();
        return fromRow(row);
      }),

    async used(tenant, id, nowMs) {
      await db
        .updateTable('keys')
        .set({ lastUsedAtMs: nowMs })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where(({ or, eb }) =>
          or([eb('lastUsedAtMs', 'is', null), eb('lastUsedAtMs', '<=', nowMs - USE_NOTED_EVERY_MS)]),
        )
        .execute();
    },
  };
}
