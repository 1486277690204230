import { z } from 'zod';
import {
  endpointEventsIn,
  formerSecretsIn,
  REGISTERED_ENDPOINT,
  type FormerSecret,
} from '../../contracts/webhooks/registered-endpoint-schema';
import { layout } from '../../contracts/storage/layout';
import { listObjects, readJson, type BucketDeps } from '../s3-objects';

/** An endpoint as a worker needs to know it. */
export interface RegisteredEndpoint {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly isEnabled: boolean;
  readonly secretGeneration: number;
  readonly formerSecrets: readonly FormerSecret[];
}

/** Endpoints as S3 has them: workers have no database. */
export interface RegisteredEndpoints {
  list(tenant: string, signal: AbortSignal): Promise<readonly RegisteredEndpoint[]>;
  /** Null where it was removed. */
  find(tenant: string, endpointId: string, signal: AbortSignal): Promise<RegisteredEndpoint | null>;
  /** Who is told of what happens to the endpoints of a tenant; null = nobody. */
  alertEmail(tenant: string, signal: AbortSignal): Promise<string | null>;
}

const KIND = 'endpoints';
/** Of a tenant as the registry has it, what is needed here. */
const TENANT = z.object({ alertEmail: z.string().nullable().default(null) });

export function createRegisteredEndpoints({ s3, bucket }: BucketDeps): RegisteredEndpoints {
  const read = async (key: string, signal: AbortSignal): Promise<RegisteredEndpoint | null> => {
    const stored = await readJson(s3, { bucket, key }, signal);
    if (stored === null) return null;
    const { id, url, events, secretGeneration, formerSecrets, disabledAtMs } = REGISTERED_ENDPOINT.parse(stored.value);
    return {
      id,
      url,
      events: endpointEventsIn(events),
      isEnabled: disabledAtMs === null,
      secretGeneration,
      formerSecrets: formerSecretsIn(formerSecrets),
    };
  };
  return {
    async list(tenant, signal) {
      const endpoints: RegisteredEndpoint[] = [];
      const folder = { bucket, key: `${layout.registryPrefix}${KIND}/${tenant}/` };
      for await (const { key } of listObjects(s3, folder, signal)) {
        const found = await read(key, signal);
        if (found !== null) endpoints.push(found);
      }
      return endpoints;
    },
    find: (tenant, endpointId, signal) => read(layout.registered(KIND, tenant, '', endpointId), signal),
    async alertEmail(tenant, signal) {
      const stored = await readJson(s3, { bucket, key: layout.registered('tenants', tenant, '', tenant) }, signal);
      return stored === null ? null : TENANT.parse(stored.value).alertEmail;
    },
  };
}
