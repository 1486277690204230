import request from 'supertest';
import { failure } from '../../../contracts/job/failures';
import type { GateResult, Waiting } from '../../../contracts/job/record';
import type { SignalName } from '../../../contracts/messages/signals';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const MESSAGES: readonly SignalName[] = ['cancel', 'accept', 'pause', 'resume'];
const waiting = (what: Waiting['for']): Waiting => ({
  for: what,
  message: 'only 42 of 100 photos fit together',
  sinceMs: NOW_MS,
  untilMs: null,
});
const UNDECIDED = { state: 'waiting', step: 'sfm', waiting: waiting('decision') } as const;
const PARKED = {
  state: 'parked',
  failure: failure('TOO_FEW_POINTS', 'only 12 points'),
  parkedUntilMs: NOW_MS + 1000,
} as const;

/** The app with one job, and a way to tell it something. */
function appWithJob(...[record, run]: Parameters<ReturnType<typeof testApp>['job']>) {
  const { app, job, runs } = testApp();
  job(record, run);
  const tell = (name: SignalName, body?: object) => request(app).post(`/v1/jobs/job123456/${name}`).send(body);
  return { runs, tell };
}

describe('any message to a job', () => {
  test.each(MESSAGES)('%s to an ended job changes nothing and names how it ended', async (name) => {
    for (const [state, status] of [
      ['succeeded', 'COMPLETED'],
      ['failed', 'FAILED'],
      ['cancelled', 'CANCELLED'],
    ] as const) {
      const { runs, tell } = appWithJob(
        jobRecord({ state, endedAtMs: NOW_MS, updatedAtMs: NOW_MS }),
        openRun({ status, closedAtMs: NOW_MS }),
      );
      expect((await tell(name).expect(409)).body).toMatchObject({
        code: 'JOB_ENDED',
        detail: expect.stringContaining(`has ended (${state})`),
      });
      expect(runs.messages).toEqual([]);
    }
  });

  test.each(MESSAGES)('%s says so when the job ends in this moment', async (name) => {
    const { runs, tell } = appWithJob(jobRecord({ ...UNDECIDED, pauseRequested: true }), openRun());
    runs.answer = { kind: 'ended' };
    expect((await tell(name).expect(409)).body).toMatchObject({ code: 'JOB_ENDED' });
  });

  test.each(MESSAGES)('%s is kept for later while no worker answers, and says so', async (name) => {
    const { runs, tell } = appWithJob(jobRecord({ ...UNDECIDED, pauseRequested: name === 'resume' }), openRun());
    runs.answer = { kind: 'delivered' };
    expect((await tell(name).expect(202)).body).toMatchObject({ note: expect.stringContaining('no worker answers') });
  });

  test.each([
    ['cancel', 'JOB_ENDED'],
    ['accept', 'NOT_WAITING_FOR_DECISION'],
    ['pause', 'CANNOT_PAUSE'],
    ['resume', 'NOT_PAUSED'],
  ] as const)('%s passes on why the workflow refuses', async (name, code) => {
    const { runs, tell } = appWithJob(jobRecord({ ...UNDECIDED, pauseRequested: true }), openRun());
    runs.answer = { kind: 'rejected', message: 'the workflow says no' };
    expect((await tell(name).expect(409)).body).toMatchObject({ code, detail: 'the workflow says no' });
  });

  test.each(MESSAGES)('%s refuses unknown fields and unknown jobs', async (name) => {
    const { runs, tell } = appWithJob(jobRecord(UNDECIDED), openRun());
    expect((await tell(name, { why: 'x' }).expect(400)).body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field: 'why' }],
    });
    expect(runs.messages).toEqual([]);
    await request(testApp().app).post(`/v1/jobs/unknown123/${name}`).expect(404);
  });
});

test('a job whose workflow was reset is what its run knows, not what the older record says: page, ledger, commands', async () => {
  const { app, job, runs } = testApp();
  const beforeReset = jobRecord({ state: 'succeeded', step: 'publish', updatedAtMs: NOW_MS - 120_000 });
  job(beforeReset, openRun({ runId: 'run-2', state: 'parked' }));
  runs.inMemory.set('job123456', { ...beforeReset, ...PARKED, step: 'sfm' });
  const { body } = await request(app).get('/v1/jobs/job123456').expect(200);
  expect(body).toMatchObject({ state: 'parked', step: 'sfm', failure: PARKED.failure });
  await request(app).post('/v1/jobs/job123456/retry').expect(202);
  expect(runs.messages).toMatchObject([{ name: 'retry' }]);
});

