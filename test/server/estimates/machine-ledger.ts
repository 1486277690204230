import type { ComparableAttempt } from '../../../contracts/estimates/estimate';
import type { AppDeps } from '../../../server/http/app';

/** A ledger in memory: the same attempts at each stage, preset and machine. */
export function createMachineLedger() {
  const attempts: (ComparableAttempt & { readonly tenant: string })[] = [];
  const usage: AppDeps['storage']['usage'] = {
    lines: async () => [],
    totals: async () => ({ jobs: 0, attempts: 0, billedSeconds: 0, costUsd: 0 }),
    spentUsd: async () => 0,
    committedUsd: async () => 0,
    comparable: async (_, tenant, limit) =>
      attempts.filter((attempt) => tenant === null || attempt.tenant === tenant).slice(0, limit),
  };
  return {
    usage,
    /** So many attempts of a tenant, each with 100 photos and so many seconds. */
    add(tenant: string, count: number, billedSeconds: number): void {
      for (let made = 0; made < count; made += 1) attempts.push({ tenant, photos: 100, options: {}, billedSeconds });
    },
  };
}
