import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Transporter } from 'nodemailer';
import type Mail from 'nodemailer/lib/mailer';
import { createEndpointMailActivities } from '../../../activities/notify/endpoint-mail';
import { createEndpointActivities, type Announcement } from '../../../activities/notify/endpoints';
import { DISABLED_AFTER_MS, DISABLED_AFTER_TRIES } from '../../../contracts/webhooks/failures';
import type { DeliveryRef } from '../../../contracts/webhooks/delivery';
import { layout } from '../../../contracts/storage/layout';
import { createDeliveryLog } from '../../../platform/webhooks/delivery-log';
import { createEndpointFailureLog } from '../../../platform/webhooks/endpoint-failure-log';
import { endpointSecret } from '../../../platform/webhooks/endpoint-secret';
import { createRegisteredEndpoints } from '../../../platform/webhooks/registered-endpoints';
import { deleteFolder } from '../../../platform/s3-objects';
import { BUCKET, removeFolder, startS3, type RunningS3 } from '../../local/s3/harness';

const MASTER_KEY = 'a master key of this suite, 32 characters or more';
const NOW_MS = Date.now();

let s3: RunningS3;
let client: ReturnType<RunningS3['client']>;
let receiver: Server;
let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
let status: number;
let mails: Mail.Options[];

beforeAll(async () => {
  s3 = await startS3();
  client = s3.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
beforeEach(() => {
  received = [];
  mails = [];
  status = 204;
});
afterAll(async () => {
  receiver?.close();
  await s3?.close();
  await removeFolder(s3.root);
});

function worker(masterKey: string | null = MASTER_KEY) {
  const deps = { s3: client, bucket: BUCKET };
  const log = createDeliveryLog(deps);
  const endpoints = createRegisteredEndpoints(deps);
  const failures = createEndpointFailureLog(deps);
  const activities = createEndpointActivities({ rules: { hosts: ['127.0.0.1'] }, masterKey, endpoints, log, failures });
  const announce = (announcement: Announcement): Promise<readonly DeliveryRef[]> =>
    new MockActivityEnvironment().run<[Announcement], readonly DeliveryRef[], typeof activities.announce>(
      activities.announce,
      announcement,
    );
  const attempt = (ref: DeliveryRef, number = 1): Promise<unknown> =>
    new MockActivityEnvironment({ attempt: number }).run(activities.sendToEndpoint, { ...ref, retryInitialMs: 2000 });
  const expire = (ref: DeliveryRef): Promise<unknown> =>
    new MockActivityEnvironment().run(activities.expireDelivery, ref);
  const tellOfDisabled = async (tenant: string, endpointId: string): Promise<unknown> => {
    const transport = { sendMail: async (mail: Mail.Options) => (mails.push(mail), { response: '250 taken' }) };
    const told = createEndpointMailActivities({
      transport: transport as unknown as Transporter,
      from: 'spaceport@example.com',
      endpoints,
      failures,
      publicUrl: 'https://spaceport.example.com',
    });
    return new MockActivityEnvironment().run(told.tellOfDisabled, { tenant, endpointId });
  };
  return { log, failures, announce, attempt, expire, tellOfDisabled };
}

/** An endpoint as the server writes it to S3. */
async function registered(tenant: string, id: string, changes: object = {}): Promise<void> {
  const { port } = receiver.address() as AddressInfo;
  const row = {
    id,
    tenant,
    url: `http://127.0.0.1:${port}/hooks`,
    events: '["job.succeeded"]',
    secretGeneration: 1,
    formerSecrets: '[]',
    createdAtMs: 1,
    disabledAtMs: null,
    ...changes,
  };
  const Key = layout.registered('endpoints', tenant, '', id);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: JSON.stringify(row) }));
}

const announcement = (tenant: string, changes: Partial<Announcement> = {}): Announcement => ({
  tenant,
  jobId: 'job12345',
  eventId: 'job12345-succeeded-1',
  event: 'job.succeeded',
  createdAtMs: NOW_MS,
  body: '{"id":"job12345-succeeded-1","type":"job.succeeded"}',
  ...changes,
});

/** Standard Webhooks' own check, as a receiver writes it from docs/webhooks.md. */
function isSigned(secret: string, { headers, body }: (typeof received)[number]): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

