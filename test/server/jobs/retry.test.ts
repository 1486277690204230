import request from 'supertest';
import { failure } from '../../../contracts/job/failures';
import { testAttempt, testPhotos } from '../../helpers/records';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const PARKED = {
  state: 'parked',
  failure: failure('TOO_FEW_POINTS', 'only 12 points'),
  parkedUntilMs: NOW_MS + 1000,
} as const;
const closedRun = (status: 'FAILED' | 'CANCELLED' | 'COMPLETED' | 'TERMINATED') =>
  openRun({ status, closedAtMs: NOW_MS - 1000 });

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
