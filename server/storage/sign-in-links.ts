import { isScope } from '../../contracts/access/scopes';
import type { Db } from './database';
import { jsonText, wordsIn } from './json-text';
import type { Session } from './sessions';

/** A link of a mail that opens a session like this, once and before its own end. Its token is nowhere. */
export type SignInLink = Session;

export interface SignInLinks {
  create(link: SignInLink): Promise<void>;
  /** The link, which is used up by that; null where there is none, or not any more. Of two at once one gets it. */
  take(hash: string, nowMs: number): Promise<SignInLink | null>;
  /** Forgets those that are over; returns how many that were. */
  removeExpired(nowMs: number): Promise<number>;
}

export function createSignInLinks(db: Db): SignInLinks {
  return {
    async create(link) {
      await db
        .insertInto('signInLinks')
        .values({ ...link, scopes: jsonText(link.scopes) })
        .execute();
    },

    async take(hash, nowMs) {
      const row = await db
        .deleteFrom('signInLinks')
        .where('hash', '=', hash)
        .where('expiresAtMs', '>', nowMs)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : { ...row, scopes: wordsIn(row.scopes, isScope) };
    },

    async removeExpired(nowMs) {
      const { numDeletedRows } = await db
        .deleteFrom('signInLinks')
        .where('expiresAtMs', '<=', nowMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
