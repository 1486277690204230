import type { JobEvent } from '../messages/notifications';

/** What an endpoint of a tenant may be told. The last is sent when a person asks for it, to any endpoint. */
export type EndpointEvent = JobEvent | 'webhook.test';

/** One try to deliver an event. */
export interface DeliveryTry {
  readonly at: string;
  /** Of the receiver's answer; null where there was none. */
  readonly statusCode: number | null;
  /** In words. Never the address. */
  readonly detail: string;
}

export const DELIVERY_STATUSES = ['pending', 'delivered', 'rejected', 'expired'] as const;

/**
 * `webhooks/<tenant>/<endpointId>/<deliveryId>.json`: one event on its way to one endpoint. The body lies with the job
 * (`layout.eventBody`), so that it goes with it.
 */
export interface EndpointDelivery {
  readonly version: 1;
  readonly deliveryId: string;
  readonly eventId: string;
  readonly event: EndpointEvent;
  /** Null where the event is of no job. */
  readonly jobId: string | null;
  /** `rejected`: refused for good; `expired`: not taken in the time that it is tried. */
  readonly status: (typeof DELIVERY_STATUSES)[number];
  readonly createdAt: string;
  /** Oldest first, those of earlier deliveries of the same event too. */
  readonly tries: readonly DeliveryTry[];
  /** Null where nothing more is tried. */
  readonly nextTryAt: string | null;
  /** Only where the event is of no job. */
  readonly body: string | null;
}

/** Names a delivery, and finds it in S3. */
export interface DeliveryRef {
  readonly tenant: string;
  readonly endpointId: string;
  readonly deliveryId: string;
}

const END_OF_TIME_MS = 9_999_999_999_999;

/** S3 lists by name: what is newer comes first, since its name begins with less time left. */
export const timePrefix = (ms: number): string => String(END_OF_TIME_MS - ms).padStart(13, '0');

/** The same for the same event: whoever announces it twice makes one delivery. */
export const deliveryIdOf = (createdAtMs: number, eventId: string): string => `${timePrefix(createdAtMs)}-${eventId}`;

/** What can be the id of a delivery at all; nothing else becomes part of a key. */
export const isDeliveryId = (text: string): boolean => /^\d{13}-[\w-]{1,150}$/.test(text);

export const endpointDeliveryWorkflowId = (endpointId: string, deliveryId: string): string =>
  `webhook-${endpointId}-${deliveryId}`;

export const announcementWorkflowId = (eventId: string): string => `announce-${eventId}`;

const MAX_PAUSE_MS = 6 * 3600_000;

/** Pause after a try, counted from 1, as the delivery's workflow is told to make it: doubles up to 6 hours. */
export const pauseAfterTryMs = (attempt: number, initialMs: number): number =>
  Math.min(MAX_PAUSE_MS, initialMs * 2 ** (attempt - 1));
