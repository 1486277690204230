import { randomUUID } from 'node:crypto';
import { iso } from '../../contracts/job/view';
import { deliveryIdOf, isDeliveryId, type EndpointDelivery } from '../../contracts/webhooks/delivery';
import type { DeliveryList, DeliveryView } from '../../contracts/webhooks/view-schema';
import type { DeliveryLog } from '../../platform/webhooks/delivery-log';
import type { EndpointFailureLog } from '../../platform/webhooks/endpoint-failure-log';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import { invalidRequest } from '../http/request-schemas';
import type { WebhookEndpoint, WebhookEndpoints } from '../storage/webhook-endpoints';
import type { DeliveryRuns } from './delivery-runs';
import { findEndpoint, neededKey } from './endpoints';

/** What was, and is to be, delivered to the endpoints of the caller's tenant. All calls throw Problem. */
export interface DeliveryDesk {
  /** The newest first. @param cursor of the page before */
  list(caller: Caller, endpointId: string, cursor: string | null, limit: number): Promise<DeliveryList>;
  /** Sends an event once more, now, with the same id; also one that waits for its next try. */
  redeliver(caller: Caller, endpointId: string, deliveryId: string): Promise<DeliveryView>;
  /** Sends an event that says nothing but that it came. */
  test(caller: Caller, endpointId: string): Promise<DeliveryView>;
}

export interface DeliveryDeskDeps {
  readonly endpoints: Pick<WebhookEndpoints, 'find'>;
  readonly log: Pick<DeliveryLog, 'create' | 'find' | 'change' | 'page' | 'body'>;
  readonly failures: Pick<EndpointFailureLog, 'find'>;
  readonly runs: DeliveryRuns;
  readonly masterKey: string | null;
  readonly now: () => number;
}

export function createDeliveryDesk({ endpoints, log, failures, runs, masterKey, now }: DeliveryDeskDeps): DeliveryDesk {
  const findEnabled = async (caller: Caller, endpointId: string): Promise<WebhookEndpoint> => {
    const endpoint = await findEndpoint(endpoints, caller, endpointId);
    neededKey(masterKey);
    if (endpoint.disabledAtMs === null) return endpoint;
    throw new Problem('ENDPOINT_DISABLED', 'nothing is sent to a disabled endpoint; enable it first');
  };

  return {
    async list(caller, endpointId, cursor, limit) {
      if (cursor !== null && !isDeliveryId(cursor))
        throw invalidRequest([{ field: 'cursor', message: 'must be nextCursor of the page before' }]);
      const { tenant, id } = await findEndpoint(endpoints, caller, endpointId);
      const place = { tenant, endpointId: id, after: cursor, limit };
      const { deliveries, isLast } = await reached('The storage', log.page(place));
      return {
        deliveries: deliveries.map(deliveryView),
        nextCursor: isLast ? null : (deliveries.at(-1)?.deliveryId ?? null),
      };
    },

    async redeliver(caller, endpointId, deliveryId) {
      const { tenant, id } = await findEnabled(caller, endpointId);
      if (((await reached('The storage', failures.find(tenant, id)))?.disabledAtMs ?? null) !== null)
        throw new Problem(
          'ENDPOINT_DISABLED',
          'the endpoint was disabled since it took nothing for days; send a test event: once it is taken, all is sent again',
        );
      const ref = { tenant, endpointId: id, deliveryId };
      const known = isDeliveryId(deliveryId) ? await reached('The storage', log.find(ref)) : null;
      if (known === null)
        throw new Problem('DELIVERY_NOT_FOUND', 'the endpoint has no such delivery; they are listed for 30 days');
      if (known.jobId !== null && (await reached('The storage', log.body(known.jobId, known.eventId))) === null)
        throw new Problem('JOB_ERASED', `job ${known.jobId} was erased, and what was said of it too`);
      const nextTryAt = iso(now());
      const changed = await reached(
        'The storage',
        log.change(ref, (delivery) => ({ ...delivery, status: 'pending', nextTryAt })),
      );
      await reached('Temporal', runs.deliver(ref));
      return deliveryView(changed ?? known);
    },

    async test(caller, endpointId) {
      const { tenant, id } = await findEnabled(caller, endpointId);
      const nowMs = now();
      const eventId = `test-${randomUUID()}`;
      const at = iso(nowMs);
      const delivery: EndpointDelivery = {
        version: 1,
        deliveryId: deliveryIdOf(nowMs, eventId),
        eventId,
        event: 'webhook.test',
        jobId: null,
        status: 'pending',
        createdAt: at,
        tries: [],
        nextTryAt: at,
        body: JSON.stringify({ id: eventId, type: 'webhook.test', createdAt: at, job: null }),
      };
      await reached('The storage', log.create(tenant, id, delivery));
      await reached('Temporal', runs.deliver({ tenant, endpointId: id, deliveryId: delivery.deliveryId }));
      return deliveryView(delivery);
    },
  };
}

const deliveryView = ({
  deliveryId,
  eventId,
  event,
  jobId,
  status,
  createdAt,
  tries,
  nextTryAt,
}: EndpointDelivery): DeliveryView => ({
  deliveryId,
  eventId,
  event,
  jobId,
  status,
  createdAt,
  attempts: tries,
  nextAttemptAt: nextTryAt,
});
