import request from 'supertest';
import type { DeliveryList, DeliveryView, EndpointWithSecret } from '../../../contracts/webhooks/view-schema';
import { deliveryIdOf, type EndpointDelivery } from '../../../contracts/webhooks/delivery';
import { endpointSecret } from '../../../platform/webhooks/endpoint-secret';
import { newSecret } from '../../../server/access/secrets';
import { MAX_ENDPOINTS } from '../../../server/webhooks/endpoints';
import { NOW_MS, testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const URL = 'https://hooks.example.com/spaceport';

function deployment(webhooks: Partial<(typeof testConfig)['webhooks']> = {}) {
  const made = testApp({
    config: {
      ...testConfig,
      webhooks: { ...testConfig.webhooks, ...webhooks },
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
  });
  const post = (path: string, body: object = {}, headers: Record<string, string> = {}) =>
    request(made.app).post(`/v1/webhooks${path}`).set(headers).send(body);
  const endpoint = async (body: object = {}): Promise<EndpointWithSecret> =>
    (await post('', { url: URL, ...body }).expect(201)).body as EndpointWithSecret;
  return { ...made, post, endpoint };
}

const problem = ({ status, body }: request.Response): unknown => [status, (body as { code: string }).code];

/** A key of another tenant. */
async function strangerIn({ app }: ReturnType<typeof deployment>): Promise<{ Authorization: string }> {
  const operator = { Authorization: `Bearer ${OPERATOR.secret}` };
  await request(app).post('/v1/tenants').set(operator).send({ tenantId: 'acme', name: 'Acme' }).expect(201);
  const body = { name: 'k', scopes: ['read', 'write', 'admin'], tenant: 'acme' };
  const made = await request(app).post('/v1/keys').set(operator).send(body).expect(201);
  return { Authorization: `Bearer ${(made.body as { key: string }).key}` };
}

describe('an endpoint', () => {
  test('is made with a secret of its own that is shown this once, and hears of everything unless told otherwise', async () => {
    const { app, endpoint } = deployment();
    const [first, second] = [await endpoint(), await endpoint({ events: ['job.failed', 'job.failed'] })];
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(first.secret).not.toBe(second.secret);
    expect(first.events).toEqual(['job.parked', 'job.undecided', 'job.succeeded', 'job.failed', 'job.cancelled']);
    const list = await request(app).get('/v1/webhooks').expect(200);
    const { secret, ...shown } = first;
    expect(list.body).toMatchObject({ endpoints: [shown, { endpointId: second.endpointId, events: ['job.failed'] }] });
    expect(list.text).not.toContain('whsec_');
    const one = await request(app).get(`/v1/webhooks/${first.endpointId}`).expect(200);
    expect(one.body).toEqual({ ...shown, enabled: true, oldSecretsUntil: null });
  });

  test('is made once under an Idempotency-Key, and its secret is not repeated', async () => {
    const { app, post } = deployment();
    const key = { 'Idempotency-Key': 'k1' };
    const first = await post('', { url: URL }, key).expect(201);
    const repeat = await post('', { url: URL }, key).expect(201);
    expect(repeat.body).toEqual({ ...(first.body as object), secret: null });
    expect(repeat.headers.location).toBe(first.headers.location);
    expect((await request(app).get('/v1/webhooks')).body).toMatchObject({ endpoints: [{ url: URL }] });
  });

  test.each([
    ['url', { url: 'http://hooks.example.com/' }],
    ['url', { url: 'https://10.0.0.1/' }],
    ['url', { url: 'https://intranet/' }],
    ['url', { url: 'https://user:password@hooks.example.com/' }],
    ['url', {}],
    ['events', { url: URL, events: [] }],
    ['events.0', { url: URL, events: ['job.started'] }],
    ['secret', { url: URL, secret: 'whsec_mine' }],
  ])('with a wrong %s is refused', async (field, body) => {
    const { post } = deployment();
    const answer = await post('', body).expect(400);
    expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
  });

  test('may be on a host that the operator allows', async () => {
    await deployment({ hosts: ['127.0.0.1:8300'] }).endpoint({ url: 'http://127.0.0.1:8300/hooks' });
  });

  test('is changed, disabled, enabled and deleted', async () => {
    const { app, endpoint, deliveries, post } = deployment();
    const { endpointId } = await endpoint();
    const path = `/v1/webhooks/${endpointId}`;
    const change = (body: object) => request(app).patch(path).send(body);
    expect((await change({ url: `${URL}/2`, events: ['job.failed'] }).expect(200)).body).toMatchObject({
      url: `${URL}/2`,
      events: ['job.failed'],
      enabled: true,
    });
    expect((await change({ enabled: false }).expect(200)).body).toMatchObject({ enabled: false, url: `${URL}/2` });
    expect(problem(await post(`/${endpointId}/test`))).toEqual([409, 'ENDPOINT_DISABLED']);
    expect((await change({ enabled: true }).expect(200)).body).toMatchObject({ enabled: true });
    expect(problem(await change({ url: 'https://localhost/' }))).toEqual([400, 'INVALID_REQUEST']);
    await post(`/${endpointId}/test`).expect(202);
    await request(app).delete(path).expect(204);
    expect(problem(await request(app).get(path))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(problem(await change({ enabled: true }))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(problem(await request(app).delete(path))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(deliveries.known.size).toBe(0);
  });

  test('that takes nothing says since when, and why it was disabled; a test event or a person enables it', async () => {
    const { app, endpoint, endpointFailures, deliveries, post } = deployment();
    const { endpointId } = await endpoint();
    const path = `/v1/webhooks/${endpointId}`;
    const shown = async (): Promise<unknown> => (await request(app).get(path).expect(200)).body;
    const failing = { version: 1, sinceMs: NOW_MS - 1000, tries: 30, detail: 'the receiver answered 500' } as const;
    const since = new Date(NOW_MS - 1000).toISOString();
    const fails = (disabledAtMs: number | null) =>
      endpointFailures.change('local', endpointId, () => ({ ...failing, disabledAtMs, disabledBy: null }));
    await fails(null);
    expect(await shown()).toMatchObject({ enabled: true, disabled: null, failingSince: since });
    await fails(NOW_MS);
    expect(await shown()).toMatchObject({
      enabled: false,
      failingSince: since,
      disabled: { by: 'failures', at: new Date(NOW_MS).toISOString(), reason: expect.stringContaining('in 30 tries') },
    });
    const delivery = (await post(`/${endpointId}/test`).expect(202)).body as DeliveryView;
    expect(problem(await post(`/${endpointId}/deliveries/${delivery.deliveryId}/redeliver`))).toEqual([
      409,
      'ENDPOINT_DISABLED',
    ]);
    expect((await request(app).patch(path).send({ enabled: true })).body).toMatchObject({
      enabled: true,
      disabled: null,
      failingSince: null,
    });
    await post(`/${endpointId}/deliveries/${delivery.deliveryId}/redeliver`).expect(202);
    expect(deliveries.started).toHaveLength(2);
    expect((await request(app).patch(path).send({ enabled: false })).body).toMatchObject({
      disabled: { by: 'person' },
    });
  });

  test('gets a new secret while the old one signs for a day, or for as long as it is told', async () => {
    const { endpoint, post } = deployment();
    const made = await endpoint();
    const path = `/${made.endpointId}/rotate-secret`;
    const rotated = (await post(path).expect(200)).body as EndpointWithSecret;
    expect(rotated.secret).toBe(endpointSecret(testConfig.webhooks.masterKey!, made.endpointId, 2));
    expect(rotated.secret).not.toBe(made.secret);
    expect(rotated.oldSecretsUntil).toBe(new Date(NOW_MS + 24 * 3600_000).toISOString());
    expect((await post(path, { oldSecretSeconds: 0 }).expect(200)).body).toMatchObject({ oldSecretsUntil: null });
    expect(problem(await post(path, { oldSecretSeconds: 86_401 }))).toEqual([400, 'INVALID_REQUEST']);
    expect(problem(await post('/unknown/rotate-secret'))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  });

  test('is one of twenty at most', async () => {
    const { endpoint, post } = deployment();
    for (let made = 0; made < MAX_ENDPOINTS; made += 1) await endpoint();
    expect(problem(await post('', { url: URL }))).toEqual([409, 'TOO_MANY_ENDPOINTS']);
  });

  test('is nothing to another tenant, nor are its deliveries', async () => {
    const made = deployment();
    const { endpointId } = await made.endpoint();
    const delivery = (await made.post(`/${endpointId}/test`)).body as DeliveryView;
    const stranger = await strangerIn(made);
    expect((await request(made.app).get('/v1/webhooks').set(stranger).expect(200)).body).toEqual({ endpoints: [] });
    const path = `/v1/webhooks/${endpointId}`;
    const { app } = made;
    for (const sent of [
      request(app).get(path),
      request(app).patch(path).send({ enabled: false }),
      request(app).delete(path),
      request(app).post(`${path}/rotate-secret`),
      request(app).post(`${path}/test`),
      request(app).get(`${path}/deliveries`),
      request(app).post(`${path}/deliveries/${delivery.deliveryId}/redeliver`),
    ])
      expect(problem(await sent.set(stranger))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect((await request(app).get(path)).body).toMatchObject({ enabled: true, oldSecretsUntil: null });
  });

  test('needs a deployment with a master key', async () => {
    const { post, storage } = deployment({ masterKey: null });
    expect(problem(await post('', { url: URL }))).toEqual([409, 'WEBHOOKS_OFF']);
    await storage.endpoints.create({ id: 'hook1', tenant: 'local', url: URL, events: [], createdAtMs: 1 });
    expect(problem(await post('/hook1/rotate-secret'))).toEqual([409, 'WEBHOOKS_OFF']);
    expect(problem(await post('/hook1/test'))).toEqual([409, 'WEBHOOKS_OFF']);
  });
});

describe('deliveries', () => {
  const event = (number: number, changes: Partial<EndpointDelivery> = {}): EndpointDelivery => {
    const eventId = `job1234${number}-succeeded-1`;
    return {
      version: 1,
      deliveryId: deliveryIdOf(NOW_MS + number, eventId),
      eventId,
      event: 'job.succeeded',
      jobId: `job1234${number}`,
      status: 'expired',
      createdAt: new Date(NOW_MS + number).toISOString(),
      tries: [{ at: new Date(NOW_MS).toISOString(), statusCode: 500, detail: 'the receiver answered 500' }],
      nextTryAt: null,
      body: null,
      ...changes,
    };
  };

  test('are listed page by page, the newest first, with every try', async () => {
    const { app, endpoint, deliveries } = deployment();
    const { endpointId } = await endpoint();
    for (const number of [2, 0, 1]) await deliveries.create('local', endpointId, event(number));
    const page = async (query: object): Promise<DeliveryList> =>
      (await request(app).get(`/v1/webhooks/${endpointId}/deliveries`).query(query).expect(200)).body as DeliveryList;
    const first = await page({ limit: 2 });
    expect(first.deliveries.map(({ jobId }) => jobId)).toEqual(['job12342', 'job12341']);
    expect(first.deliveries[0]).toMatchObject({
      status: 'expired',
      attempts: [{ statusCode: 500, detail: 'the receiver answered 500' }],
      nextAttemptAt: null,
    });
    const second = await page({ limit: 2, cursor: first.nextCursor });
    expect(second.deliveries.map(({ jobId }) => jobId)).toEqual(['job12340']);
    expect(second.nextCursor).toBeNull();
    for (const query of [{ cursor: '../other' }, { limit: 101 }, { page: 2 }])
      await request(app).get(`/v1/webhooks/${endpointId}/deliveries`).query(query).expect(400);
  });

  test('a test event is one of no job, and starts at once', async () => {
    const { endpoint, deliveries, post } = deployment();
    const { endpointId } = await endpoint({ events: ['job.failed'] });
    const sent = (await post(`/${endpointId}/test`).expect(202)).body as DeliveryView;
    expect(sent).toMatchObject({ event: 'webhook.test', jobId: null, status: 'pending', attempts: [] });
    expect(deliveries.started).toEqual([{ tenant: 'local', endpointId, deliveryId: sent.deliveryId }]);
    expect(JSON.parse([...deliveries.known.values()][0]!.body!)).toMatchObject({ id: sent.eventId, job: null });
    expect(problem(await post('/unknown/test'))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  });

  test('an event is delivered again under its id, while its job is there', async () => {
    const { endpoint, deliveries, post } = deployment();
    const { endpointId } = await endpoint();
    const [there, erased] = [event(1), event(2)];
    for (const delivery of [there, erased]) await deliveries.create('local', endpointId, delivery);
    await deliveries.keepBody(there.jobId!, there.eventId, '{}');
    const again = (deliveryId: string) => post(`/${endpointId}/deliveries/${deliveryId}/redeliver`);
    expect((await again(there.deliveryId).expect(202)).body).toMatchObject({
      deliveryId: there.deliveryId,
      eventId: there.eventId,
      status: 'pending',
      nextAttemptAt: new Date(NOW_MS).toISOString(),
      attempts: [{ statusCode: 500 }],
    });
    expect(deliveries.started).toEqual([{ tenant: 'local', endpointId, deliveryId: there.deliveryId }]);
    expect(problem(await again(erased.deliveryId))).toEqual([410, 'JOB_ERASED']);
    for (const unknown of [event(3).deliveryId, 'nonsense', '..%2F..%2Fjobs'])
      expect(problem(await again(unknown))).toEqual([404, 'DELIVERY_NOT_FOUND']);
    expect(deliveries.started).toHaveLength(1);
  });
});
