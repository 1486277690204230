import express, { type Express } from 'express';
import pino from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { newSecret } from '../../../server/access/secrets';
import { requestContext } from '../../../server/http/context';
import { errorHandler, Problem } from '../../../server/http/problem';
import { strictBody } from '../../../server/http/request-schemas';
import { route, routerOf } from '../../../server/http/route';
import { createAnswerOnce } from '../../../server/idempotency/answer-once';
import type { OpenApiDocument } from '../../../server/openapi/document';
import { memoryStorage } from '../memory-storage';
import { testApp, testConfig } from '../helpers';

/** A deployment with one creation, `POST /v1/jobs/{jobId}/things`, which waits for `gate` and fails when told to. */
function thingApp() {
  const made: string[] = [];
  const idempotency = memoryStorage().idempotency;
  const told = { gate: Promise.resolve(), fails: false };
  const things = route(
    {
      method: 'post',
      path: '/v1/jobs/{jobId}/things',
      operation: 'createThing',
      tag: 'Things',
      summary: 'Make a thing',
      scope: 'write',
      params: z.object({ jobId: z.string() }),
      body: strictBody({ name: z.string(), size: z.number().optional() }),
      idempotent: { secrets: ['secret'] },
      answers: {
        201: {
          description: 'Made',
          schema: z.object({ id: z.number(), secret: z.string().nullable() }),
          headers: { Location: 'Its address' },
        },
      },
    },
    async ({ body }) => {
      await told.gate;
      if (told.fails) throw new Problem('UNAVAILABLE', 'not now');
      made.push(body.name);
      const id = made.length;
      return { status: 201, headers: { Location: `/things/${id}` }, body: { id, secret: `secret of ${id}` } };
    },
  );
  const logger = pino({ level: 'silent' });
  const app = express();
  app.use(requestContext);
  app.use((incoming, response, next) => {
    const caller = { tenant: incoming.get('x-tenant') ?? 'local', scopes: ['write'], keyId: null };
    Object.assign(response.locals, { caller });
    next();
  });
  app.use(routerOf([things], createAnswerOnce({ idempotency, logger, now: Date.now, waitMs: 200 })));
  app.use(errorHandler(logger));
  const send = (body: object, headers: Record<string, string> = { 'Idempotency-Key': 'k1' }, jobId = 'job1') =>
    request(app).post(`/v1/jobs/${jobId}/things`).set(headers).send(body);
  return { app, made, told, idempotency, send };
}

test('a repeat has the answer of the first request, without what is shown once, and makes nothing', async () => {
  const { made, send, idempotency } = thingApp();
  const complete = jest.spyOn(idempotency, 'complete');
  const first = await send({ name: 'a', size: 1 }).expect(201);
  expect(first.body).toEqual({ id: 1, secret: 'secret of 1' });
  expect(first.headers['idempotency-replayed']).toBeUndefined();
  // The order of fields is no difference.
  const repeat = await send({ size: 1, name: 'a' }).expect(201).expect('Location', '/things/1');
  expect(repeat.body).toEqual({ id: 1, secret: null });
  expect(repeat.headers['idempotency-replayed']).toBe('true');
  expect(made).toEqual(['a']);
  expect(JSON.stringify(complete.mock.calls)).not.toContain('secret of 1');
});

