import { z } from 'zod';
import { layout } from '../../contracts/storage/layout';
import type { EndpointFailures } from '../../contracts/webhooks/failures';
import { changeJson, deleteKeys, readJson, type BucketDeps } from '../s3-objects';

/** Which endpoints take nothing, an object each: workers write it, servers show it. */
export interface EndpointFailureLog {
  /** Null where the last try was taken, or nothing was tried yet. */
  find(tenant: string, endpointId: string, signal?: AbortSignal): Promise<EndpointFailures | null>;
  /** What is known after the change. Of two changes at once neither is lost. */
  change(
    tenant: string,
    endpointId: string,
    change: (known: EndpointFailures | null) => EndpointFailures,
    signal?: AbortSignal,
  ): Promise<EndpointFailures>;
  /** Begins anew: something was taken, or a person has enabled the endpoint. */
  clear(tenant: string, endpointId: string, signal?: AbortSignal): Promise<void>;
}

const STORED: z.ZodType<EndpointFailures> = z.object({
  version: z.literal(1),
  sinceMs: z.number(),
  tries: z.number(),
  detail: z.string(),
  disabledAtMs: z.number().nullable(),
  disabledBy: z.string().nullable(),
});

export function createEndpointFailureLog({ s3, bucket }: BucketDeps): EndpointFailureLog {
  const placeOf = (tenant: string, endpointId: string) => ({
    bucket,
    key: layout.endpointFailures(tenant, endpointId),
  });
  return {
    async find(tenant, endpointId, signal) {
      const stored = await readJson(s3, placeOf(tenant, endpointId), signal);
      return stored === null ? null : STORED.parse(stored.value);
    },

    change: (tenant, endpointId, change, signal) =>
      changeJson(
        s3,
        placeOf(tenant, endpointId),
        (stored) => change(stored === null ? null : STORED.parse(stored)),
        signal,
      ),

    async clear(tenant, endpointId, signal) {
      await deleteKeys({ s3, bucket }, [placeOf(tenant, endpointId).key], signal);
    },
  };
}
