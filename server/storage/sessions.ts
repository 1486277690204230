import type { Selectable } from 'kysely';
import { isScope, type Scope } from '../../contracts/access/scopes';
import type { Db } from './database';
import { jsonText, wordsIn } from './json-text';
import type { Tables } from './tables';

/** A browser that has exchanged a key, or a link of a mail, for a cookie. */
export interface Session {
  /** SHA-256 of the cookie's value, in hexadecimal. */
  readonly hash: string;
  /** The key that it was exchanged for; it ends with that key. */
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface Sessions {
  create(session: Session): Promise<void>;
  /** Null where there is none, or not any more. */
  find(hash: string, nowMs: number): Promise<Session | null>;
  end(hash: string): Promise<void>;
  /** Forgets those that are over; returns how many that were. */
  removeExpired(nowMs: number): Promise<number>;
}

const fromRow = (row: Selectable<Tables['sessions']>): Session => ({ ...row, scopes: wordsIn(row.scopes, isScope) });

export function createSessions(db: Db): Sessions {
  return {
    async create(session) {
      await db
        .insertInto('sessions')
        .values({ ...session, scopes: jsonText(session.scopes) })
        .execute();
    },

    async find(hash, nowMs) {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('hash', '=', hash)
        .where('expiresAtMs', '>', nowMs)
        .executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    async end(hash) {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute();
    },

    async removeExpired(nowMs) {
      const { numDeletedRows } = await db
        .deleteFrom('sessions')
        .where('expiresAtMs', '<=', nowMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
