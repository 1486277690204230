import { cursorOf, positionOf } from '../../server/storage/jobs/cursor';
import { SHARE_ID_PATTERN, type Share, type Shares } from '../../server/storage/shares';

/** Shares in memory, as the database keeps them. */
export function memoryShares(): Shares {
  const known = new Map<string, Share>();
  const find = async (tenant: string, id: string): Promise<Share | null> => {
    const found = known.get(id);
    return found?.tenant === tenant ? found : null;
  };
  const list: Shares['list'] = async (tenant, jobId) =>
    [...known.values()].filter((share) => share.tenant === tenant && share.jobId === jobId).reverse();
  return {
    create: async (share) => void known.set(share.id, { ...share, revokedAtMs: null }),
    list,
    async page(tenant, { cursor, limit }) {
      const all = [...known.values()].filter((share) => share.tenant === tenant).reverse();
      const from =
        cursor === undefined ? 0 : all.findIndex(({ id }) => id === positionOf(cursor, SHARE_ID_PATTERN).id) + 1;
      const shares = all.slice(from, from + limit).map((share) => ({ ...share, jobName: null }));
      const last = shares.at(-1);
      return {
        shares,
        nextCursor: last === undefined || from + limit >= all.length ? null : cursorOf(last),
      };
    },
    find,
    findByTokenHash: async (hash) => [...known.values()].find(({ tokenHash }) => tokenHash === hash) ?? null,
    async revoke(tenant, id, nowMs) {
      const found = await find(tenant, id);
      if (found === null) return null;
      const revoked = { ...found, revokedAtMs: found.revokedAtMs ?? nowMs };
      known.set(id, revoked);
      return revoked;
    },
    async removeOfJob(tenant, jobId) {
      for (const { id } of await list(tenant, jobId)) known.delete(id);
    },
  };
}
