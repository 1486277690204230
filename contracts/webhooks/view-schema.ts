import { z } from 'zod';
import { JOB_EVENTS } from '../messages/notifications';
import { list, object } from '../messages/read-only';
import { DELIVERY_STATUSES } from './delivery';

/** What the API shows of webhook endpoints and their deliveries. */

const time = z.iso.datetime();

const endpointFields = {
  endpointId: z.string(),
  url: z.string(),
  events: list(z.enum(JOB_EVENTS)),
  enabled: z.boolean().describe('Events that happen meanwhile are not sent to a disabled endpoint, later neither'),
  disabled: object({
    by: z.enum(['person', 'failures']),
    at: time,
    reason: z.string().describe('In words'),
  })
    .nullable()
    .describe('`failures`: it took nothing for 5 days; a test event that it takes, or `enabled`, enables it'),
  failingSince: time.nullable().describe('From then on every try has failed; null where the last one was taken'),
  createdAt: time,
  oldSecretsUntil: time.nullable().describe('Until then signatures of replaced secrets are sent too'),
};

export const ENDPOINT_VIEW = object(endpointFields).meta({ id: 'WebhookEndpoint' });

export const ENDPOINT_LIST = object({ endpoints: list(ENDPOINT_VIEW) });

export const ENDPOINT_WITH_SECRET = object({
  ...endpointFields,
  secret: z
    .string()
    .nullable()
    .describe('Key of its signatures, shown this once: null in the answer to a repeated Idempotency-Key'),
}).meta({ id: 'WebhookEndpointWithSecret' });

export const DELIVERY_VIEW = object({
  deliveryId: z.string(),
  eventId: z.string().describe('`webhook-id` of the request: the same at each try'),
  event: z.enum([...JOB_EVENTS, 'webhook.test']),
  jobId: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES).describe('`rejected`: refused for good; `expired`: not taken within three days'),
  createdAt: time,
  attempts: list(
    object({
      at: time,
      statusCode: z.int().nullable().describe("Of the receiver's answer; null where there was none"),
      detail: z.string(),
    }),
  ).describe('Oldest first'),
  nextAttemptAt: time.nullable(),
}).meta({ id: 'WebhookDelivery' });

export const DELIVERY_LIST = object({
  deliveries: list(DELIVERY_VIEW),
  nextCursor: z.string().nullable().describe('For `cursor` of the next page; null on the last one'),
}).meta({ id: 'WebhookDeliveryList' });

export type EndpointView = z.infer<typeof ENDPOINT_VIEW>;
export type EndpointWithSecret = z.infer<typeof ENDPOINT_WITH_SECRET>;
export type DeliveryView = z.infer<typeof DELIVERY_VIEW>;
export type DeliveryList = z.infer<typeof DELIVERY_LIST>;
