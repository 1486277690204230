import { randomUUID } from 'node:crypto';
import { iso } from '../../contracts/job/view';
import { JOB_EVENTS, type JobEvent } from '../../contracts/messages/notifications';
import { disabledReason, type EndpointFailures } from '../../contracts/webhooks/failures';
import type { EndpointView, EndpointWithSecret } from '../../contracts/webhooks/view-schema';
import type { DeliveryLog } from '../../platform/webhooks/delivery-log';
import type { EndpointFailureLog } from '../../platform/webhooks/endpoint-failure-log';
import { endpointSecret } from '../../platform/webhooks/endpoint-secret';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { WebhookEndpoint, WebhookEndpoints } from '../storage/webhook-endpoints';

/** What a person may set of an endpoint. */
export interface EndpointSettings {
  readonly url: string;
  readonly events: readonly JobEvent[];
  readonly enabled: boolean;
}

/** Endpoints of the caller's tenant. All calls throw Problem. */
export interface EndpointDesk {
  create(caller: Caller, settings: EndpointSettings): Promise<EndpointWithSecret>;
  list(caller: Caller): Promise<readonly EndpointView[]>;
  get(caller: Caller, endpointId: string): Promise<EndpointView>;
  change(caller: Caller, endpointId: string, changes: Partial<EndpointSettings>): Promise<EndpointView>;
  /** @param oldSecretSeconds how long the secrets so far sign beside the new one */
  rotateSecret(caller: Caller, endpointId: string, oldSecretSeconds: number): Promise<EndpointWithSecret>;
  /** With the list of its deliveries; what is under way ends at its next try. */
  remove(caller: Caller, endpointId: string): Promise<void>;
}

export interface EndpointDeskDeps {
  readonly endpoints: WebhookEndpoints;
  readonly log: Pick<DeliveryLog, 'removeAll'>;
  readonly failures: Pick<EndpointFailureLog, 'find' | 'clear'>;
  readonly masterKey: string | null;
  readonly now: () => number;
}

export const MAX_ENDPOINTS = 20;

export function createEndpointDesk({ endpoints, log, failures, masterKey, now }: EndpointDeskDeps): EndpointDesk {
  const viewOf = async (endpoint: WebhookEndpoint): Promise<EndpointView> =>
    endpointView(endpoint, await reached('The storage', failures.find(endpoint.tenant, endpoint.id)), now());
  const withSecret = async (endpoint: WebhookEndpoint): Promise<EndpointWithSecret> => ({
    ...(await viewOf(endpoint)),
    secret: endpointSecret(neededKey(masterKey), endpoint.id, endpoint.secretGeneration),
  });
  return {
    async create({ tenant }, { url, events, enabled }) {
      neededKey(masterKey);
      if ((await reached('The database', endpoints.list(tenant))).length >= MAX_ENDPOINTS)
        throw new Problem(
          'TOO_MANY_ENDPOINTS',
          `a tenant has ${MAX_ENDPOINTS} webhook endpoints at most; delete one that is not used`,
        );
      const id = randomUUID();
      const made = await reached('The database', endpoints.create({ id, tenant, url, events, createdAtMs: now() }));
      if (enabled) return withSecret(made);
      return withSecret(found(await reached('The database', endpoints.update(tenant, id, { disabledAtMs: now() }))));
    },

    async list({ tenant }) {
      return Promise.all((await reached('The database', endpoints.list(tenant))).map(viewOf));
    },

    async get(caller, endpointId) {
      return viewOf(await findEndpoint(endpoints, caller, endpointId));
    },

    async change({ tenant }, endpointId, { enabled, ...changes }) {
      const disabledAtMs = enabled === undefined ? {} : { disabledAtMs: enabled ? null : now() };
      const changed = await reached(
        'The database',
        endpoints.update(tenant, endpointId, { ...changes, ...disabledAtMs }),
      );
      const endpoint = found(changed);
      if (enabled === true) await reached('The storage', failures.clear(tenant, endpointId));
      return viewOf(endpoint);
    },

    async rotateSecret({ tenant }, endpointId, oldSecretSeconds) {
      neededKey(masterKey);
      const oldUntilMs = now() + oldSecretSeconds * 1000;
      return withSecret(
        found(await reached('The database', endpoints.rotateSecret(tenant, endpointId, now(), oldUntilMs))),
      );
    },

    async remove(caller, endpointId) {
      const { tenant, id } = await findEndpoint(endpoints, caller, endpointId);
      // The list first: without the endpoint nobody could remove it any more.
      await reached('The storage', Promise.all([log.removeAll(tenant, id), failures.clear(tenant, id)]));
      found((await reached('The database', endpoints.remove(tenant, id))) || null);
    },
  };
}

/** Throws WEBHOOKS_OFF where the deployment has no key to derive secrets from. */
export function neededKey(masterKey: string | null): string {
  if (masterKey !== null) return masterKey;
  throw new Problem('WEBHOOKS_OFF', 'the operator has set no SPACEPORT_WEBHOOK_MASTER_KEY; ask for it');
}

/** Throws ENDPOINT_NOT_FOUND, for those of other tenants too. */
export const findEndpoint = async (
  endpoints: Pick<WebhookEndpoints, 'find'>,
  { tenant }: Caller,
  endpointId: string,
): Promise<WebhookEndpoint> => found(await reached('The database', endpoints.find(tenant, endpointId)));

function found<T>(endpoint: T | null): T {
  if (endpoint !== null) return endpoint;
  throw new Problem('ENDPOINT_NOT_FOUND', 'no webhook endpoint has that id; GET /v1/webhooks lists them');
}

function endpointView(endpoint: WebhookEndpoint, failing: EndpointFailures | null, nowMs: number): EndpointView {
  const { id, url, events, createdAtMs, disabledAtMs, formerSecrets } = endpoint;
  const oldUntilMs = Math.max(0, ...formerSecrets.map(({ untilMs }) => untilMs));
  const disabled = disabledIn(disabledAtMs, failing);
  return {
    endpointId: id,
    url,
    events: JOB_EVENTS.filter((event) => events.includes(event)),
    enabled: disabled === null,
    disabled,
    failingSince: failing === null ? null : iso(failing.sinceMs),
    createdAt: iso(createdAtMs),
    oldSecretsUntil: oldUntilMs > nowMs ? iso(oldUntilMs) : null,
  };
}

/** A person's word comes first: only a person takes it back. */
function disabledIn(disabledAtMs: number | null, failing: EndpointFailures | null): EndpointView['disabled'] {
  if (disabledAtMs !== null) return { by: 'person', at: iso(disabledAtMs), reason: 'somebody has disabled it' };
  if (failing === null || failing.disabledAtMs === null) return null;
  return { by: 'failures', at: iso(failing.disabledAtMs), reason: disabledReason(failing) };
}
