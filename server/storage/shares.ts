import type { Selectable } from 'kysely';
import { isShareDetail, isShareScope, type ShareDetail, type ShareScope } from '../../contracts/access/scopes';
import type { Db } from './database';
import { pageOf, positionOf } from './jobs/cursor';
import { jsonText, wordsIn } from './json-text';
import type { ChangeRegistered, RegisteredId } from './registry/registered';
import type { Tables } from './tables';

/** A link to one job for people without a key; the link's token is nowhere. */
export interface Share {
  readonly id: string;
  readonly tenant: string;
  readonly jobId: string;
  /** SHA-256 in hexadecimal. */
  readonly tokenHash: string;
  readonly scopes: readonly ShareScope[];
  /** Details that are switched on. */
  readonly shows: readonly ShareDetail[];
  readonly createdAtMs: number;
  /** Null = never. */
  readonly expiresAtMs: number | null;
  /** Null while it is valid. */
  readonly revokedAtMs: number | null;
}

/** Whose the Idempotency-Keys are that holders of a link send, in a tenant's place. */
export const ownerOfKeys = ({ tokenHash }: Pick<Share, 'tokenHash'>): string => `share-${tokenHash}`;

/** A share in the list of all. */
export interface ListedShare extends Share {
  /** Of its job; null where the index of jobs does not have it yet. */
  readonly jobName: string | null;
}

export interface SharePage {
  readonly shares: readonly ListedShare[];
  readonly nextCursor: string | null;
}

export interface Shares {
  create(share: Omit<Share, 'revokedAtMs'>): Promise<void>;
  /** Of one job, the newest first, with expired and revoked ones. */
  list(tenant: string, jobId: string): Promise<readonly Share[]>;
  /** A page of all of a tenant's, the newest first, with the names of their jobs. Throws InvalidCursorError. */
  page(tenant: string, page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<SharePage>;
  find(tenant: string, id: string): Promise<Share | null>;
  /** Whether or not it is still valid: the holder of a link has no other name. */
  findByTokenHash(tokenHash: string): Promise<Share | null>;
  /** The share, revoked now or earlier; null where the tenant has no such share. */
  revoke(tenant: string, id: string, nowMs: number): Promise<Share | null>;
  /** Forgets all shares of a job that is erased. */
  removeOfJob(tenant: string, jobId: string): Promise<void>;
}

const registered = (tenant: string, jobId: string, id: string): RegisteredId => ({ kind: 'shares', tenant, jobId, id });

const fromRow = (row: Selectable<Tables['shares']>): Share => ({
  ...row,
  scopes: wordsIn(row.scopes, isShareScope),
  shows: wordsIn(row.shows, isShareDetail),
});

/** What the id of a link looks like. */
export const SHARE_ID_PATTERN = /^[\w-]{1,64}$/;

export function createShares(db: Db, change: ChangeRegistered): Shares {
  const list = async (tenant: string, jobId: string): Promise<readonly Share[]> => {
    const ofJob = db.selectFrom('shares').selectAll().where('tenant', '=', tenant).where('jobId', '=', jobId);
    return (await ofJob.orderBy('createdAtMs', 'desc').orderBy('id').execute()).map(fromRow);
  };
  const find = async (tenant: string, id: string): Promise<Share | null> => {
    const found = db.selectFrom('shares').selectAll().where('tenant', '=', tenant).where('id', '=', id);
    const row = await found.executeTakeFirst();
    return row === undefined ? null : fromRow(row);
  };

  return {
    create: (share) =>
      change(registered(share.tenant, share.jobId, share.id), async (within) => {
        const { scopes, shows } = share;
        const row = { ...share, scopes: jsonText(scopes), shows: jsonText(shows), revokedAtMs: null };
        await within.insertInto('shares').values(row).execute();
      }),

    list,

    async page(tenant, { cursor, limit }) {
      let query = db
        .selectFrom('shares')
        .leftJoin('jobs', 'jobs.jobId', 'shares.jobId')
        .selectAll('shares')
        .select('jobs.name as jobName')
        .where('shares.tenant', '=', tenant)
        .orderBy('shares.createdAtMs', 'desc')
        .orderBy('shares.id', 'desc')
        .limit(limit + 1);
      if (cursor !== undefined) {
        const { createdAtMs, id } = positionOf(cursor, SHARE_ID_PATTERN);
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('shares.createdAtMs', 'shares.id'), '<', tuple(createdAtMs, id)),
        );
      }
      const { rows, nextCursor } = pageOf(await query.execute(), limit, (row) => row);
      return { shares: rows.map(({ jobName, ...row }) => ({ ...fromRow(row), jobName })), nextCursor };
    },

    find,

    async findByTokenHash(tokenHash) {
      const row = await db.selectFrom('shares').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },

    async revoke(tenant, id, nowMs) {
      const share = await find(tenant, id);
      if (share === null) return null;
      return change(registered(tenant, share.jobId, id), async (within) => {
        const row = await within
          .updateTable('shares')
          .set(({ fn, ref, val }) => ({ revokedAtMs: fn.coalesce(ref('revokedAtMs'), val(nowMs)) }))
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row === undefined ? null : fromRow(row);
      });
    },

    async removeOfJob(tenant, jobId) {
      for (const { id } of await list(tenant, jobId))
        await change(registered(tenant, jobId, id), (within) =>
          within.deleteFrom('shares').where('tenant', '=', tenant).where('id', '=', id).execute(),
        );
    },
  };
}
