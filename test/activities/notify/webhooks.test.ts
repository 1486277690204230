import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createWebhookActivities, signature, type WebhookDeps } from '../../../activities/notify/webhooks';
import { waitFor } from '../../helpers/wait-for';

const SECRET = '0123456789abcdef0123456789abcdef';
const BODY = '{"id":"job12345-succeeded-1","type":"job.succeeded","place":"Zürich"}';

let server: Server;
let port: number;
let connections: number;
let received: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}[];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
      answer(response);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
beforeEach(() => {
  [connections, received] = [0, []];
  answer = (response) => response.writeHead(204).end();
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Post {
  readonly url?: string;
  readonly hosts?: readonly string[];
  readonly secret?: string | null;
  readonly deps?: Partial<WebhookDeps>;
  readonly environment?: MockActivityEnvironment;
}

const mockEnvironment = (): MockActivityEnvironment =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });

function post({
  url = `http://127.0.0.1:${port}/hooks?token=abc`,
  hosts = ['127.0.0.1'],
  secret = SECRET,
  deps,
  environment = mockEnvironment(),
}: Post = {}): Promise<unknown> {
  const { sendWebhook } = createWebhookActivities({ rules: { secret, hosts }, ...deps });
  return environment.run(sendWebhook, { url, eventId: 'job12345-succeeded-1', body: BODY });
}

const problemOf = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    (value) => ({ answered: value }),
    (error: unknown) => error,
  );

test('an event is one POST of its JSON with its id, and a signature over time and body that its receiver can check', async () => {
  expect(await post()).toBe('answered 204');
  expect(received).toMatchObject([
    {
      method: 'POST',
      url: '/hooks?token=abc',
      body: BODY,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Spaceport/1',
        'spaceport-event-id': 'job12345-succeeded-1',
      },
    },
  ]);
  const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(received[0]!.headers['spaceport-signature'])) ?? [];
  expect(Math.abs(Date.now() / 1000 - Number(t))).toBeLessThan(60);
  expect(v1).toBe(createHmac('sha256', SECRET).update(`${t}.`).update(received[0]!.body).digest('hex'));
});

test('a signature is of its time, its body and its secret', () => {
  const signed = signature(SECRET, 1000, BODY);
  expect(signature(SECRET, 1000, BODY)).toBe(signed);
  for (const other of [
    signature(SECRET, 1001, BODY),
    signature(SECRET, 1000, `${BODY} `),
    signature(`${SECRET}.`, 1000, BODY),
  ])
    expect(other.split('v1=')[1]).not.toBe(signed.split('v1=')[1]);
});

test.each([200, 201, 202, 204, 299])('%i is taken', async (status) => {
  answer = (response) => response.writeHead(status).end();
  expect(await post()).toBe(`answered ${status}`);
});

test.each([400, 401, 404, 408, 409, 429, 500, 503])('%i is tried again', async (status) => {
  answer = (response) => response.writeHead(status).end('a body');
  expect(await problemOf(post())).toMatchObject({
    type: 'WEBHOOK_DEFERRED',
    nonRetryable: false,
    message: `the receiver answered ${status}`,
  });
});

test('410 is not tried again', async () => {
  answer = (response) => response.writeHead(410).end();
  expect(await problemOf(post())).toMatchObject({ type: 'WEBHOOK_REJECTED', nonRetryable: true });
});

test('a redirect is not followed', async () => {
  answer = (response) => response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
  expect(await problemOf(post())).toMatchObject({
    type: 'WEBHOOK_DEFERRED',
    nonRetryable: false,
    message: expect.stringContaining('307; redirects are not followed'),
  });
  expect(received.map(({ url }) => url)).toEqual(['/hooks?token=abc']);
});

test('an answer without end is not read', async () => {
  let closed = false;
  answer = (response) => {
    response.on('close', () => (closed = true));
    const more = (): void => void (!response.destroyed && response.write('x'.repeat(65_536), more));
    more();
  };
  expect(await post()).toBe('answered 200');
  await waitFor('the connection to be closed', () => closed);
});

test('a receiver that says nothing is tried again after the time limit', async () => {
  answer = () => undefined;
  const problem = await problemOf(post({ deps: { timeoutMs: 100 } }));
  expect(problem).toMatchObject({
    type: 'WEBHOOK_DEFERRED',
    nonRetryable: false,
    message: 'the receiver was not reached: it did not answer in time',
  });
});

test('a worker that shuts down lets go of the receiver', async () => {
  const environment = mockEnvironment();
  answer = () => environment.cancel('WORKER_SHUTDOWN');
  expect(await problemOf(post({ environment }))).toMatchObject({ nonRetryable: false });
});

test('a receiver that is not there is tried again, and its address is in no message', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port: free } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const problem = await problemOf(post({ url: `http://127.0.0.1:${free}/hooks?token=abc` }));
  expect(problem).toMatchObject({
    type: 'WEBHOOK_DEFERRED',
    nonRetryable: false,
    message: 'the receiver was not reached: ECONNREFUSED',
  });
  expect(String((problem as Error).stack)).not.toContain(String(free));
});

describe('an address in a private network', () => {
  const resolvesTo =
    (...addresses: string[]): LookupFunction =>
    (_hostname, { all }, callback) => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      process.nextTick(() => (all ? callback(null, found) : callback(null, found[0]!.address, found[0]!.family)));
    };

  test.each([
    ['this machine', ['127.0.0.1']],
    ['this machine, in IPv6', ['::1']],
    ['the metadata service', ['169.254.169.254']],
    ['one public and one private address', ['203.0.114.1', '127.0.0.1']],
  ])('is not called under a name that leads to %s', async (_what, addresses) => {
    const problem = await problemOf(
      post({ url: `https://hooks.example.com:${port}/`, hosts: [], deps: { resolve: resolvesTo(...addresses) } }),
    );
    expect(problem).toMatchObject({
      type: 'WEBHOOK_DEFERRED',
      nonRetryable: false,
      message: 'the receiver was not reached: its host has an address in a private network',
    });
    expect(connections).toBe(0);
  });

  test.each([
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://2130706433/',
    'https://localhost/',
  ])('is not called as %s', async (url) => {
    expect(await problemOf(post({ url: url.replace(/\/$/, `:${port}/`), hosts: [] }))).toMatchObject({
      type: 'WEBHOOK_DEFERRED',
      message: expect.stringContaining('must'),
    });
    expect(connections).toBe(0);
  });

  test('is called where the operator names its host', async () => {
    const named = { url: `http://hooks.example.com:${port}/`, deps: { resolve: resolvesTo('127.0.0.1') } };
    expect(await post({ ...named, hosts: [`hooks.example.com:${port}`] })).toBe('answered 204');
    expect(await problemOf(post({ ...named, hosts: ['hooks.example.com:1'] }))).toMatchObject({
      type: 'WEBHOOK_DEFERRED',
    });
  });
});

test('without a secret nothing is sent; it is tried again, for when the operator sets one', async () => {
  expect(await problemOf(post({ secret: null }))).toMatchObject({
    type: 'WEBHOOK_DEFERRED',
    nonRetryable: false,
    message: expect.stringContaining('SPACEPORT_WEBHOOK_SECRET'),
  });
  expect(connections).toBe(0);
});
