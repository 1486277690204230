import { z } from 'zod';
import { JOB_EVENTS } from '../../contracts/messages/notifications';
import { webhookAddressProblem, type WebhookRules } from '../../contracts/messages/webhook-url';
import {
  DELIVERY_LIST,
  DELIVERY_VIEW,
  ENDPOINT_LIST,
  ENDPOINT_VIEW,
  ENDPOINT_WITH_SECRET,
} from '../../contracts/webhooks/view-schema';
import type { ProblemCode } from '../http/problem';
import { NO_BODY, pageFields, strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import type { DeliveryDesk } from './deliveries';
import type { EndpointDesk } from './endpoints';

const TAG = 'Webhooks';
const ENDPOINT_PARAMS = z.object({ endpointId: z.string() });
const DELIVERY_PARAMS = z.object({ endpointId: z.string(), deliveryId: z.string() });
const OF_SENDING = [
  'ENDPOINT_NOT_FOUND',
  'ENDPOINT_DISABLED',
  'WEBHOOKS_OFF',
] as const satisfies readonly ProblemCode[];
const DAY_SECONDS = 24 * 3600;

/** `/v1/webhooks`: addresses of a tenant that are told of all of its jobs, and what was delivered to them. */
export const webhookRoutes = (
  endpoints: EndpointDesk,
  deliveries: DeliveryDesk,
  rules: Pick<WebhookRules, 'hosts'>,
): Route[] => [...endpointRoutes(endpoints, rules), ...secretRoutes(endpoints), ...deliveryRoutes(deliveries)];

function endpointRoutes(endpoints: EndpointDesk, rules: Pick<WebhookRules, 'hosts'>): Route[] {
  const url = z
    .string()
    .describe('Where events are posted to: https, and a public host')
    .superRefine((text, context) => {
      const message = webhookAddressProblem(text, rules);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });
  const events = z
    .array(z.enum(JOB_EVENTS))
    .min(1, 'must name one at least')
    .max(JOB_EVENTS.length)
    .transform((named) => JOB_EVENTS.filter((event) => named.includes(event)));
  return [
    route(
      {
        method: 'post',
        path: '/v1/webhooks',
        operation: 'createWebhook',
        tag: TAG,
        summary: 'Make a webhook endpoint, whose secret is shown once',
        description: 'Events of all jobs of the tenant are posted to it, signed as Standard Webhooks says.',
        scope: 'write',
        body: strictBody({ url, events: events.default([...JOB_EVENTS]), enabled: z.boolean().default(true) }),
        example: { url: 'https://example.com/hooks', events: ['job.succeeded', 'job.failed'] },
        idempotent: { secrets: ['secret'] },
        answers: {
          201: {
            description: 'The endpoint',
            schema: ENDPOINT_WITH_SECRET,
            headers: { Location: 'Address of the endpoint' },
          },
        },
        problems: ['TOO_MANY_ENDPOINTS', 'WEBHOOKS_OFF'],
      },
      async ({ caller, body }) => {
        const made = await endpoints.create(caller, body);
        return { status: 201, body: made, headers: { Location: `/v1/webhooks/${made.endpointId}` } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/webhooks',
        operation: 'listWebhooks',
        tag: TAG,
        summary: 'The webhook endpoints',
        scope: 'read',
        answers: { 200: { description: 'In the order in which they were made', schema: ENDPOINT_LIST } },
      },
      async ({ caller }) => ({ status: 200, body: { endpoints: await endpoints.list(caller) } }),
    ),
    route(
      {
        method: 'get',
        path: '/v1/webhooks/{endpointId}',
        operation: 'getWebhook',
        tag: TAG,
        summary: 'A webhook endpoint',
        scope: 'read',
        params: ENDPOINT_PARAMS,
        answers: { 200: { description: 'The endpoint', schema: ENDPOINT_VIEW } },
        problems: ['ENDPOINT_NOT_FOUND'],
      },
      async ({ caller, params }) => ({ status: 200, body: await endpoints.get(caller, params.endpointId) }),
    ),
    route(
      {
        method: 'patch',
        path: '/v1/webhooks/{endpointId}',
        operation: 'changeWebhook',
        tag: TAG,
        summary: 'Change address or events of an endpoint, disable or enable it',
        description: 'Deliveries that are under way go to the new address from their next try on.',
        scope: 'write',
        params: ENDPOINT_PARAMS,
        body: strictBody({
          url: url.exactOptional(),
          events: events.exactOptional(),
          enabled: z.boolean().exactOptional(),
        }),
        example: { enabled: false },
        answers: { 200: { description: 'The endpoint', schema: ENDPOINT_VIEW } },
        problems: ['ENDPOINT_NOT_FOUND'],
      },
      async ({ caller, params, body }) => ({
        status: 200,
        body: await endpoints.change(caller, params.endpointId, body),
      }),
    ),
    route(
      {
        method: 'delete',
        path: '/v1/webhooks/{endpointId}',
        operation: 'deleteWebhook',
        tag: TAG,
        summary: 'Delete an endpoint with the list of its deliveries',
        scope: 'write',
        params: ENDPOINT_PARAMS,
        body: NO_BODY,
        answers: { 204: { description: 'It is gone' } },
        problems: ['ENDPOINT_NOT_FOUND'],
      },
      async ({ caller, params }) => {
        await endpoints.remove(caller, params.endpointId);
        return { status: 204 };
      },
    ),
  ];
}

const secretRoutes = (endpoints: EndpointDesk): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{endpointId}/rotate-secret',
      operation: 'rotateWebhookSecret',
      tag: TAG,
      summary: 'Give an endpoint a new secret, which is shown once',
      description: 'Each event carries a signature of the old secrets too, for 24 hours if nothing else is said.',
      scope: 'write',
      params: ENDPOINT_PARAMS,
      body: strictBody({
        oldSecretSeconds: z
          .int()
          .min(0)
          .max(DAY_SECONDS)
          .default(DAY_SECONDS)
          .describe('How long old secrets sign too; 0 where they have leaked'),
      }),
      example: { oldSecretSeconds: DAY_SECONDS },
      idempotent: { secrets: ['secret'] },
      answers: { 200: { description: 'The endpoint with its new secret', schema: ENDPOINT_WITH_SECRET } },
      problems: ['ENDPOINT_NOT_FOUND', 'WEBHOOKS_OFF'],
    },
    async ({ caller, params, body }) => ({
      status: 200,
      body: await endpoints.rotateSecret(caller, params.endpointId, body.oldSecretSeconds),
    }),
  ),
];

