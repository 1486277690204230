import type { Db } from './database';

/** A creation that carries an Idempotency-Key. */
export interface IdempotentRequest {
  readonly tenant: string;
  /** Method and address, so that two of them never share a key. */
  readonly route: string;
  readonly key: string;
  /** Of everything that decides the answer. */
  readonly digest: string;
}

/**
 * - `claimed`   nobody has asked this before: make the answer, then `complete` or `release`
 * - `underWay`  the same request is being answered just now
 * - `answered`  it was answered so
 * - `otherBody` the key belongs to another request
 */
export type IdempotencyClaim =
  | { readonly kind: 'claimed' | 'underWay' | 'otherBody' }
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown };

export interface Idempotency {
  /**
   * Of several that claim at once one gets `claimed`, whichever server it asks.
   * @param staleBeforeMs a claim that was made before this and never completed belongs to a server that is gone: it is
   *   taken over
   */
  claim(request: IdempotentRequest, nowMs: number, staleBeforeMs: number): Promise<IdempotencyClaim>;
  /** Keeps the answer of a claimed request for those who repeat it. */
  complete(request: IdempotentRequest, status: number, body: unknown): Promise<void>;
  /** Gives a claimed request up, which made no answer that may be repeated: the next one makes it anew. */
  release(request: IdempotentRequest): Promise<void>;
  /** Forgets the answers to creations that belong to a job, whose addresses lie below `prefix`. */
  removeBelow(tenant: string, prefix: string): Promise<void>;
  /** Forgets what was claimed before; returns how many that were. */
  removeBefore(ms: number): Promise<number>;
}

export function createIdempotency(db: Db): Idempotency {
  return {
    async claim(request, nowMs, staleBeforeMs) {
      const { tenant, route, key, digest } = request;
      const claimed = await db
        .insertInto('idempotency')
        .values({ tenant, route, key, digest, status: null, body: null, createdAtMs: nowMs })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant', 'route', 'key'])
            .doUpdateSet({ createdAtMs: nowMs })
            .where('idempotency.status', 'is', null)
            .where('idempotency.digest', '=', digest)
            .where('idempotency.createdAtMs', '<', staleBeforeMs),
        )
        .returning('key')
        .executeTakeFirst();
      if (claimed !== undefined) return { kind: 'claimed' };
      const known = await db
        .selectFrom('idempotency')
        .select(['digest', 'status', 'body'])
        .where('tenant', '=', tenant)
        .where('route', '=', route)
        .where('key', '=', key)
        .executeTakeFirst();
      // Released or forgotten in this moment: whoever repeats the request gets it.
      if (known === undefined) return { kind: 'underWay' };
      if (known.digest !== digest) return { kind: 'otherBody' };
      if (known.status === null) return { kind: 'underWay' };
      return { kind: 'answered', status: known.status, body: JSON.parse(known.body ?? 'null') as unknown };
    },

    async complete({ tenant, route, key }, status, body) {
      await db
        .updateTable('idempotency')
        .set({ status, body: JSON.stringify(body ?? null) })
        .where('tenant', '=', tenant)
        .where('route', '=', route)
        .where('key', '=', key)
        .execute();
    },

    async release({ tenant, route, key }) {
      await db
        .deleteFrom('idempotency')
        .where('tenant', '=', tenant)
        .where('route', '=', route)
        .where('key', '=', key)
        .where('status', 'is', null)
        .execute();
    },

    async removeBelow(tenant, prefix) {
      await db
        .deleteFrom('idempotency')
        .where('tenant', '=', tenant)
        .where(({ eb, fn, val }) => eb(fn<string>('substr', ['route', val(1), val(prefix.length)]), '=', prefix))
        .execute();
    },

    async removeBefore(ms) {
      const { numDeletedRows } = await db
        .deleteFrom('idempotency')
        .where('createdAtMs', '<', ms)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