test('another body under the same key is refused; another tenant or address is another request', async () => {
  const { made, send } = thingApp();
  await send({ name: 'a' }).expect(201);
  for (const other of [{ name: 'b' }, { name: 'a', size: 1 }])
    expect((await send(other).expect(422)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  await send({ name: 'a' }, { 'Idempotency-Key': 'k1', 'x-tenant': 'acme' }).expect(201);
  await send({ name: 'a' }, { 'Idempotency-Key': 'k1' }, 'job2').expect(201);
  await send({ name: 'a' }, {}).expect(201);
  expect(made).toEqual(['a', 'a', 'a', 'a']);
});

test('of several at once one is made, and the others wait for its answer', async () => {
  const { made, told, send } = thingApp();
  let open = (): void => undefined;
  told.gate = new Promise((resolve) => (open = resolve));
  const answers = Array.from({ length: 5 }, () => send({ name: 'a' }).then((answer) => answer));
  setImmediate(() => setTimeout(open, 50));
  expect((await Promise.all(answers)).map(({ status, body }) => [status, (body as { id: number }).id])).toEqual(
    Array.from({ length: 5 }, () => [201, 1]),
  );
  expect(made).toEqual(['a']);
});

test('who has waited long enough is told to come again', async () => {
  const { told, send } = thingApp();
  let open = (): void => undefined;
  told.gate = new Promise((resolve) => (open = resolve));
  const [first, second] = [send({ name: 'a' }), send({ name: 'a' })].map((sent) => sent.then((answer) => answer));
  const refused = await Promise.race([first!, second!]);
  expect([refused.status, refused.headers['retry-after']]).toEqual([409, '1']);
  expect(refused.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
  open();
  expect((await Promise.all([first!, second!])).map(({ status }) => status).toSorted()).toEqual([201, 409]);
});

test('a problem is no answer that is kept: the next request with the key is made', async () => {
  const { made, told, send } = thingApp();
  told.fails = true;
  await send({ name: 'a' }).expect(503);
  await send({ size: 1 }).expect(400);
  told.fails = false;
  await send({ name: 'b' }).expect(201);
  expect(made).toEqual(['b']);
});

test('a key with blanks or of 256 characters is refused before anything is made', async () => {
  const { made, send } = thingApp();
  for (const key of ['a b', 'x'.repeat(256)])
    expect((await send({ name: 'a' }, { 'Idempotency-Key': key }).expect(400)).body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field: 'Idempotency-Key' }],
    });
  expect(made).toEqual([]);
});

describe('in the API', () => {
  const operator = newSecret('spk');
  const deployment = (): Express =>
    testApp({
      config: {
        ...testConfig,
        publicUrl: 'https://spaceport.example.com',
        access: { ...testConfig.access, adminKeyHash: operator.hash },
      },
    }).app;
  const post = (app: Express, path: string, body: object) =>
    request(app).post(path).set('Authorization', `Bearer ${operator.secret}`).set('Idempotency-Key', 'k1').send(body);

  test('a key is made once, and shown once', async () => {
    const app = deployment();
    const body = { name: 'upload script', scopes: ['read'] };
    const first = (await post(app, '/v1/keys', body).expect(201)).body as { keyId: string; key: string };
    expect((await post(app, '/v1/keys', body).expect(201)).body).toEqual({ ...first, key: null });
    const list = await request(app).get('/v1/keys').set('Authorization', `Bearer ${operator.secret}`).expect(200);
    expect(list.body).toMatchObject({ keys: [{ keyId: first.keyId }] });
    await request(app).get('/v1/jobs').set('Authorization', `Bearer ${first.key}`).expect(200);
  });

  test('a tenant that was made is not in the way of the repeat', async () => {
    const app = deployment();
    const body = { tenantId: 'acme', name: 'Acme' };
    const first = await post(app, '/v1/tenants', body).expect(201);
    expect((await post(app, '/v1/tenants', body).expect(201)).body).toEqual(first.body);
    await post(app, '/v1/tenants', { ...body, name: 'Other' }).expect(422);
  });

  test('every creation takes the header, and says what may be answered to it', async () => {
    const { paths } = (await request(deployment()).get('/v1/openapi.json')).body as OpenApiDocument;
    /** Answer with 201 without lasting: a session of a browser, parts of a file that S3 counts. */
    const without = ['signIn', 'beginParts'];
    for (const { post: creation } of Object.values(paths)) {
      if (creation?.responses['201'] === undefined || without.includes(creation.operationId)) continue;
      const header = creation.parameters.find(({ name }) => name === 'Idempotency-Key');
      expect([creation.operationId, header?.in, '422' in creation.responses]).toEqual([
        creation.operationId,
        'header',
        true,
      ]);
    }
  });
});
