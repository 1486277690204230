import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { JobEvent } from '../../contracts/messages/notifications';
import { webhookAddressProblem } from '../../contracts/messages/webhook-url';
import {
  deliveryIdOf,
  pauseAfterTryMs,
  type DeliveryRef,
  type DeliveryTry,
  type EndpointDelivery,
} from '../../contracts/webhooks/delivery';
import type { DeliveryLog } from '../../platform/webhooks/delivery-log';
import { endpointSecret, standardSignatures } from '../../platform/webhooks/endpoint-secret';
import type { RegisteredEndpoint, RegisteredEndpoints } from '../../platform/webhooks/registered-endpoints';
import { afterFailure, disabledReason } from '../../contracts/webhooks/failures';
import type { EndpointFailureLog } from '../../platform/webhooks/endpoint-failure-log';
import { unsuccessful } from '../application-failures';
import { countWebhookTry } from './counted';
import { postEvent, type PostDeps, type PostOutcome } from './post';

export interface EndpointDeps extends PostDeps {
  /** That secrets derive from; null = this deployment sends nothing to endpoints. */
  readonly masterKey: string | null;
  readonly endpoints: RegisteredEndpoints;
  readonly log: DeliveryLog;
  readonly failures: EndpointFailureLog;
}

/** Something that happened to a job, before it is known who wants to hear of it. */
export interface Announcement {
  readonly tenant: string;
  readonly jobId: string;
  readonly eventId: string;
  readonly event: JobEvent;
  readonly createdAtMs: number;
  /** JSON of a WebhookEvent. */
  readonly body: string;
}

export interface EndpointTry extends DeliveryRef {
  /** The pause after the first try, which doubles. */
  readonly retryInitialMs: number;
}

export interface EndpointActivities {
  /** Notes a delivery for each endpoint of the tenant that is enabled and wants the event. Safe to repeat. */
  announce(announcement: Announcement): Promise<readonly DeliveryRef[]>;
  /**
   * Posts an event once, signed as Standard Webhooks says, and writes down how that went. Address, secrets and whether
   * the endpoint is enabled are looked up each time. Throws WEBHOOK_REJECTED (not retried) at 410 and where endpoint or
   * job are gone or the endpoint is disabled, WEBHOOK_DISABLED (not retried) at the try that disables it, and
   * WEBHOOK_DEFERRED (retried) for every other answer and for none.
   */
  sendToEndpoint(attempt: EndpointTry): Promise<string>;
  /** Writes down that nothing more is tried. Safe to repeat. */
  expireDelivery(ref: DeliveryRef): Promise<void>;
}

/** How a try went; `wasPosted` = the receiver was asked at all, so that it counts for or against the endpoint. */
interface Sent extends PostOutcome {
  readonly wasPosted: boolean;
}

/** How long deliveries stay in the list. */
const KEPT_MS = 30 * 24 * 3600_000;

