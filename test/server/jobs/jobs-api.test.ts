import request from 'supertest';
import type { JobRecord } from '../../../contracts/job/record';
import { layout } from '../../../contracts/storage/layout';
import { testAttempt } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const completedRun = openRun({ status: 'COMPLETED', closedAtMs: NOW_MS - 1000 });

describe('GET /v1/jobs/:id', () => {
  test('shows the job without the mail address', async () => {
    const { app, job } = testApp();
    job(jobRecord({ state: 'running' }), openRun());
    const response = await request(app).get('/v1/jobs/job123456').expect(200);
    expect(response.body).toMatchObject({ jobId: 'job123456', state: 'running', input: 's3://photos/flight/' });
    expect(response.text).not.toContain('pilot@example.com');
  });

  test('shows how mails and webhooks went, and does without where that cannot be read', async () => {
    const { app, job, store } = testApp();
    job(jobRecord({ state: 'parked' }), openRun());
    const refused = {
      eventId: 'e1',
      event: 'job.parked',
      channel: 'mail',
      status: 'rejected',
      detail: '550 no such user',
      at: '2026-11-21T09:00:00Z',
    } as const;
    store.delivered.set('job123456', [refused]);
    expect((await request(app).get('/v1/jobs/job123456').expect(200)).body).toMatchObject({ deliveries: [refused] });
    store.deliveries = () => Promise.reject(new Error('slow down'));
    job(jobRecord({ state: 'parked' }), openRun({ historyLength: 12 }));
    expect((await request(app).get('/v1/jobs/job123456').expect(200)).body).toMatchObject({
      state: 'parked',
      deliveries: [],
    });
  });

  test('shows the record while Temporal is away', async () => {
    const { app, job, runs } = testApp();
    job(jobRecord({ state: 'running', step: 'sfm' }), null);
    runs.away = true;
    expect((await request(app).get('/v1/jobs/job123456').expect(200)).body).toMatchObject({
      state: 'running',
      step: 'sfm',
    });
  });

  test.each(['unknown123', 'x', '..%2f..%2fsecret', 'JOB123456'])('answers 404 for %s', async (id) => {
    expect((await request(testApp().app).get(`/v1/jobs/${id}`).expect(404)).body).toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
  });
});

describe('GET /v1/jobs', () => {
  test('lists jobs by one state or several', async () => {
    const { app, job } = testApp();
    job(jobRecord({ jobId: 'aaaaaaaa' }), openRun());
    job(jobRecord({ jobId: 'bbbbbbbb', state: 'parked', step: 'training' }), openRun({ state: 'parked' }));
    const { body } = await request(app).get('/v1/jobs?state=parked&limit=5').expect(200);
    expect(body).toMatchObject({
      jobs: [
        {
          jobId: 'bbbbbbbb',
          state: 'parked',
          stage: 'training',
          preset: 'preview',
          pageUrl: 'http://127.0.0.1:3000/jobs/bbbbbbbb',
        },
      ],
      nextCursor: null,
    });
    const several = await request(app).get('/v1/jobs?state=parked&state=queued').expect(200);
    expect((several.body as { jobs: unknown[] }).jobs).toHaveLength(2);
  });

  test.each(['state=asleep', 'limit=0', 'limit=many', 'offset=1', 'preset=best', 'createdAfter=yesterday'])(
    'refuses %s',
    async (query) => {
      expect((await request(testApp().app).get(`/v1/jobs?${query}`).expect(400)).body).toMatchObject({
        code: 'INVALID_REQUEST',
      });
    },
  );
});

