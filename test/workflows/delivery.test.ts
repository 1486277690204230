import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import { unsuccessful } from '../../activities/application-failures';
import { createMailActivities } from '../../activities/notify/mail';
import { createWebhookActivities } from '../../activities/notify/webhooks';
import type { WebhookEvent } from '../../contracts/messages/webhook-event';
import { deliveryIdOf, endpointDeliveryWorkflowId, type DeliveryRef } from '../../contracts/webhooks/delivery';
import { createMailSink, type MailSink, type Refusal } from '../../local/mail/mail-sink';
import type { FakeCloud } from '../helpers/workflows/fake-cloud';
import { inState, runJob, workflowSuite, type JobRun, type RunJobOptions } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const SECRET = 'a secret of this suite, 32 characters or more';
const EMAIL = 'pilot@example.com';

interface Received {
  readonly id: unknown;
  readonly signature: string;
  readonly headers: string;
  readonly body: string;
}

const suite = workflowSuite();
let folder: string;
let mailSink: MailSink;
let mailPorts: { smtp: number; http: number };
let mailRefusal: Refusal | undefined;
let receiver: Server;
let received: Received[];
/** The receiver's answer to a try, counted from 1; null = the connection is cut. */
let answer: (tries: number) => number | null;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-delivery-'));
  mailSink = await createMailSink({ dir: folder, onRecipient: () => mailRefusal, logger: pino({ level: 'silent' }) });
  mailPorts = await mailSink.listen({ smtp: 0, http: 0 });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        id: request.headers['spaceport-event-id'],
        signature: String(request.headers['spaceport-signature']),
        headers: JSON.stringify(request.headers),
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const status = answer(received.length);
      if (status === null) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
beforeEach(() => {
  received = [];
  answer = () => 204;
  mailRefusal = undefined;
});
afterAll(async () => {
  receiver?.close();
  await mailSink?.close();
  await rm(folder, { recursive: true, force: true });
});

const receiverUrl = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks?token=abc`;

/** A job whose webhooks go out for real. */
function withWebhook(options: RunJobOptions, check: (run: JobRun) => Promise<void>): Promise<void> {
  const prepare = (cloud: FakeCloud): void => {
    options.prepare?.(cloud);
    cloud.delivers = createWebhookActivities({ rules: { secret: SECRET, hosts: ['127.0.0.1'] } });
  };
  return runJob(suite(), { ...options, request: { webhookUrl: receiverUrl() }, prepare }, check);
}

/** A job whose mail goes out for real; `cloud.mails` has each try. */
function withMail(options: RunJobOptions, check: (run: JobRun) => Promise<void>): Promise<void> {
  const prepare = (cloud: FakeCloud): void => {
    const transport = createTransport({ host: '127.0.0.1', port: mailPorts.smtp, secure: false });
    const { sendMail } = createMailActivities({
      transport,
      from: 'spaceport@example.com',
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
    });
    cloud.delivers = { sendMail: (mail) => (cloud.mails.push(mail), sendMail(mail)) };
  };
  return runJob(suite(), { ...options, prepare }, check);
}

const delivered = ({ cloud }: JobRun, channel: string) =>
  waitFor(`the end of the ${channel} to be recorded`, () => cloud.deliveries.find((one) => one.channel === channel));

/** How the delivery's own workflow ended. */
async function endOf(
  channel: string,
  eventId: string,
): Promise<{ status: string; failure: unknown; history: string; events: number }> {
  const handle = suite().temporal.client.workflow.getHandle(`${channel}-${eventId}`);
  const failure = await handle.result().then(
    () => null,
    (error: unknown) => (error as Error).cause,
  );
  const history = await handle.fetchHistory();
  return {
    status: (await handle.describe()).status.name,
    failure,
    history: JSON.stringify(historyToJSON(history)),
    events: history.events?.length ?? 0,
  };
}

/** The receiver's side as a stranger would write it from docs/operations.md. */
function isSigned({ signature, body }: Received): boolean {
  const { t, v1 } = Object.fromEntries(signature.split(',').map((part) => part.split('=') as [string, string])) as {
    t: string;
    v1: string;
  };
  const fresh = Math.abs(Date.now() / 1000 - Number(t)) < 300;
  return fresh && v1 === createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
}

test('a webhook whose receiver is away is tried again with the same event and a signature of its own, and the job does not wait for it', async () => {
  let ended = false;
  answer = (tries) => (ended && tries > 3 ? 204 : tries === 2 ? null : 503);
  await withWebhook({}, async (run) => {
    expect(await run.end()).toMatchObject({ state: 'succeeded' });
    ended = true;
    const { eventId, status, detail } = await delivered(run, 'webhook');
    expect({ status, detail }).toEqual({ status: 'delivered', detail: 'answered 204' });
    expect(received.length).toBeGreaterThan(3);
    expect(new Set(received.map(({ id }) => id))).toEqual(new Set([eventId]));
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received.every(isSigned)).toBe(true);
    expect(isSigned({ ...received[0]!, body: `${received[0]!.body} ` })).toBe(false);
  });
});

test('a webhook says what happened with the links of the API, and never the mail address', async () => {
  await withWebhook({}, async (run) => {
    const { eventId } = await delivered(run, 'webhook');
    const [event] = received.map(({ body }) => JSON.parse(body) as WebhookEvent);
    expect(event).toMatchObject({
      id: eventId,
      type: 'job.succeeded',
      job: {
        jobId: run.jobId,
        state: 'succeeded',
        failure: null,
        pageUrl: `http://localhost/jobs/${run.jobId}`,
        statusUrl: `http://localhost/v1/jobs/${run.jobId}`,
        result: { sogUrl: `http://localhost/v1/jobs/${run.jobId}/artifacts/scene.sog` },
      },
    });
    expect(event?.job.costUsd).toBeGreaterThan(0);
    expect(JSON.stringify(received)).not.toContain(EMAIL);
  });
});