export function createEndpointActivities(deps: EndpointDeps): EndpointActivities {
  const { masterKey, endpoints, log, failures } = deps;

  const send = async (
    endpoint: RegisteredEndpoint,
    { eventId, body: ownBody, jobId }: EndpointDelivery,
  ): Promise<Sent> => {
    const refused = (problem: string, isGone: boolean): Sent => ({
      statusCode: null,
      isGone,
      problem,
      wasPosted: false,
    });
    if (!endpoint.isEnabled) return refused('the endpoint is disabled', true);
    if (masterKey === null) return refused('the deployment has no SPACEPORT_WEBHOOK_MASTER_KEY', false);
    const problem = webhookAddressProblem(endpoint.url, deps.rules);
    if (problem !== null) return refused(`the webhook's address: ${problem}`, false);
    const body = jobId === null ? ownBody : await log.body(jobId, eventId, cancellationSignal());
    if (body === null) return refused('the job was erased', true);
    const nowMs = Date.now();
    const seconds = Math.floor(nowMs / 1000);
    const generations = [
      endpoint.secretGeneration,
      ...endpoint.formerSecrets.filter(({ untilMs }) => untilMs > nowMs).map(({ generation }) => generation),
    ];
    const secrets = generations.map((generation) => endpointSecret(masterKey, endpoint.id, generation));
    const headers = {
      'webhook-id': eventId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': standardSignatures(secrets, eventId, seconds, body),
    };
    const outcome = await postEvent(new URL(endpoint.url), headers, body, deps, cancellationSignal());
    return { ...outcome, wasPosted: true };
  };

  const isGivenUp = async (tenant: string, endpointId: string, signal: AbortSignal): Promise<boolean> =>
    ((await failures.find(tenant, endpointId, signal))?.disabledAtMs ?? null) !== null;

  /** Notes how a try went; returns why the endpoint is disabled by this very delivery, else null. */
  const noteStanding = async (
    { tenant, endpointId, deliveryId }: DeliveryRef,
    { problem }: Sent,
    signal: AbortSignal,
  ): Promise<string | null> => {
    if (problem === null) {
      // Most endpoints take everything: nothing is written for them.
      if ((await failures.find(tenant, endpointId, signal)) !== null) await failures.clear(tenant, endpointId, signal);
      return null;
    }
    const failed = { deliveryId, detail: problem, nowMs: Date.now() };
    const after = await failures.change(tenant, endpointId, (known) => afterFailure(known, failed), signal);
    return after.disabledBy === deliveryId ? disabledReason(after) : null;
  };

  return {
    async announce({ tenant, jobId, eventId, event, createdAtMs, body }) {
      if (masterKey === null) return [];
      const signal = cancellationSignal();
      const wanted: RegisteredEndpoint[] = [];
      for (const endpoint of await endpoints.list(tenant, signal))
        if (endpoint.isEnabled && endpoint.events.includes(event) && !(await isGivenUp(tenant, endpoint.id, signal)))
          wanted.push(endpoint);
      if (wanted.length === 0) return [];
      await log.keepBody(jobId, eventId, body, signal);
      const deliveryId = deliveryIdOf(createdAtMs, eventId);
      const at = new Date(createdAtMs).toISOString();
      for (const { id } of wanted) {
        const kept = { version: 1, deliveryId, eventId, event, jobId, status: 'pending', createdAt: at } as const;
        await log.create(tenant, id, { ...kept, tries: [], nextTryAt: at, body: null }, signal);
        await log.prune(tenant, id, Date.now() - KEPT_MS, signal);
      }
      return wanted.map(({ id }) => ({ tenant, endpointId: id, deliveryId }));
    },

    async sendToEndpoint({ tenant, endpointId, deliveryId, retryInitialMs }) {
      const ref = { tenant, endpointId, deliveryId };
      const signal = cancellationSignal();
      const [endpoint, delivery] = [await endpoints.find(tenant, endpointId, signal), await log.find(ref, signal)];
      if (endpoint === null || delivery === null) throw unsuccessful('WEBHOOK_REJECTED', 'the endpoint was removed');
      const failing = await failures.find(tenant, endpointId, signal);
      const isDisabled = failing !== null && failing.disabledAtMs !== null;
      // A test event finds out whether an endpoint that was given up takes events again.
      const sent: Sent =
        isDisabled && delivery.event !== 'webhook.test'
          ? { statusCode: null, isGone: true, problem: `disabled: ${disabledReason(failing)}`, wasPosted: false }
          : await send(endpoint, delivery);
      const { statusCode, isGone, problem } = sent;
      const why = sent.wasPosted ? await noteStanding(ref, sent, signal) : null;
      // Also where the worker was killed after it had noted that.
      const isLastStraw = why !== null || (isDisabled && failing.disabledBy === deliveryId && problem !== null);
      const nowMs = Date.now();
      const detail = problem ?? `answered ${statusCode}`;
      const tried: DeliveryTry = { at: new Date(nowMs).toISOString(), statusCode, detail };
      const pauseMs = pauseAfterTryMs(activityInfo().attempt, retryInitialMs);
      const status = problem === null ? 'delivered' : isGone || isLastStraw ? 'rejected' : 'pending';
      await log.change(
        ref,
        (known) => ({
          ...known,
          status,
          tries: [...known.tries, tried].slice(-MAX_TRIES_KEPT),
          nextTryAt: status === 'pending' ? new Date(nowMs + pauseMs).toISOString() : null,
        }),
        signal,
      );
      countWebhookTry(status);
      if (problem === null) return detail;
      if (isLastStraw) throw unsuccessful('WEBHOOK_DISABLED', problem);
      throw unsuccessful(isGone ? 'WEBHOOK_REJECTED' : 'WEBHOOK_DEFERRED', problem);
    },

    async expireDelivery(ref) {
      await log.change(
        ref,
        (known) => (known.status === 'pending' ? { ...known, status: 'expired', nextTryAt: null } : known),
        cancellationSignal(),
      );
    },
  };
}

/** Three days have some 30; people may ask for more. */
const MAX_TRIES_KEPT = 100;
