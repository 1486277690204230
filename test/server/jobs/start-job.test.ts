import request from 'supertest';
import { tombstone } from '../../../contracts/storage/retention';
import { NOW_MS, testApp, testConfig } from '../helpers';

const body = { s3Url: 's3://photos/flight', email: 'pilot@example.com', preset: 'preview' };

describe('POST /start-job', () => {
  test('claims a record, starts its workflow and says where to look', async () => {
    const { app, store, runs } = testApp();
    const response = await request(app)
      .post('/start-job')
      .send({ ...body, options: { shBands: 2 }, retryWindowSeconds: 0 });
    const { jobId } = response.body as { jobId: string };
    expect(response.status).toBe(202);
    expect(response.headers.location).toBe(`http://127.0.0.1:3000/v1/jobs/${jobId}`);
    expect(response.body).toEqual({
      jobId,
      workflowId: `job-${jobId}`,
      statusUrl: `http://127.0.0.1:3000/v1/jobs/${jobId}`,
      pageUrl: `http://127.0.0.1:3000/jobs/${jobId}`,
      workflowUrl: `http://127.0.0.1:8233/namespaces/default/workflows/job-${jobId}`,
    });
    expect(store.records.get(jobId)).toMatchObject({
      state: 'queued',
      request: {
        location: { bucket: 'photos', key: 'flight/' },
        preset: 'preview',
        options: { shBands: 2 },
        retryWindowSeconds: 0,
      },
    });
    expect(runs.started.map((record) => record.jobId)).toEqual([jobId]);
  });

  test('shows the job without reading what was just written, until a worker takes it up', async () => {
    const { app, store, runs } = testApp();
    const { jobId } = (await request(app).post('/start-job').send(body)).body as { jobId: string };
    const read = jest.spyOn(store, 'read');
    const deliveries = jest.spyOn(store, 'deliveries');
    const look = async (historyLength: number): Promise<unknown> => {
      runs.runs.set(jobId, { ...runs.runs.get(jobId)!, historyLength });
      return (await request(app).get(`/v1/jobs/${jobId}`).expect(200)).body as unknown;
    };
    const atFirst = await look(2);
    expect([read.mock.calls.length, deliveries.mock.calls.length]).toEqual([0, 0]);
    expect(await look(4)).toEqual(atFirst);
    expect([read.mock.calls.length, deliveries.mock.calls.length]).toEqual([1, 1]);
  });

  test('fills in the preset, no options and a day for retries', async () => {
    const { app, runs } = testApp();
    await request(app).post('/start-job').send({ s3Url: body.s3Url, email: body.email }).expect(202);
    expect(runs.started[0]?.request).toMatchObject({
      preset: 'standard',
      options: {},
      retryWindowSeconds: 86_400,
      budgetUsd: null,
      maxHours: null,
      webhookUrl: null,
    });
  });

  test('takes limits and a webhook', async () => {
    const { app, runs } = testApp();
    await request(app)
      .post('/start-job')
      .send({ ...body, budgetUsd: 2.5, maxHours: 1, webhookUrl: 'https://hooks.example.com/spaceport' })
      .expect(202);
    expect(runs.started[0]?.request).toMatchObject({
      budgetUsd: 2.5,
      maxHours: 1,
      webhookUrl: 'https://hooks.example.com/spaceport',
    });
  });

  test('takes no webhook where the deployment sends none', async () => {
    const { app } = testApp({ config: { ...testConfig, webhooks: { secret: null, masterKey: null, hosts: [] } } });
    const response = await request(app)
      .post('/start-job')
      .send({ ...body, webhookUrl: 'https://hooks.example.com/' })
      .expect(400);
    expect(response.body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field: 'webhookUrl', message: expect.stringContaining('sends no webhooks') }],
    });
    await request(app)
      .post('/start-job')
      .send({ ...body, webhookUrl: null })
      .expect(202);
  });

  test.each([
    ['a malformed address', { ...body, s3Url: 'ftp://photos/flight' }, 400, 'INVALID_S3_URL', 's3Url'],
    ['an address with a way upwards', { ...body, s3Url: 's3://photos/a/../b/' }, 400, 'INVALID_S3_URL', 's3Url'],
    ['an address that is not text', { ...body, s3Url: 7 }, 400, 'INVALID_REQUEST', 's3Url'],
    ['no address', { email: body.email }, 400, 'INVALID_REQUEST', 's3Url'],
    ['a bucket outside the allow-list', { ...body, s3Url: 's3://other-bucket/x/' }, 403, 'BUCKET_NOT_ALLOWED', null],
    ['a folder of another job', { ...body, s3Url: 's3://spaceport/jobs/abc/sfm/' }, 403, 'INPUT_FORBIDDEN', null],
    ['the folder of all jobs', { ...body, s3Url: 's3://spaceport/jobs' }, 403, 'INPUT_FORBIDDEN', null],
    ['the registry of keys', { ...body, s3Url: 's3://spaceport/registry/keys/' }, 403, 'INPUT_FORBIDDEN', null],
    ['the whole bucket that jobs lie in', { ...body, s3Url: 's3://spaceport' }, 403, 'INPUT_FORBIDDEN', null],
    [
      'an upload of someone else',
      { ...body, s3Url: 's3://spaceport/uploads/someone/1/' },
      403,
      'INPUT_FORBIDDEN',
      null,
    ],
    [
      'an archive of someone else',
      { ...body, s3Url: 's3://spaceport/uploads/someone.zip' },
      403,
      'INPUT_FORBIDDEN',
      null,
    ],
    ['all uploads', { ...body, s3Url: 's3://spaceport/uploads/' }, 403, 'INPUT_FORBIDDEN', null],
    ['a malformed mail address', { ...body, email: 'pilot@' }, 400, 'INVALID_REQUEST', 'email'],
    ['two mail addresses', { ...body, email: 'a@example.com,b@example.com' }, 400, 'INVALID_REQUEST', 'email'],
    [
      'a mail address with a line break',
      { ...body, email: 'pilot@example.com\r\nBcc: all@example.com' },
      400,
      'INVALID_REQUEST',
      'email',
    ],
    ['a mail address with a NUL', { ...body, email: 'pilot\u0000@example.com' }, 400, 'INVALID_REQUEST', 'email'],
    ['an unknown preset', { ...body, preset: 'ultra' }, 400, 'INVALID_REQUEST', 'preset'],
    ['an unknown field', { ...body, presets: 'high' }, 400, 'INVALID_REQUEST', 'presets'],
    ['an unknown option', { ...body, options: { image: 'evil:latest' } }, 400, 'INVALID_REQUEST', 'options.image'],
    ['an option out of range', { ...body, options: { shBands: 4 } }, 400, 'INVALID_REQUEST', 'options.shBands'],
    ['options that are no object', { ...body, options: [1] }, 400, 'INVALID_REQUEST', 'options'],
    ['a retry window below zero', { ...body, retryWindowSeconds: -1 }, 400, 'INVALID_REQUEST', 'retryWindowSeconds'],
    [
      'a retry window over 30 days',
      { ...body, retryWindowSeconds: 2_592_001 },
      400,
      'INVALID_REQUEST',
      'retryWindowSeconds',
    ],
    ['no budget at all', { ...body, budgetUsd: 0 }, 400, 'INVALID_REQUEST', 'budgetUsd'],
    ['a budget that is text', { ...body, budgetUsd: '5' }, 400, 'INVALID_REQUEST', 'budgetUsd'],
    ['more hours than a job may have', { ...body, maxHours: 1001 }, 400, 'INVALID_REQUEST', 'maxHours'],
    ['a webhook that is no address', { ...body, webhookUrl: 'hooks' }, 400, 'INVALID_REQUEST', 'webhookUrl'],
    [
      'a webhook into a private network',
      { ...body, webhookUrl: 'https://10.0.0.7/hook' },
      400,
      'INVALID_REQUEST',
      'webhookUrl',
    ],
    ['a list', [body], 400, 'INVALID_REQUEST', ''],
  ])('refuses %s, and starts nothing', async (_what, sent, status, code, field) => {
    const { app, store, runs } = testApp();
    const response = await request(app).post('/start-job').send(sent);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({
      code,
      status,
      title: expect.any(String),
      detail: expect.any(String),
      requestId: response.headers['x-request-id'],
    });
    const errors = (response.body as { errors?: { field: string }[] }).errors ?? [];
    expect(errors.map((error) => error.field)).toEqual(field === null ? [] : [field]);
    expect(store.records.size + runs.started.length).toBe(0);
  });

  test('names every wrong field at once', async () => {
    const response = await request(testApp().app)
      .post('/start-job')
      .send({ s3Url: 'nowhere', email: 'nobody', preset: 'x', options: { a: 1, b: 2 } });
    expect((response.body as { errors: { field: string }[] }).errors.map((error) => error.field).sort()).toEqual([
      'email',
      'options.a',
      'options.b',
      'preset',
      's3Url',
    ]);
  });

  test('takes the own uploads, and an own folder of the bucket', async () => {
    const { app } = testApp();
    await request(app)
      .post('/start-job')
      .send({ ...body, s3Url: 's3://spaceport/uploads/local/1/photos.zip' })
      .expect(202);
    await request(app)
      .post('/start-job')
      .send({ ...body, s3Url: 's3://spaceport/my-flight/' })
      .expect(202);
  });

  test('says that a server is away when Temporal does not answer, without its words', async () => {
    const { app, runs } = testApp();
    runs.startFails = true;
    const response = await request(app).post('/start-job').send(body).expect(503);
    expect(response.body).toMatchObject({ code: 'UNAVAILABLE' });
    expect(JSON.stringify(response.body)).not.toContain('connection refused');
  });

  test('limits the starts of one address', async () => {
    const { app } = testApp({ config: { ...testConfig, http: { ...testConfig.http, startsPerMinute: 2 } } });
    await request(app).post('/start-job').send(body).expect(202);
    await request(app).post('/start-job').send(body).expect(202);
    const third = await request(app).post('/start-job').send(body).expect(429);
    expect(third.body).toMatchObject({ code: 'RATE_LIMITED' });
  });

  const startFrom = (app: ReturnType<typeof testApp>['app'], address: string) =>
    request(app).post('/start-job').set('X-Forwarded-For', address).send(body);

  test('behind a proxy counts for the address that asked it, and otherwise believes no header', async () => {
    const http = { ...testConfig.http, startsPerMinute: 1 };
    const behindOne = testApp({ config: { ...testConfig, http: { ...http, trustedProxies: 1 } } }).app;
    await startFrom(behindOne, '198.51.100.1').expect(202);
    await startFrom(behindOne, '198.51.100.2').expect(202);
    await startFrom(behindOne, '203.0.113.9, 198.51.100.2').expect(429);
    const direct = testApp({ config: { ...testConfig, http } }).app;
    await startFrom(direct, '198.51.100.1').expect(202);
    await startFrom(direct, '198.51.100.2').expect(429);
  });

  test('takes a burst of starts where the limit allows it', async () => {
    const { app, runs } = testApp({ config: { ...testConfig, http: { ...testConfig.http, startsPerMinute: 10_000 } } });
    const answers = await Promise.all(Array.from({ length: 320 }, () => request(app).post('/start-job').send(body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(runs.started.map(({ jobId }) => jobId)).size).toBe(320);
  });
});

