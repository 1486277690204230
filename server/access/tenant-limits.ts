import { z } from 'zod';

/** Limits of a tenant, as its row keeps them: by name, of which other versions may know more. */
const LIMITS = z.object({ inputBuckets: z.array(z.string()).readonly().nullable().default(null) });

export interface TenantLimits {
  /** The only buckets that its photos may come from; null = every bucket of the deployment. */
  readonly inputBuckets: readonly string[] | null;
}

/** What is stored as limits. A list that cannot be read allows nothing, so that a damaged row opens no bucket. */
export const tenantLimits = (stored: Readonly<Record<string, unknown>>): TenantLimits =>
  LIMITS.safeParse(stored).data ?? { inputBuckets: [] };
