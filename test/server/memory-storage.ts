import type { Selectable } from 'kysely';
import type { BatchRecord } from '../../contracts/batch/record';
import { totalCostUsd } from '../../contracts/job/record';
import type { AppDeps } from '../../server/http/app';
import type { ApiKey } from '../../server/storage/keys';
import type { Tables } from '../../server/storage/tables';
import { indexedJob, type IndexedJob } from '../../server/storage/jobs/job-index';
import { rowsOf, type KnownJob } from '../../server/storage/jobs/job-rows';
import type { IdempotentRequest } from '../../server/storage/idempotency';
import type { Session } from '../../server/storage/sessions';
import type { Tenant } from '../../server/storage/tenants';
import { memoryAnnotations } from './memory-annotations';
import { memoryShares } from './memory-shares';
import { memoryEndpoints } from './webhooks/memory-webhooks';

/** Keys, sessions, tenants and the index of jobs in memory, as the database keeps them. */
export function memoryStorage(): AppDeps['storage'] {
  const known = new Map<string, KnownJob>();
  const keys = new Map<string, ApiKey>();
  const sessions = new Map<string, Session>();
  const links = new Map<string, Session>();
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
        for (const opened of [sessions, links])
          for (const [hash, { keyId }] of opened) if (keyId === id) opened.delete(hash);
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
    annotations: memoryAnnotations(),
    endpoints: memoryEndpoints(),
    idempotency: memoryIdempotency(),
    shares: memoryShares(),
    signInLinks: memorySignInLinks(links),
    jobs: memoryIndex(known),
    batches: memoryBatchIndex(known),
    usage: {
      lines: async () => [],
      totals: async () => ({ jobs: 0, attempts: 0, billedSeconds: 0, costUsd: 0 }),
      spentUsd: async () => 0,
      committedUsd: async () => 0,
      comparable: async () => [],
    },
  };
}

/** Without times: what is claimed stays so until it is completed or released. */
function memoryIdempotency(): AppDeps['storage']['idempotency'] {
  const known = new Map<string, { digest: string; answer: { status: number; body: unknown } | null }>();
  const nameOf = ({ tenant, route, key }: IdempotentRequest): string => JSON.stringify([tenant, route, key]);
  return {
    async claim(request) {
      const earlier = known.get(nameOf(request));
      if (earlier === undefined) {
        known.set(nameOf(request), { digest: request.digest, answer: null });
        return { kind: 'claimed' };
      }
      if (earlier.digest !== request.digest) return { kind: 'otherBody' };
      return earlier.answer === null ? { kind: 'underWay' } : { kind: 'answered', ...earlier.answer };
    },
    async complete(request, status, body) {
      const answer = { status, body: JSON.parse(JSON.stringify(body)) as unknown };
      known.set(nameOf(request), { digest: request.digest, answer });
    },
    release: async (request) => void known.delete(nameOf(request)),
    removeBelow: async () => undefined,
    removeBefore: async () => 0,
  };
}

function memorySignInLinks(links: Map<string, Session>): AppDeps['storage']['signInLinks'] {
  return {
    create: async (link) => void links.set(link.hash, link),
    async take(hash, nowMs) {
      const link = links.get(hash);
      if (link === undefined || link.expiresAtMs <= nowMs) return null;
      links.delete(hash);
      return link;
    },
    removeExpired: async () => 0,
  };
}

/** An index without cursors, and with a plain search, which test/server/storage tries on both engines. */
function memoryIndex(known: Map<string, KnownJob>): AppDeps['storage']['jobs'] {
  const listed = ({ record, state }: KnownJob): IndexedJob =>
    indexedJob(rowsOf({ record, state, asOfMs: 0 }).row as Selectable<Tables['jobs']>);
  return {
    async upsert(jobs) {
      for (const job of jobs) known.set(job.record.jobId, job);
      return jobs.length;
    },
    list: async (tenant, { states = [], batchId, text = '', limit }) => ({
      jobs: [...known.values()]
        .filter(({ record }) => record.request.tenant === tenant && record.erasedAtMs === null)
        .filter(({ state }) => states.length === 0 || states.includes(state))
        .filter(({ record }) => batchId === undefined || record.request.batch?.id === batchId)
        .map(listed)
        .filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()))
        .sort((a, b) => b.createdAtMs - a.createdAtMs)
        .slice(0, limit),
      nextCursor: null,
    }),
    versions: async () => new Map(),
    keepOnly: async () => 0,
    count: async () => known.size,
  };
}

/** Batches without cursors. */
function memoryBatchIndex(known: ReadonlyMap<string, KnownJob>): AppDeps['storage']['batches'] {
  const batches = new Map<string, BatchRecord>();
  const jobsOf = (tenant: string, batchId: string): KnownJob[] =>
    [...known.values()].filter(({ record: { request } }) => request.tenant === tenant && request.batch?.id === batchId);
  return {
    add: async (added) => void added.forEach((batch) => batches.set(batch.batchId, batch)),
    list: async (tenant, { limit }) => ({
      batches: [...batches.values()]
        .filter((batch) => batch.tenant === tenant)
        .slice(0, limit)
        .map(({ batchId, name, members, createdAtMs }) => ({ batchId, name, members: members.length, createdAtMs })),
      nextCursor: null,
    }),
    tallies: async (tenant, ids) =>
      ids.flatMap((batchId) =>
        jobsOf(tenant, batchId).map(({ record, state }) => ({
          batchId,
          state,
          jobs: 1,
          costUsd: totalCostUsd(record),
        })),
      ),
    members: async (tenant, batchId) =>
      jobsOf(tenant, batchId).map((job) => {
        const { row } = rowsOf(job);
        return {
          jobId: row.jobId,
          name: row.name ?? null,
          input: row.input ?? null,
          state: job.state,
          costUsd: row.costUsd,
          failure: row.failureCode ? { code: row.failureCode, message: row.failureMessage ?? '' } : null,
          isErased: job.record.erasedAtMs !== null,
        };
      }),
    lacking: async (ids) => ids.filter((id) => !batches.has(id)),
  };
}