const deliveryRoutes = (deliveries: DeliveryDesk): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{endpointId}/test',
      operation: 'testWebhook',
      tag: TAG,
      summary: 'Send a test event, `webhook.test`',
      scope: 'write',
      params: ENDPOINT_PARAMS,
      body: NO_BODY,
      idempotent: { secrets: [] },
      answers: {
        202: { description: 'It is on its way; the list of deliveries tells how it went', schema: DELIVERY_VIEW },
      },
      problems: OF_SENDING,
    },
    async ({ caller, params }) => ({ status: 202, body: await deliveries.test(caller, params.endpointId) }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/webhooks/{endpointId}/deliveries',
      operation: 'listWebhookDeliveries',
      tag: TAG,
      summary: 'Deliveries of the last 30 days, the newest first',
      scope: 'read',
      params: ENDPOINT_PARAMS,
      query: z.strictObject({
        ...pageFields(20),
      }),
      answers: { 200: { description: 'A page of the list', schema: DELIVERY_LIST } },
      problems: ['ENDPOINT_NOT_FOUND'],
    },
    async ({ caller, params, query: { cursor = null, limit } }) => ({
      status: 200,
      body: await deliveries.list(caller, params.endpointId, cursor, limit),
    }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/webhooks/{endpointId}/deliveries/{deliveryId}/redeliver',
      operation: 'redeliverWebhook',
      tag: TAG,
      summary: 'Send an event once more, now',
      description: 'With the same event id and body; also where it has been taken, or waits for its next try.',
      scope: 'write',
      params: DELIVERY_PARAMS,
      body: NO_BODY,
      idempotent: { secrets: [] },
      answers: { 202: { description: 'It is on its way', schema: DELIVERY_VIEW } },
      problems: [...OF_SENDING, 'DELIVERY_NOT_FOUND', 'JOB_ERASED'],
    },
    async ({ caller, params }) => ({
      status: 202,
      body: await deliveries.redeliver(caller, params.endpointId, params.deliveryId),
    }),
  ),
];