describe('POST /v1/jobs/:id/cancel', () => {
  test('tells the workflow why and who', async () => {
    const { runs, tell } = appWithJob(jobRecord(), openRun());
    const { body } = await tell('cancel', { reason: ' wrong field ', by: 'Ada' }).expect(202);
    expect(body).toEqual({ jobId: 'job123456', state: 'cancelling', note: null });
    expect(runs.messages).toEqual([
      { name: 'cancel', jobId: 'job123456', payload: { reason: 'wrong field', by: 'Ada' } },
    ]);
  });

  test('works without a body, also for a parked job', async () => {
    const { runs, tell } = appWithJob(jobRecord(PARKED), openRun({ state: 'parked' }));
    await tell('cancel').expect(202);
    expect(runs.messages[0]?.payload).toEqual({ reason: 'no reason given', by: 'the API' });
  });

  test('a second time is harmless, and says that the job was being cancelled', async () => {
    const { tell } = appWithJob(jobRecord({ state: 'cancelling' }), openRun());
    expect((await tell('cancel').expect(202)).body).toMatchObject({
      state: 'cancelling',
      note: expect.stringContaining('already'),
    });
  });

  test('of a job that has ended but whose run is still open says that it has ended', async () => {
    const { runs, tell } = appWithJob(jobRecord(), openRun());
    runs.answer = { kind: 'accepted', state: 'succeeded' };
    expect((await tell('cancel').expect(409)).body).toMatchObject({
      code: 'JOB_ENDED',
      detail: expect.stringContaining('succeeded'),
    });
  });

  test.each([{ reason: 'x'.repeat(501) }, { by: 'x'.repeat(101) }, { reason: 7 }])('refuses %j', async (body) => {
    const { tell } = appWithJob(jobRecord(), openRun());
    await tell('cancel', body).expect(400);
  });
});

describe('POST /v1/jobs/:id/accept', () => {
  test('tells the workflow who accepts', async () => {
    const { runs, tell } = appWithJob(jobRecord(UNDECIDED), openRun());
    runs.answer = { kind: 'accepted', state: 'running' };
    expect((await tell('accept', { by: 'Ada' }).expect(202)).body).toEqual({
      jobId: 'job123456',
      state: 'running',
      note: null,
    });
    await tell('accept').expect(202);
    expect(runs.messages.map(({ payload }) => payload)).toEqual([{ by: 'Ada' }, { by: 'the API' }]);
  });

  test.each([
    ['runs', jobRecord({ state: 'running' })],
    ['waits for a machine', jobRecord({ state: 'waiting', waiting: waiting('capacity') })],
    ['is parked', jobRecord(PARKED)],
  ])('of a job that %s is refused', async (_what, record) => {
    const { runs, tell } = appWithJob(record, openRun());
    expect((await tell('accept').expect(409)).body).toMatchObject({
      code: 'NOT_WAITING_FOR_DECISION',
      detail: expect.stringContaining('nothing to accept'),
    });
    expect(runs.messages).toEqual([]);
  });

  test('a second time says who had accepted', async () => {
    const gate: GateResult = {
      stage: 'sfm',
      part: null,
      attempt: 1,
      verdict: 'undecided',
      failure: null,
      atMs: NOW_MS,
      acceptedBy: { by: 'Ada', atMs: NOW_MS },
    };
    const { tell } = appWithJob(jobRecord({ state: 'running', gates: [gate] }), openRun());
    expect((await tell('accept').expect(409)).body).toMatchObject({
      detail: expect.stringContaining('accepted already, by Ada at 2026-11-21 10:00 UTC'),
    });
  });
});

describe('POST /v1/jobs/:id/pause and /resume', () => {
  test('pause a job at its next stage, and bring it on its way again', async () => {
    const before = appWithJob(jobRecord({ state: 'running' }), openRun());
    before.runs.answer = { kind: 'accepted', state: 'running' };
    expect((await before.tell('pause').expect(202)).body).toEqual({ jobId: 'job123456', state: 'running', note: null });
    const after = appWithJob(
      jobRecord({ state: 'waiting', waiting: waiting('resume'), pauseRequested: true }),
      openRun(),
    );
    after.runs.answer = { kind: 'accepted', state: 'running' };
    expect((await after.tell('resume').expect(202)).body).toEqual({ jobId: 'job123456', state: 'running', note: null });
    expect([...before.runs.messages, ...after.runs.messages].map(({ name }) => name)).toEqual(['pause', 'resume']);
  });

  test('pausing a second time is harmless, and says so', async () => {
    const { tell } = appWithJob(jobRecord({ state: 'running', pauseRequested: true }), openRun());
    expect((await tell('pause').expect(202)).body).toMatchObject({
      state: 'running',
      note: expect.stringContaining('already'),
    });
  });

  test('a job in which nothing runs cannot be paused', async () => {
    const { runs, tell } = appWithJob(jobRecord(PARKED), openRun());
    expect((await tell('pause').expect(409)).body).toMatchObject({
      code: 'CANNOT_PAUSE',
      detail: expect.stringContaining('parked'),
    });
    expect(runs.messages).toEqual([]);
  });

  test('a job that is not paused has nothing to resume', async () => {
    const { runs, tell } = appWithJob(jobRecord({ state: 'running' }), openRun());
    expect((await tell('resume').expect(409)).body).toMatchObject({ code: 'NOT_PAUSED' });
    expect(runs.messages).toEqual([]);
  });
});
