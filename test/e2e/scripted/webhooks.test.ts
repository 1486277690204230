import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WebhookEvent } from '../../../contracts/messages/webhook-event';
import type { DeliveryList, DeliveryView, EndpointWithSecret } from '../../../contracts/webhooks/view-schema';
import { ScriptedStack } from '../../helpers/stack/scripted-stack';
import { waitFor } from '../../helpers/wait-for';

/** Endpoints of a tenant over the whole local product: server, database, S3, Temporal and workers. */
jest.setTimeout(300_000);

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let product: ScriptedStack;
let receiver: Server;
let received: Received[];
let status = 204;

beforeAll(async () => {
  product = await ScriptedStack.start({ retryInitialMs: 100, retryMaximumMs: 1000 });
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
}, 120_000);
beforeEach(() => {
  received = [];
  status = 204;
});
afterAll(async () => {
  receiver?.close();
  await product?.stop();
}, 60_000);

async function newEndpoint(): Promise<EndpointWithSecret> {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  const { status: answered, body } = await product.post('/v1/webhooks', { url });
  expect(answered).toBe(201);
  return body as unknown as EndpointWithSecret;
}

async function deliveries({ endpointId }: EndpointWithSecret): Promise<readonly DeliveryView[]> {
  const answer = await fetch(`${product.stack.endpoints.server}/v1/webhooks/${endpointId}/deliveries`);
  return ((await answer.json()) as DeliveryList).deliveries;
}

const ended = (endpoint: EndpointWithSecret, what: string, check: (delivery: DeliveryView) => boolean) =>
  waitFor(what, async () => (await deliveries(endpoint)).find(check), 60_000);

function isSigned({ secret }: EndpointWithSecret, { headers, body }: Received): boolean {
  const key = Buffer.from(secret!.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

test('a job tells the endpoint of its tenant, a rotated secret signs beside the old one, and an event is sent again', async () => {
  const endpoint = await newEndpoint();
  const path = `/v1/webhooks/${endpoint.endpointId}`;
  const jobId = await product.startJob({});
  expect(await product.end(jobId)).toMatchObject({ state: 'succeeded' });
  const delivered = await ended(endpoint, 'the event to be delivered', (one) => one.status === 'delivered');
  expect(delivered).toMatchObject({ event: 'job.succeeded', jobId, attempts: [{ statusCode: 204 }] });
  expect(JSON.parse(received[0]!.body) as WebhookEvent).toMatchObject({
    id: delivered.eventId,
    type: 'job.succeeded',
    job: { jobId, state: 'succeeded' },
  });
  expect(received[0]!.body).not.toContain('pilot@example.com');
  expect(isSigned(endpoint, received[0]!)).toBe(true);

  const rotated = (await product.post(`${path}/rotate-secret`, {})).body as unknown as EndpointWithSecret;
  const again = await product.post(`${path}/deliveries/${delivered.deliveryId}/redeliver`, {});
  expect(again).toMatchObject({ status: 202, body: { eventId: delivered.eventId, status: 'pending' } });
  await waitFor('the event to come again', () => received[1], 60_000);
  expect(received[1]!.headers['webhook-id']).toBe(delivered.eventId);
  expect(received[1]!.body).toBe(received[0]!.body);
  expect([endpoint, rotated].map((known) => isSigned(known, received[1]!))).toEqual([true, true]);
  expect(isSigned(rotated, received[0]!)).toBe(false);
  await ended(endpoint, 'the second try to be noted', ({ attempts }) => attempts.length === 2);
});

test('a test event that the receiver refuses is tried again, and at once where a person asks for it', async () => {
  const endpoint = await newEndpoint();
  status = 503;
  const sent = await product.post(`/v1/webhooks/${endpoint.endpointId}/test`, {});
  expect(sent).toMatchObject({ status: 202, body: { event: 'webhook.test', jobId: null } });
  const failing = await ended(endpoint, 'two tries', ({ attempts }) => attempts.length >= 2);
  expect(failing).toMatchObject({ status: 'pending', attempts: [{ statusCode: 503 }, { statusCode: 503 }] });
  expect(failing.nextAttemptAt).not.toBeNull();
  status = 204;
  await product.post(`/v1/webhooks/${endpoint.endpointId}/deliveries/${failing.deliveryId}/redeliver`, {});
  await ended(endpoint, 'it to be delivered', (one) => one.status === 'delivered');
  expect(JSON.parse(received.at(-1)!.body)).toMatchObject({ type: 'webhook.test', job: null });
  expect(received.every((one) => isSigned(endpoint, one))).toBe(true);
});
