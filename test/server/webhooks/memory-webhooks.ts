import { isDeliveryId, type DeliveryRef, type EndpointDelivery } from '../../../contracts/webhooks/delivery';
import type { EndpointFailures } from '../../../contracts/webhooks/failures';
import type { EndpointFailureLog } from '../../../platform/webhooks/endpoint-failure-log';
import type { DeliveryLog } from '../../../platform/webhooks/delivery-log';
import type { WebhookEndpoint, WebhookEndpoints } from '../../../server/storage/webhook-endpoints';
import type { DeliveryRuns } from '../../../server/webhooks/delivery-runs';

/** Endpoints in memory, as the database keeps them. */
export function memoryEndpoints(): WebhookEndpoints {
  const known = new Map<string, WebhookEndpoint>();
  const find = (tenant: string, id: string): WebhookEndpoint | null => {
    const endpoint = known.get(id);
    return endpoint?.tenant === tenant ? endpoint : null;
  };
  const change = (tenant: string, id: string, changes: Partial<WebhookEndpoint>): WebhookEndpoint | null => {
    const endpoint = find(tenant, id);
    if (endpoint === null) return null;
    const changed = { ...endpoint, ...changes };
    known.set(id, changed);
    return changed;
  };
  return {
    async create(endpoint) {
      const made = { ...endpoint, secretGeneration: 1, formerSecrets: [], disabledAtMs: null };
      known.set(endpoint.id, made);
      return made;
    },
    list: async (tenant) => [...known.values()].filter((endpoint) => endpoint.tenant === tenant),
    find: async (tenant, id) => find(tenant, id),
    update: async (tenant, id, changes) => change(tenant, id, changes),
    async rotateSecret(tenant, id, _nowMs, oldUntilMs) {
      const generation = find(tenant, id)?.secretGeneration ?? 0;
      const formerSecrets = [{ generation, untilMs: oldUntilMs }];
      return change(tenant, id, { secretGeneration: generation + 1, formerSecrets });
    },
    remove: async (tenant, id) => find(tenant, id) !== null && known.delete(id),
  };
}

/** Deliveries in memory, in the order of their names. */
export class MemoryDeliveries implements DeliveryLog, DeliveryRuns {
  readonly known = new Map<string, EndpointDelivery>();
  readonly bodies = new Map<string, string>();
  readonly started: DeliveryRef[] = [];

  private readonly nameOf = ({ tenant, endpointId, deliveryId }: DeliveryRef): string =>
    `${tenant}/${endpointId}/${deliveryId}`;

  async deliver(ref: DeliveryRef): Promise<void> {
    this.started.push(ref);
  }
  async create(tenant: string, endpointId: string, delivery: EndpointDelivery): Promise<void> {
    const { deliveryId } = delivery;
    if (!isDeliveryId(deliveryId)) throw new RangeError(deliveryId);
    this.known.set(this.nameOf({ tenant, endpointId, deliveryId }), delivery);
  }
  async find(ref: DeliveryRef): Promise<EndpointDelivery | null> {
    return this.known.get(this.nameOf(ref)) ?? null;
  }
  async change(ref: DeliveryRef, change: (delivery: EndpointDelivery) => EndpointDelivery) {
    const delivery = this.known.get(this.nameOf(ref));
    if (delivery === undefined) return null;
    const changed = change(delivery);
    this.known.set(this.nameOf(ref), changed);
    return changed;
  }
  async page({ tenant, endpointId, after, limit }: Parameters<DeliveryLog['page']>[0]) {
    const folder = `${tenant}/${endpointId}/`;
    const all = [...this.known].filter(([name]) => name.startsWith(folder) && name > `${folder}${after ?? ''}`);
    const names = all.toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { deliveries: names.slice(0, limit).map(([, delivery]) => delivery), isLast: names.length <= limit };
  }
  async prune(): Promise<void> {}
  async removeAll(tenant: string, endpointId: string): Promise<void> {
    for (const name of this.known.keys()) if (name.startsWith(`${tenant}/${endpointId}/`)) this.known.delete(name);
  }
  async body(jobId: string, eventId: string): Promise<string | null> {
    return this.bodies.get(`${jobId}/${eventId}`) ?? null;
  }
  async keepBody(jobId: string, eventId: string, body: string): Promise<void> {
    this.bodies.set(`${jobId}/${eventId}`, body);
  }
}

/** Endpoints that take nothing, in memory. */
export class MemoryFailures implements EndpointFailureLog {
  readonly known = new Map<string, EndpointFailures>();

  async find(tenant: string, endpointId: string): Promise<EndpointFailures | null> {
    return this.known.get(`${tenant}/${endpointId}`) ?? null;
  }
  async change(tenant: string, endpointId: string, change: (known: EndpointFailures | null) => EndpointFailures) {
    const changed = change(await this.find(tenant, endpointId));
    this.known.set(`${tenant}/${endpointId}`, changed);
    return changed;
  }
  async clear(tenant: string, endpointId: string): Promise<void> {
    this.known.delete(`${tenant}/${endpointId}`);
  }
}