test('an event goes to the enabled endpoints of its tenant that want it, signed with their own secrets', async () => {
  const { log, announce, attempt } = worker();
  await registered('north', 'hook1');
  await registered('north', 'hook2', { events: '["job.failed"]' });
  await registered('north', 'hook3', { disabledAtMs: 1 });
  await registered('north', 'hook4');
  await registered('south', 'hook5');
  const refs = await announce(announcement('north'));
  expect(refs.map(({ endpointId }) => endpointId)).toEqual(['hook1', 'hook4']);
  // Announced twice it is one delivery all the same.
  expect(await announce(announcement('north'))).toEqual(refs);
  for (const ref of refs) expect(await attempt(ref)).toBe('answered 204');
  expect(received.map(({ body }) => body)).toEqual(refs.map(() => announcement('north').body));
  expect(received[0]!.headers['webhook-id']).toBe('job12345-succeeded-1');
  expect(Math.abs(Number(received[0]!.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(300);
  const secrets = ['hook1', 'hook4'].map((id) => endpointSecret(MASTER_KEY, id, 1));
  expect(received.map((one) => secrets.map((secret) => isSigned(secret, one)))).toEqual([
    [true, false],
    [false, true],
  ]);
  expect(isSigned(secrets[0]!, { ...received[0]!, body: `${received[0]!.body} ` })).toBe(false);
  expect(await log.find(refs[0]!)).toMatchObject({
    status: 'delivered',
    nextTryAt: null,
    tries: [{ statusCode: 204, detail: 'answered 204' }],
  });
  expect((await log.page({ tenant: 'north', endpointId: 'hook2', after: null, limit: 9 })).deliveries).toEqual([]);
});

test('after a rotation old and new secret sign, until the time of the old one is over', async () => {
  const { announce, attempt } = worker();
  await registered('rotated', 'hook1');
  const [ref] = await announce(announcement('rotated'));
  const [first, second, third] = [1, 2, 3].map((generation) => endpointSecret(MASTER_KEY, 'hook1', generation));
  const former = [
    { generation: 2, untilMs: Date.now() + 60_000 },
    { generation: 1, untilMs: Date.now() - 1 },
  ];
  await registered('rotated', 'hook1', { secretGeneration: 3, formerSecrets: JSON.stringify(former) });
  await attempt(ref!);
  expect([third, second, first].map((secret) => isSigned(secret!, received[0]!))).toEqual([true, true, false]);
});

test('a try that fails is noted with its answer and the time of the next one; what is changed meanwhile counts', async () => {
  const { log, announce, attempt, expire } = worker();
  await registered('failing', 'hook1');
  const [ref] = await announce(announcement('failing'));
  status = 503;
  await expect(attempt(ref!)).rejects.toMatchObject({ type: 'WEBHOOK_DEFERRED', nonRetryable: false });
  await expect(attempt(ref!, 4)).rejects.toMatchObject({ message: 'the receiver answered 503' });
  const { status: state, tries, nextTryAt } = (await log.find(ref!))!;
  expect([state, tries.map(({ statusCode }) => statusCode)]).toEqual(['pending', [503, 503]]);
  expect(Date.parse(nextTryAt!) - Date.parse(tries[1]!.at)).toBe(16_000);
  await registered('failing', 'hook1', { url: 'http://127.0.0.1:1/' });
  await expect(attempt(ref!)).rejects.toMatchObject({ message: 'the receiver was not reached: ECONNREFUSED' });
  await registered('failing', 'hook1', { url: 'http://192.168.0.1/' });
  await expect(attempt(ref!)).rejects.toMatchObject({ type: 'WEBHOOK_DEFERRED' });
  expect((await log.find(ref!))!.tries.at(-1)).toMatchObject({ statusCode: null });
  await expire(ref!);
  expect(await log.find(ref!)).toMatchObject({ status: 'expired', nextTryAt: null });
});

test('nothing is tried again after 410, nor where endpoint or job are gone', async () => {
  const { log, announce, attempt, expire } = worker();
  const refused = { type: 'WEBHOOK_REJECTED', nonRetryable: true };
  await registered('gone', 'hook1');
  const [ref] = await announce(announcement('gone'));
  status = 410;
  await expect(attempt(ref!)).rejects.toMatchObject(refused);
  expect(await log.find(ref!)).toMatchObject({ status: 'rejected', nextTryAt: null, tries: [{ statusCode: 410 }] });
  await expire(ref!);
  expect(await log.find(ref!)).toMatchObject({ status: 'rejected' });
  status = 204;
  await registered('gone', 'hook1', { disabledAtMs: 1 });
  await expect(attempt(ref!)).rejects.toMatchObject({ ...refused, message: 'the endpoint is disabled' });
  await registered('gone', 'hook1');
  await deleteFolder({ s3: client, bucket: BUCKET }, layout.jobFolder('job12345'));
  await expect(attempt(ref!)).rejects.toMatchObject({ ...refused, message: 'the job was erased' });
  await expect(attempt({ ...ref!, endpointId: 'hook9' })).rejects.toMatchObject(refused);
  expect(received).toHaveLength(1);
});

describe('an endpoint that takes nothing', () => {
  const long = { sinceMs: NOW_MS - DISABLED_AFTER_MS, tries: DISABLED_AFTER_TRIES - 1 };
  const failing = { version: 1, detail: 'x', disabledAtMs: null, disabledBy: null, ...long } as const;
  const disabled = { type: 'WEBHOOK_DISABLED', nonRetryable: true };
  const later = { eventId: 'job12345-failed-2', event: 'job.succeeded' } as const;

  async function givenUp(tenant: string) {
    const made = worker();
    await registered(tenant, 'hook1');
    const [ref] = await made.announce(announcement(tenant));
    const [other] = await made.announce(announcement(tenant, later));
    await made.failures.change(tenant, 'hook1', () => failing);
    status = 500;
    return { ...made, ref: ref!, other: other! };
  }

  test('for days and in many tries is disabled at the next one, and nothing more is sent to it', async () => {
    const { log, announce, attempt, ref, other, failures } = await givenUp('dead');
    await expect(attempt(ref)).rejects.toMatchObject(disabled);
    expect(await log.find(ref)).toMatchObject({ status: 'rejected', nextTryAt: null, tries: [{ statusCode: 500 }] });
    // A worker that was killed before it could say so says it the next time, without sending again.
    await expect(attempt(ref)).rejects.toMatchObject(disabled);
    await expect(attempt(other)).rejects.toMatchObject({
      type: 'WEBHOOK_REJECTED',
      message: expect.stringMatching(
        /^disabled: it has taken no event since \S+, in 20 tries; .* answered 500$/,
      ) as string,
    });
    expect(await announce(announcement('dead', { eventId: 'job12345-failed-3' }))).toEqual([]);
    expect(received).toHaveLength(1);
    expect(await failures.find('dead', 'hook1')).toMatchObject({ tries: 20, disabledBy: ref.deliveryId });
  });

  test.each([
    ['for less than five days', { sinceMs: NOW_MS - DISABLED_AFTER_MS + 3600_000 }],
    ['in few tries', { tries: 3 }],
  ])('%s is tried again', async (name, changes) => {
    const tenant = `young-${name.length}`;
    const { failures, attempt, ref } = await givenUp(tenant);
    await failures.change(tenant, 'hook1', () => ({ ...failing, ...changes }));
    await expect(attempt(ref)).rejects.toMatchObject({ type: 'WEBHOOK_DEFERRED' });
    status = 204;
    await attempt(ref);
    expect(await failures.find(tenant, 'hook1')).toBeNull();
  });

  test('is enabled again by a test event that it takes', async () => {
    const { log, announce, attempt, ref } = await givenUp('mended');
    await expect(attempt(ref)).rejects.toMatchObject(disabled);
    const trial = { ...(await log.find(ref))!, event: 'webhook.test', jobId: null, body: '{}' } as const;
    const deliveryId = `${ref.deliveryId}-test`;
    await log.create('mended', 'hook1', { ...trial, deliveryId, eventId: 'test-1', status: 'pending' });
    await expect(attempt({ ...ref, deliveryId })).rejects.toMatchObject({ type: 'WEBHOOK_DEFERRED' });
    status = 204;
    expect(await attempt({ ...ref, deliveryId })).toBe('answered 204');
    expect(await announce(announcement('mended', { eventId: 'job12345-failed-3' }))).toHaveLength(1);
  });

  test('that was disabled is told of at the address for alerts, without its path', async () => {
    const { attempt, ref, tellOfDisabled } = await givenUp('told');
    expect(await tellOfDisabled('told', 'hook1')).toBe('the endpoint is not disabled any more');
    await expect(attempt(ref)).rejects.toMatchObject(disabled);
    expect(await tellOfDisabled('told', 'hook1')).toBe('the tenant has no alertEmail');
    const Key = layout.registered('tenants', 'told', '', 'told');
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: '{"alertEmail":"ada@example.com"}' }));
    expect(await tellOfDisabled('told', 'hook1')).toBe('250 taken');
    expect(mails).toMatchObject([{ to: 'ada@example.com', subject: 'A webhook endpoint was disabled: 127.0.0.1' }]);
    expect(mails[0]!.text).toContain('spaceport webhooks test hook1');
    expect(mails[0]!.text).not.toContain('/hooks');
  });
});

test('deliveries are listed newest first, a page at a time, and forgotten after thirty days', async () => {
  const { log, announce } = worker();
  await registered('busy', 'hook1');
  const event = (number: number, createdAtMs: number) =>
    announce(announcement('busy', { eventId: `job1234${number}-succeeded-1`, createdAtMs }));
  const day = 24 * 3600_000;
  for (const [number, age] of [31, 2, 29, 0].entries()) await event(number, NOW_MS - age * day);
  const page = (after: string | null) => log.page({ tenant: 'busy', endpointId: 'hook1', after, limit: 2 });
  const first = await page(null);
  const second = await page(first.deliveries.at(-1)!.deliveryId);
  const ids = [first, second].map(({ deliveries }) => deliveries.map(({ eventId }) => eventId.slice(0, 8)));
  expect(ids).toEqual([['job12343', 'job12341'], ['job12342']]);
  expect([first.isLast, second.isLast]).toEqual([false, true]);
});

test('a deployment without a master key announces nothing', async () => {
  await registered('off', 'hook1');
  expect(await worker(null).announce(announcement('off'))).toEqual([]);
});