test('days of tries are a handful of events, without the secret', async () => {
  answer = (tries) => (tries > 3 ? 200 : 500);
  await withWebhook({}, async (run) => {
    const { eventId } = await delivered(run, 'webhook');
    const { status, history, events } = await endOf('webhook', eventId);
    expect(status).toBe('COMPLETED');
    expect(events).toBeLessThan(25);
    expect(history).toContain(eventId);
    expect(history).not.toContain(SECRET);
    expect(history).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 20));
    expect(history).not.toContain(EMAIL);
  });
});

test('410 is a receiver that wants no more: recorded as rejected after one try, and the job has succeeded all the same', async () => {
  answer = () => 410;
  await withWebhook({}, async (run) => {
    expect(await run.end()).toMatchObject({ state: 'succeeded' });
    const { eventId, status, detail } = await delivered(run, 'webhook');
    expect({ status, detail }).toEqual({
      status: 'rejected',
      detail: 'the receiver answered 410: it wants no more events',
    });
    expect(received).toHaveLength(1);
    expect(await endOf('webhook', eventId)).toMatchObject({ status: 'FAILED', failure: { type: 'WEBHOOK_REJECTED' } });
  });
});

test('a webhook that nobody takes in its time is recorded as expired, with the last answer', async () => {
  answer = () => 500;
  await withWebhook({ policy: { webhookTimeoutMs: 5000 } }, async (run) => {
    const { eventId, status, detail } = await delivered(run, 'webhook');
    expect({ status, detail }).toEqual({ status: 'expired', detail: 'the receiver answered 500' });
    expect(received.length).toBeGreaterThan(1);
    expect(await endOf('webhook', eventId)).toMatchObject({ status: 'FAILED', failure: { type: 'WEBHOOK_EXPIRED' } });
  });
});

test('a mail server that is away delays the mail and nothing else', async () => {
  mailRefusal = { code: 451, message: `${EMAIL} has to wait` };
  await withMail({}, async (run) => {
    expect(await run.end()).toMatchObject({ state: 'succeeded' });
    await waitFor('several tries', () => run.cloud.mails.length > 2);
    expect(run.cloud.deliveries).toEqual([]);
    mailRefusal = undefined;
    const { eventId, status } = await delivered(run, 'mail');
    expect(status).toBe('delivered');
    expect(new Set(run.cloud.mails.map((mail) => mail.eventId))).toEqual(new Set([eventId]));
    const messages = (await (await fetch(`http://127.0.0.1:${mailPorts.http}/messages`)).json()) as {
      to: string[];
      subject: string;
    }[];
    expect(messages).toMatchObject([{ to: [EMAIL], subject: 'Your 3D scene is ready (x)' }]);
    expect(await endOf('mail', eventId)).toMatchObject({ status: 'COMPLETED' });
  });
});

test("a mail that is refused for good is recorded with the server's words and without the address, and fails its own workflow only", async () => {
  mailRefusal = { code: 550, message: `5.1.1 <${EMAIL}>: no such mailbox` };
  await withMail({}, async (run) => {
    expect(await run.end()).toMatchObject({ state: 'succeeded' });
    const { eventId, ...record } = await delivered(run, 'mail');
    expect(record).toMatchObject({
      event: 'job.succeeded',
      status: 'rejected',
      detail: expect.stringContaining('550 5.1.1 <address>: no such mailbox'),
    });
    expect(record.detail).not.toContain(EMAIL);
    expect(run.cloud.mails).toHaveLength(1);
    const { status, failure } = await endOf('mail', eventId);
    expect({ status, failure }).toMatchObject({
      status: 'FAILED',
      failure: { type: 'MAIL_REJECTED', message: record.detail },
    });
  });
});

