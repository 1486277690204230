import { z } from 'zod';
import { layout } from '../contracts/storage/layout';
import { monthOf } from '../contracts/usage/budget';
import { readJson, writeJson, type BucketDeps } from './s3-objects';

/** A tenant's budget of which nothing is left; the message says the figures, and whom to ask. */
const USED_UP = z.object({ month: z.string(), message: z.string() });
export type UsedUpBudget = z.infer<typeof USED_UP>;

/** Budgets that are used up, as the servers wrote them down for the workers, which have no database. */
export interface UsedUpBudgets {
  /** Null where something is left, or nobody has said otherwise this month. */
  find(tenant: string, nowMs: number, signal?: AbortSignal): Promise<UsedUpBudget | null>;
  /** @param usedUp null = something is left */
  note(tenant: string, usedUp: UsedUpBudget | null, signal?: AbortSignal): Promise<void>;
}

export function createUsedUpBudgets({ s3, bucket }: BucketDeps): UsedUpBudgets {
  const place = (tenant: string): { bucket: string; key: string } => ({ bucket, key: layout.usedUpBudget(tenant) });
  const read = async (tenant: string, signal?: AbortSignal): Promise<UsedUpBudget | null> => {
    const stored = await readJson(s3, place(tenant), signal);
    return stored === null ? null : USED_UP.nullable().parse(stored.value);
  };
  return {
    async find(tenant, nowMs, signal) {
      const found = await read(tenant, signal);
      return found?.month === monthOf(nowMs).name ? found : null;
    },
    async note(tenant, usedUp, signal) {
      const { month = null, message = null } = (await read(tenant, signal)) ?? {};
      if (month === (usedUp?.month ?? null) && message === (usedUp?.message ?? null)) return;
      await writeJson(s3, place(tenant), usedUp, signal);
    },
  };
}
