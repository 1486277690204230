import request from 'supertest';
import { failure } from '../../../contracts/job/failures';
import { layout } from '../../../contracts/storage/layout';
import { testAttempt, testPhotos } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const PARKED = {
  state: 'parked',
  failure: failure('TOO_FEW_POINTS', 'only 12 points'),
  parkedUntilMs: NOW_MS + 1000,
} as const;
const closedRun = (status: 'FAILED' | 'CANCELLED' | 'COMPLETED' | 'TERMINATED') =>
  openRun({ status, closedAtMs: NOW_MS - 1000 });

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

describe('POST /v1/jobs/:id/retry', () => {
  test('wakes a parked job', async () => {
    const { app, job, runs } = testApp();
    job(jobRecord(PARKED), openRun({ state: 'parked' }));
    const { body } = await request(app)
      .post('/v1/jobs/job123456/retry')
      .send({ options: { maxNumFeatures: 9000 } })
      .expect(202);
    expect(body).toEqual({ jobId: 'job123456', state: 'running', note: null });
    expect(runs.messages).toEqual([
      { name: 'retry', jobId: 'job123456', payload: { fromStage: null, options: { maxNumFeatures: 9000 } } },
    ]);
  });

  test('passes on why the workflow refuses', async () => {
    const { app, job, runs } = testApp();
    job(jobRecord(PARKED), openRun({ state: 'parked' }));
    runs.answer = { kind: 'rejected', message: 'the job is running' };
    expect((await request(app).post('/v1/jobs/job123456/retry').expect(409)).body).toMatchObject({
      code: 'RETRY_REJECTED',
      detail: 'the job is running',
    });
  });

  test('starts a new run of a failed job from its record, with the changed options and the stages that are done', async () => {
    const { app, job, runs } = testApp();
    const sfm = {
      stage: 'sfm' as const,
      part: null,
      attempt: 1,
      jobName: 'x-job123456-sfm-a01',
      metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 },
    };
    job(
      jobRecord({
        state: 'failed',
        failure: PARKED.failure,
        accepted: [sfm],
        updatedAtMs: NOW_MS,
        endedAtMs: NOW_MS,
      }),
      closedRun('FAILED'),
    );
    const { body } = await request(app)
      .post('/v1/jobs/job123456/retry')
      .send({ options: { maxIterations: 500 } })
      .expect(202);
    expect(body).toEqual({ jobId: 'job123456', state: 'queued', note: null });
    expect(runs.started).toEqual([
      expect.objectContaining({
        state: 'queued',
        failure: null,
        endedAtMs: null,
        accepted: [sfm],
        request: expect.objectContaining({ options: { maxIterations: 500 } }),
      }),
    ]);
  });

  test('raises the limits that had ended the job, of a parked one and of an ended one', async () => {
    const exceeded = failure('BUDGET_EXCEEDED', 'the budget of 1 USD would be passed');
    const limited = { ...jobRecord().request, budgetUsd: 1, maxHours: 2 };
    const { app, job, runs } = testApp();
    job(jobRecord({ ...PARKED, failure: exceeded, request: limited }), openRun({ state: 'parked' }));
    await request(app).post('/v1/jobs/job123456/retry').send({ budgetUsd: 5 }).expect(202);
    expect(runs.messages).toMatchObject([{ name: 'retry', payload: { budgetUsd: 5 } }]);
    job(jobRecord({ state: 'failed', failure: exceeded, request: limited, updatedAtMs: NOW_MS }), closedRun('FAILED'));
    await request(app).post('/v1/jobs/job123456/retry').send({ budgetUsd: 5 }).expect(202);
    expect(runs.started).toMatchObject([{ request: { budgetUsd: 5, maxHours: 2 } }]);
  });

  test('does everything again after the files of the finished stages have expired', async () => {
    const sfm = {
      stage: 'sfm' as const,
      part: null,
      attempt: 1,
      jobName: 'x',
      metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 },
    };
    const photos = testPhotos();
    const { app, job, runs } = testApp();
    job(
      jobRecord({
        state: 'failed',
        accepted: [sfm],
        photos,
        updatedAtMs: NOW_MS,
        expiredAtMs: { intermediates: NOW_MS, results: null },
      }),
      closedRun('FAILED'),
    );
    expect(
      (await request(app).post('/v1/jobs/job123456/retry').send({ fromStage: 'training' }).expect(409)).body,
    ).toMatchObject({ code: 'STAGE_NOT_REACHED' });
    await request(app).post('/v1/jobs/job123456/retry').expect(202);
    expect(runs.started).toEqual([
      expect.objectContaining({
        photos: null,
        accepted: [],
        expiredAtMs: { intermediates: null, results: null },
      }),
    ]);
  });

  test('takes the last line of the ledger along, also when the run closes while the job is looked up', async () => {
    const { app, job, runs, store } = testApp();
    const stopped = testAttempt({ status: 'Stopped', costUsd: 0.5 });
    job(jobRecord({ state: 'cancelled', attempts: [stopped], updatedAtMs: NOW_MS }), closedRun('CANCELLED'));
    const { read } = store;
    store.read = async () => {
      store.read = read;
      const attempts = [{ ...stopped, status: 'Running', costUsd: 0 } as const];
      return { record: jobRecord({ state: 'cancelling', attempts }), version: '1' };
    };
    await request(app).post('/v1/jobs/job123456/retry').expect(202);
    expect(runs.started).toMatchObject([{ attempts: [{ status: 'Stopped', costUsd: 0.5 }] }]);
  });

  test('waits until files that are being deleted are gone', async () => {
    const { app, job, runs } = testApp();
    job(
      jobRecord({
        state: 'failed',
        updatedAtMs: NOW_MS,
        deleting: true,
        expiredAtMs: { intermediates: NOW_MS, results: null },
      }),
      closedRun('FAILED'),
    );
    expect(
      (await request(app).post('/v1/jobs/job123456/retry').send({ fromStage: 'sfm' }).expect(409)).body,
    ).toMatchObject({ code: 'FILES_BEING_DELETED' });
    job(jobRecord({ state: 'failed', updatedAtMs: NOW_MS }), closedRun('FAILED'));
    runs.erased.push('job123456');
    expect((await request(app).post('/v1/jobs/job123456/retry').expect(409)).body).toMatchObject({
      code: 'FILES_BEING_DELETED',
    });
    expect(runs.started).toEqual([]);
  });

  test('says when no worker has heard it yet', async () => {
    const { app, job, runs } = testApp();
    job(jobRecord(PARKED), openRun({ state: 'parked' }));
    runs.answer = { kind: 'delivered' };
    expect((await request(app).post('/v1/jobs/job123456/retry').expect(202)).body).toMatchObject({
      note: expect.stringContaining('no worker'),
    });
  });

  test('refuses an option of a stage whose result is kept, unless that stage is done again', async () => {
    const { app, job, runs } = testApp();
    const sfm = {
      stage: 'sfm' as const,
      part: null,
      attempt: 1,
      jobName: 'x',
      metrics: { photos: 18, registered: 18, points: 4000, reprojectionErrorPx: 0.6 },
    };
    job(jobRecord({ ...PARKED, accepted: [sfm] }), openRun({ state: 'parked' }));
    const sent = { options: { maxNumFeatures: 9000 } };
    const { body } = await request(app).post('/v1/jobs/job123456/retry').send(sent).expect(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field: 'options.maxNumFeatures' }] });
    expect(runs.messages).toEqual([]);
    await request(app)
      .post('/v1/jobs/job123456/retry')
      .send({ ...sent, fromStage: 'sfm' })
      .expect(202);
  });

  test('starts a cancelled job again, and a terminated one', async () => {
    for (const [record, run] of [
      [
        jobRecord({ state: 'cancelled', cancelled: { reason: 'rain', by: 'me', atMs: NOW_MS }, updatedAtMs: NOW_MS }),
        closedRun('CANCELLED'),
      ],
      [jobRecord({ state: 'running' }), closedRun('TERMINATED')],
    ] as const) {
      const { app, job, runs } = testApp();
      job(record, run);
      await request(app).post('/v1/jobs/job123456/retry').expect(202);
      expect(runs.started).toEqual([expect.objectContaining({ cancelled: null })]);
    }
  });

  test.each([
    ['a running job', jobRecord({ state: 'running' }), openRun(), {}, 'NOT_PARKED'],
    [
      'a job that succeeded',
      jobRecord({ state: 'succeeded', updatedAtMs: NOW_MS }),
      closedRun('COMPLETED'),
      {},
      'JOB_ENDED',
    ],
    [
      'a stage that was not reached',
      jobRecord(PARKED),
      openRun({ state: 'parked' }),
      { fromStage: 'compression' },
      'STAGE_NOT_REACHED',
    ],
  ])('refuses %s', async (_what, record, run, sent, code) => {
    const { app, job, runs } = testApp();
    job(record, run);
    expect((await request(app).post('/v1/jobs/job123456/retry').send(sent).expect(409)).body).toMatchObject({ code });
    expect(runs.messages.length + runs.started.length).toBe(0);
  });

  test.each([
    [{ fromStage: 'mesh' }, 'fromStage', 'must be one of sfm, training, compression'],
    [{ options: { shBands: 9 } }, 'options.shBands', 'must be a whole number from 0 to 3'],
    [{ options: 3 }, 'options', 'must be an object'],
    [{ budgetUsd: 0 }, 'budgetUsd', 'must be a number from 0.01 to 10000'],
    [{ maxHours: 'many' }, 'maxHours', 'must be a number from 0.01 to 1000'],
    [{ stage: 'sfm' }, 'stage', 'is unknown; known are fromStage, options, budgetUsd, maxHours, capacity'],
    [[], '', 'must be an object'],
    ['x', '', 'must be an object'],
  ])('refuses %j, and names the field', async (sent, field, message) => {
    const { app, job } = testApp();
    job(jobRecord(PARKED), openRun({ state: 'parked' }));
    const { body } = await request(app)
      .post('/v1/jobs/job123456/retry')
      .type('json')
      .send(JSON.stringify(sent))
      .expect(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field, message }] });
  });
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
    await request(app).head(scene).expect(404);
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
    expect((await request(app).get(address).expect(404)).body).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    job(jobRecord({ updatedAtMs: NOW_MS }), openRun());
    await request(app).get(address).expect(404);
    expect((await request(app).get('/v1/jobs/job123456')).body).toMatchObject({
      previewUrl: null,
      previewSceneUrl: null,
    });
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
    job(published, closedRun('COMPLETED'));
    const response = await request(app).get('/v1/jobs/job123456/artifacts/model.ply').expect(302);
    expect(response.headers.location).toBe('http://storage.test/job123456/model.ply?as=flight-model.ply');
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('shows a file in place where asked to', async () => {
    const { app, job } = testApp();
    job(published, closedRun('COMPLETED'));
    const response = await request(app).get('/v1/jobs/job123456/artifacts/scene.sog?inline').expect(302);
    expect(response.headers.location).toBe('http://storage.test/job123456/scene.sog?as=inline');
  });

  test.each(['job.json', '..%2fjob.json', 'poster.jpg'])('has no %s', async (file) => {
    const { app, job } = testApp();
    job(published, closedRun('COMPLETED'));
    expect((await request(app).get(`/v1/jobs/job123456/artifacts/${file}`).expect(404)).body).toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
    });
  });
});