describe('Idempotency-Key', () => {
  const send = (app: ReturnType<typeof testApp>['app'], sent: object, key = 'flight-7') =>
    request(app).post('/start-job').set('Idempotency-Key', key).send(sent);

  test('the same key and body find the same job, and start it once', async () => {
    const { app, runs } = testApp();
    const first = await send(app, body).expect(202);
    const second = await send(app, { ...body, s3Url: 's3://photos/flight/' }).expect(200);
    expect(second.body).toEqual(first.body);
    expect(runs.started).toHaveLength(1);
  });

  test('five requests at once make one job', async () => {
    const { app, runs, store } = testApp();
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(app, body)));
    expect(new Set(answers.map((answer) => (answer.body as { jobId: string }).jobId)).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
    expect([runs.started.length, store.records.size]).toEqual([1, 1]);
  });

  test('the same key with another body is refused', async () => {
    const { app } = testApp();
    await send(app, body).expect(202);
    const response = await send(app, { ...body, preset: 'high' }).expect(422);
    expect(response.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('the order of fields is no difference, and neither is what is left out', async () => {
    const { app, runs } = testApp();
    await send(app, { ...body, options: { shBands: 1, imageSize: 800 } }).expect(202);
    await send(app, { options: { imageSize: 800, shBands: 1 }, budgetUsd: null, ...body }).expect(200);
    expect(runs.started).toHaveLength(1);
  });

  test.each([{ budgetUsd: 5 }, { maxHours: 1 }, { webhookUrl: 'https://hooks.example.com/' }])(
    'the same key with %j is another body',
    async (more) => {
      const { app } = testApp();
      await send(app, body).expect(202);
      expect((await send(app, { ...body, ...more }).expect(422)).body).toMatchObject({
        code: 'IDEMPOTENCY_KEY_REUSED',
      });
    },
  );

  test('finds the job also after a retry has changed its options and limits', async () => {
    const { app, store } = testApp();
    const { jobId } = (await send(app, body).expect(202)).body as { jobId: string };
    const record = store.records.get(jobId)!;
    store.records.set(jobId, {
      ...record,
      state: 'running',
      request: { ...record.request, options: { shBands: 0 }, budgetUsd: 9 },
    });
    expect((await send(app, body).expect(200)).body).toMatchObject({ jobId });
  });

  test('of an erased job neither starts it again nor finds it', async () => {
    const { app, runs, store } = testApp();
    const { jobId } = (await send(app, body).expect(202)).body as { jobId: string };
    store.records.set(jobId, tombstone(store.records.get(jobId)!, NOW_MS));
    expect((await send(app, body).expect(410)).body).toMatchObject({ code: 'JOB_ERASED' });
    expect(runs.started).toHaveLength(1);
  });

  test('another key is another job', async () => {
    const { app } = testApp();
    const [a, b] = [await send(app, body), await send(app, body, 'flight-8')];
    expect((a.body as { jobId: string }).jobId).not.toBe((b.body as { jobId: string }).jobId);
  });

  test('a repeat starts the job whose first start was lost after the claim', async () => {
    const { app, runs } = testApp();
    runs.startFails = true;
    await send(app, body).expect(503);
    runs.startFails = false;
    await send(app, body).expect(200);
    expect(runs.started).toHaveLength(1);
  });

  test('a repeat after Temporal has forgotten the workflow does not run the job again', async () => {
    const { app, runs, store } = testApp();
    const first = await send(app, body).expect(202);
    const { jobId } = first.body as { jobId: string };
    store.records.set(jobId, { ...store.records.get(jobId)!, state: 'succeeded' });
    runs.runs.clear();
    expect((await send(app, body).expect(200)).body).toEqual(first.body);
    expect(runs.started).toHaveLength(1);
  });

  test.each(['', 'x'.repeat(256), 'two words'])('the key %j is refused', async (key) => {
    const response = await send(testApp().app, body, key).expect(400);
    expect(response.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field: 'Idempotency-Key' }] });
  });
});
