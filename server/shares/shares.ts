import { randomUUID } from 'node:crypto';
import { SHARE_SCOPES, type ShareDetail, type ShareScope } from '../../contracts/access/scopes';
import type { NewShare, SharePageView, ShareView } from '../../contracts/access/share-schema';
import { iso } from '../../contracts/job/view';
import { newSecret } from '../access/secrets';
import { reached, reachedPage } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import type { JobLookup } from '../jobs/lookup';
import type { Share, Shares } from '../storage/shares';

export interface ShareRequest {
  /** `view` is always among what a link allows. */
  readonly scopes: readonly ShareScope[];
  readonly shows: readonly ShareDetail[];
  readonly expiresAt: string | null;
}

/** Links to a job for people without a key. All calls throw Problem: JOB_NOT_FOUND, JOB_ERASED. */
export interface ShareDesk {
  create(caller: Caller, jobId: string, request: ShareRequest): Promise<NewShare>;
  list(caller: Caller, jobId: string): Promise<readonly ShareView[]>;
  /** A page of all of the tenant's links. Throws INVALID_REQUEST for a cursor that is none. */
  page(caller: Caller, page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<SharePageView>;
  /** Throws SHARE_NOT_FOUND. */
  revoke(caller: Caller, jobId: string, shareId: string): Promise<ShareView>;
}

interface ShareDeps {
  readonly shares: Shares;
  readonly lookup: Pick<JobLookup, 'record'>;
  readonly publicUrl: string;
  readonly now: () => number;
}

export function createShareDesk({ shares, lookup, publicUrl, now }: ShareDeps): ShareDesk {
  return {
    async create(caller, jobId, { scopes, shows, expiresAt }) {
      const expiresAtMs = expiresAt === null ? null : Date.parse(expiresAt);
      if (expiresAtMs !== null && expiresAtMs <= now())
        throw invalidRequest([{ field: 'expiresAt', message: 'must be in the future' }]);
      await lookup.record(caller, jobId);
      const { secret, hash } = newSecret('spl');
      const share = {
        id: randomUUID(),
        tenant: caller.tenant,
        jobId,
        tokenHash: hash,
        scopes: SHARE_SCOPES.filter((scope) => scope === 'view' || scopes.includes(scope)),
        shows: [...new Set(shows)],
        createdAtMs: now(),
        expiresAtMs,
      };
      await reached('The database', shares.create(share));
      const addresses = { url: sharedPage(publicUrl, secret), apiUrl: sharedUrl(publicUrl, secret) };
      return { ...shareView({ ...share, revokedAtMs: null }), token: secret, ...addresses };
    },

    async list(caller, jobId) {
      await lookup.record(caller, jobId);
      return (await reached('The database', shares.list(caller.tenant, jobId))).map(shareView);
    },

    async page({ tenant }, page) {
      const { shares: found, nextCursor } = await reachedPage(shares.page(tenant, page));
      return { shares: found.map(({ jobName, ...share }) => ({ ...shareView(share), jobName })), nextCursor };
    },

    async revoke(caller, jobId, shareId) {
      await lookup.record(caller, jobId);
      const found = await reached('The database', shares.find(caller.tenant, shareId));
      const revoked =
        found?.jobId === jobId ? await reached('The database', shares.revoke(caller.tenant, shareId, now())) : null;
      if (revoked === null)
        throw new Problem('SHARE_NOT_FOUND', `job ${jobId} has no share of that id; list its shares to see theirs`);
      return shareView(revoked);
    },
  };
}

/** The page that the holder of a token opens. */
const sharedPage = (publicUrl: string, token: string): string => `${publicUrl}/s/${token}`;
/** Where a program of theirs reads the job. */
export const sharedUrl = (publicUrl: string, token: string): string => `${publicUrl}/v1/shared/${token}`;

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const shareView = ({ id, jobId, scopes, shows, createdAtMs, expiresAtMs, revokedAtMs }: Share): ShareView => ({
  shareId: id,
  jobId,
  scopes,
  shows,
  createdAt: iso(createdAtMs),
  expiresAt: isoOrNull(expiresAtMs),
  revokedAt: isoOrNull(revokedAtMs),
});
