import { UnreadableRecordError } from '../../../platform/record-store';
import request from 'supertest';
import { jobRecord, openRun, testApp, testConfig } from '../helpers';

describe('every answer', () => {
  test('a body that is not JSON is refused with a problem document', async () => {
    const response = await request(testApp().app)
      .post('/start-job')
      .set('content-type', 'application/json')
      .send('{"s3Url":')
      .expect(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({ code: 'INVALID_JSON', type: 'urn:spaceport:problem:invalid-json' });
  });

  test('a body over 64 KB is refused', async () => {
    const response = await request(testApp().app)
      .post('/start-job')
      .send({ s3Url: 'x'.repeat(70_000) })
      .expect(413);
    expect(response.body).toMatchObject({ code: 'BODY_TOO_LARGE' });
  });

  test('an unknown address and an unknown method are problems', async () => {
    const { app } = testApp();
    expect((await request(app).get('/v2/jobs').expect(404)).body).toMatchObject({ code: 'NOT_FOUND' });
    const inBrowser = await request(app).get('/nowhere').set('Accept', 'text/html,*/*;q=0.8').expect(404);
    expect(inBrowser.text).toContain('<h1>There is nothing here</h1>');
    const wrong = await request(app).get('/start-job').expect(405);
    expect(wrong.body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
    expect(wrong.headers.allow).toBe('POST');
  });

  test('an error of ours shows its request id and nothing else', async () => {
    const { app, store } = testApp();
    store.read = async () => JSON.parse('{') as never;
    const response = await request(app).get('/v1/jobs/job123456').expect(503);
    expect(response.body).toMatchObject({ requestId: response.headers['x-request-id'] });
    expect(response.text).not.toContain('SyntaxError');
  });

  test('a record that cannot be read is an error of ours, and not of the storage', async () => {
    const { app, store } = testApp();
    store.read = async () => {
      throw new UnreadableRecordError('job123456', 'attempts.0.status: odd');
    };
    const response = await request(app).get('/v1/jobs/job123456').expect(500);
    expect(response.body).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(response.text).not.toContain('attempts');
  });

  test('says neither what serves it nor allows inline code', async () => {
    const response = await request(testApp().app).get('/').expect(200);
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(response.headers['content-security-policy']).not.toContain('unsafe');
  });
});

test('A02: HEAD answers as GET, wherever there is one', async () => {
  const { app, job, store } = testApp();
  job(jobRecord({ state: 'succeeded', result: { files: [{ name: 'cameras.json', bytes: 2 }] } }), null);
  store.json.set('job123456/cameras.json', []);
  for (const path of [
    '/',
    '/jobs/job123456',
    '/v1/jobs',
    '/v1/jobs/job123456',
    '/assets/site.css',
    '/healthz',
    '/readyz',
  ]) {
    const [head, got] = [await request(app).head(path), await request(app).get(path)];
    expect([path, head.status, head.headers['content-type']]).toEqual([path, 200, got.headers['content-type']]);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
  }
  await request(app).head('/v1/jobs/unknown12').expect(404);
  expect((await request(app).put('/v1/jobs/job123456').expect(405)).headers.allow).toBe('DELETE, GET, HEAD, PATCH');
});

describe('other sites', () => {
  const body = { s3Url: 's3://photos/a/', email: 'a@example.com' };

  test.each([{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])(
    'may not start jobs (%j)',
    async (headers) => {
      const { app, runs } = testApp();
      const response = await request(app).post('/start-job').set(headers).send(body).expect(403);
      expect(response.body).toMatchObject({ code: 'CROSS_ORIGIN' });
      expect(runs.started).toHaveLength(0);
    },
  );

  test('the own page may', async () => {
    await request(testApp().app).post('/start-job').set('origin', testConfig.publicUrl).send(body).expect(202);
  });

  test('a name that points here from elsewhere is not served', async () => {
    const response = await request(testApp().app).get('/v1/jobs').set('host', 'rebound.example:3000').expect(403);
    expect(response.body).toMatchObject({ code: 'HOST_NOT_ALLOWED' });
  });

  test.each(['localhost:3000', '[::1]:3000', 'LOCALHOST:3000'])(
    'C03: a page under %s leads to the public address, where scenes may be loaded',
    async (host) => {
      const { app, job } = testApp();
      job(jobRecord(), openRun());
      for (const path of ['/', '/jobs/job123456?a=b'])
        expect((await request(app).get(path).set('host', host).expect(302)).headers.location).toBe(
          `${testConfig.publicUrl}${path}`,
        );
      await request(app).get('/v1/jobs').set('host', host).expect(200);
      await request(app)
        .post('/start-job')
        .set({ host, origin: `http://${host.toLowerCase()}` })
        .send(body);
    },
  );

  test('C03: the public address itself, a forwarded port, and a public name are not led anywhere', async () => {
    const { app } = testApp();
    for (const host of ['127.0.0.1:3000', 'localhost:8080', 'localhost'])
      await request(app).get('/').set('host', host).expect(200);
    const atHome = testApp({ config: { ...testConfig, publicUrl: 'http://localhost:3000' } });
    expect((await request(atHome.app).get('/').set('host', '127.0.0.1:3000').expect(302)).headers.location).toBe(
      'http://localhost:3000/',
    );
    const behindProxy = testApp({ config: { ...testConfig, publicUrl: 'https://spaceport.example' } });
    await request(behindProxy.app).get('/sign-in').set('host', 'localhost').expect(200);
  });

  test('behind a proxy any name is served', async () => {
    const { app } = testApp({
      config: { ...testConfig, publicUrl: 'https://spaceport.example', http: { ...testConfig.http, host: '0.0.0.0' } },
    });
    await request(app).get('/v1/openapi.json').set('host', 'spaceport.internal').expect(200);
  });

  test('in a container that serves its own machine only, such a name is not served either', async () => {
    const { app } = testApp({ config: { ...testConfig, http: { ...testConfig.http, host: '0.0.0.0' } } });
    await request(app).get('/v1/jobs').set('host', 'rebound.example:3000').expect(403);
    await request(app).get('/v1/openapi.json').set('host', 'localhost:3000').expect(200);
  });
});

describe('health', () => {
  test('healthz answers under any name, readyz names what is missing', async () => {
    const { app } = testApp({ readiness: async () => ['temporal'] });
    await request(app).get('/healthz').set('host', '10.0.0.7').expect(200);
    expect((await request(app).get('/readyz').expect(503)).body).toEqual({
      status: 'not ready',
      missing: ['temporal'],
    });
  });
});