test('a mail server that is away for longer than mail is tried leaves that on the record', async () => {
  mailRefusal = { code: 421, message: 'closed for today' };
  await withMail({ policy: { mailTimeoutMs: 5000 } }, async (run) => {
    const { eventId, status, detail } = await delivered(run, 'mail');
    expect(status).toBe('expired');
    expect(detail).toContain('421 closed for today');
    expect(await endOf('mail', eventId)).toMatchObject({ status: 'FAILED', failure: { type: 'MAIL_EXPIRED' } });
  });
});

test('a person is asked by mail and webhook while a job waits for a decision, and told of its end by other events', async () => {
  const prepare = (cloud: FakeCloud): void =>
    void (cloud.reports.sfm = () => ({
      metrics: { photos: 100, registered: 45, points: 3000, reprojectionErrorPx: 1 },
    }));
  await withWebhook({ retryWindowSeconds: 3600, prepare }, async (run) => {
    const { waiting } = await inState(run, 'waiting');
    await waitFor('both to be told', () => run.cloud.deliveries.length === 2);
    expect(JSON.parse(received[0]!.body)).toMatchObject({
      type: 'job.undecided',
      job: {
        state: 'waiting',
        step: 'sfm',
        waiting: { for: 'decision', message: waiting!.message, until: new Date(waiting!.untilMs!).toISOString() },
      },
    });
    expect(run.cloud.mails.map(({ record }) => record.waiting?.for)).toEqual(['decision']);
    await run.handle.signal('accept');
    expect(await run.end()).toMatchObject({ state: 'succeeded' });
    await waitFor('both to be told of the end', () => run.cloud.deliveries.length === 4);
    expect(new Set(run.cloud.deliveries.map(({ eventId }) => eventId)).size).toBe(2);
    expect(run.cloud.deliveries.map(({ event }) => event)).toEqual([
      'job.undecided',
      'job.undecided',
      'job.succeeded',
      'job.succeeded',
    ]);
  });
});

test('a job without a webhook sends none', async () => {
  await withMail({}, async (run) => {
    const { eventId } = await delivered(run, 'mail');
    await expect(suite().temporal.client.workflow.getHandle(`webhook-${eventId}`).describe()).rejects.toMatchObject({
      name: 'WorkflowNotFoundError',
    });
    expect(run.cloud.deliveries).toHaveLength(1);
  });
});

test.each([
  ['is sent once more where the mail server has no time', 'MAIL_DEFERRED', 2],
  ['changes nothing where the mail server refuses it', 'MAIL_REJECTED', 1],
] as const)(
  'a delivery that disables its endpoint ends as such, and the mail to its tenant %s',
  async (_what, refusal, mails) => {
    const refs: DeliveryRef[] = [];
    const told: string[] = [];
    const prepare = (cloud: FakeCloud): void => {
      cloud.delivers = {
        async announce({ tenant, createdAtMs, eventId }) {
          refs.push({ tenant, endpointId: 'endpoint1', deliveryId: deliveryIdOf(createdAtMs, eventId) });
          return refs;
        },
        sendToEndpoint: () => Promise.reject(unsuccessful('WEBHOOK_DISABLED', 'nothing was taken for 5 days')),
        async tellOfDisabled({ tenant, endpointId }) {
          told.push(`${tenant} ${endpointId}`);
          if (told.length === 1) throw unsuccessful(refusal, '450 later');
          return '250 taken';
        },
      };
    };
    await runJob(suite(), { prepare }, async (run) => {
      expect(await run.end()).toMatchObject({ state: 'succeeded' });
      const { endpointId, deliveryId } = await waitFor('the event to be announced', () => refs[0]);
      const { workflow } = suite().temporal.client;
      const handle = workflow.getHandle(endpointDeliveryWorkflowId(endpointId, deliveryId));
      await waitFor('the delivery to begin', () => handle.describe().catch(() => null));
      await expect(handle.result()).rejects.toMatchObject({
        cause: { type: 'WEBHOOK_DISABLED', message: 'nothing was taken for 5 days' },
      });
      expect(told).toEqual(Array.from({ length: mails }, () => 'local endpoint1'));
    });
  },
);