describe('GET /v1/jobs/:id/preview', () => {
  const training = jobRecord({ updatedAtMs: NOW_MS, attempts: [testAttempt({ status: 'Running' })] });
  const address = '/v1/jobs/job123456/preview';

  test('redirects to the picture of the scene that is trained, which the job names', async () => {
    const { app, store, job } = testApp();
    job(training, openRun());
    const key = layout.preview('job123456', 1, 'picture.jpg');
    store.shown.set(key, '"one"');
    expect((await request(app).get(address).expect(302)).headers.location).toBe(`http://storage.test/${key}`);
    expect((await request(app).get('/v1/jobs/job123456')).body).toMatchObject({
      previewUrl: expect.stringMatching(`${address}$`) as string,
    });
  });

  test('and to the scene itself, whose version tells when there is a newer one', async () => {
    const { app, store, job } = testApp();
    job(training, openRun());
    const scene = `${address}/scene.sog`;
    await request(app).head(scene).expect(204);
    const key = layout.preview('job123456', 1, 'scene.sog');
    store.shown.set(key, '"one"');
    expect((await request(app).head(scene).expect(200)).headers).toMatchObject({
      etag: '"one"',
      'content-length': '9',
    });
    await request(app).head(scene).set('If-None-Match', '"one"').expect(304);
    expect((await request(app).get(scene).expect(302)).headers.location).toBe(`http://storage.test/${key}`);
    expect((await request(app).get('/v1/jobs/job123456')).body).toMatchObject({
      previewSceneUrl: expect.stringMatching(`${scene}$`) as string,
    });
  });

  test('has none before the first is drawn, nor before training', async () => {
    const { app, job } = testApp();
    job(training, openRun());
    await request(app).get(address).expect(204);
    job(jobRecord({ updatedAtMs: NOW_MS }), openRun());
    expect((await request(app).get(address).expect(404)).body).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    expect((await request(app).get('/v1/jobs/job123456')).body).toMatchObject({
      previewUrl: null,
      previewSceneUrl: null,
    });
  });
});

describe('GET /v1/jobs/:id/poster', () => {
  const withFiles = (...names: string[]): JobRecord =>
    jobRecord({
      state: 'succeeded',
      updatedAtMs: NOW_MS,
      result: { files: names.map((name) => ({ name, bytes: 5 })) },
    });
  const address = '/v1/jobs/job123456/poster';

  test.each([
    [['poster.jpg', 'poster.avif', 'poster.webp'], 'poster.avif'],
    [['poster.jpg'], 'poster.jpg'],
  ])('of %p leads to %s', async (names, file) => {
    const { app, job } = testApp();
    job(withFiles(...names), completedRun);
    expect((await request(app).get(address).expect(302)).headers.location).toMatch(
      new RegExp(`job123456/${file}\\?as=inline$`),
    );
  });

  test('is not found where a result has none', async () => {
    const { app, job } = testApp();
    job(withFiles('scene.sog'), completedRun);
    expect((await request(app).get(address).expect(404)).body).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  });
});

describe('GET /v1/jobs/:id/artifacts/:file', () => {
  const published = jobRecord({
    state: 'succeeded',
    updatedAtMs: NOW_MS,
    result: {
      files: [
        { name: 'scene.sog', bytes: 5 },
        { name: 'model.ply', bytes: 9 },
      ],
    },
  });

  test('redirects to a signed link that saves the file under a good name', async () => {
    const { app, job } = testApp();
    job(published, completedRun);
    const response = await request(app).get('/v1/jobs/job123456/artifacts/model.ply').expect(302);
    expect(response.headers.location).toBe('http://storage.test/job123456/model.ply?as=flight-model.ply');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('shows a file in place where asked to', async () => {
    const { app, job } = testApp();
    job(published, completedRun);
    const response = await request(app).get('/v1/jobs/job123456/artifacts/scene.sog?inline').expect(302);
    expect(response.headers.location).toBe('http://storage.test/job123456/scene.sog?as=inline');
  });

  test.each(['job.json', '..%2fjob.json', 'poster.jpg'])('has no %s', async (file) => {
    const { app, job } = testApp();
    job(published, completedRun);
    expect((await request(app).get(`/v1/jobs/job123456/artifacts/${file}`).expect(404)).body).toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
    });
  });
});
