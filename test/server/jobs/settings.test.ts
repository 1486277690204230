import request from 'supertest';
import type { StoredRecord } from '../../../platform/record-store';
import type { JobRecord } from '../../../contracts/job/record';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const ENDED = { state: 'succeeded', endedAtMs: NOW_MS - 1000, updatedAtMs: NOW_MS - 1000 } as const;
const CLOSED = { status: 'COMPLETED', closedAtMs: NOW_MS - 1000 } as const;

/** An app with the job `job123456`: open, or ended where `changes` say so. */
function appWithJob(changes: Partial<JobRecord> = {}, run = openRun()) {
  const made = testApp();
  made.job(jobRecord(changes), run);
  return {
    ...made,
    get: () => request(made.app).get('/v1/jobs/job123456'),
    patch: (body: object, headers: Record<string, string> = {}) =>
      request(made.app).patch('/v1/jobs/job123456').set(headers).send(body),
    listed: async () => (await request(made.app).get('/v1/jobs').expect(200)).body as { jobs: { name: string }[] },
  };
}

describe('GET /v1/jobs/:id', () => {
  test('a reader who has the answer gets 304 without a body, and the whole answer after a change', async () => {
    const { get, patch } = appWithJob(ENDED, openRun(CLOSED));
    const { etag = '' } = (await get().expect(200)).headers as { etag?: string };
    expect(etag).toMatch(/^"[\w-]+\.[\w-]+"$/);
    const again = await get().set('If-None-Match', `"other", W/${etag}`).expect(304);
    expect(again.text).toBe('');
    expect(again.headers).toMatchObject({ etag, 'cache-control': 'private, no-cache' });
    await patch({ name: 'Quarry' }).expect(200);
    const { body } = await get().set('If-None-Match', etag).expect(200);
    expect(body).toMatchObject({ name: 'Quarry' });
  });

  test('the ETag is another one as soon as any byte of the answer is', async () => {
    const { get, job } = appWithJob();
    const before = (await get()).headers.etag;
    job(jobRecord({ notice: 'something happened' }), openRun({ historyLength: 11 }));
    expect((await get()).headers.etag).not.toBe(before);
  });
});

describe('PATCH /v1/jobs/:id', () => {
  test('tells the workflow of a running job, which is the only writer of its record', async () => {
    const { patch, runs, store } = appWithJob({ state: 'running' });
    await patch({ name: '  Quarry ' }).expect(200);
    expect(runs.messages).toEqual([{ jobId: 'job123456', name: 'change', payload: { name: 'Quarry' } }]);
    expect(store.records.get('job123456')?.request.name).toBeNull();
  });

  test('is told that a change was taken, also where it cannot be put into the list at once', async () => {
    const { patch, runs, store, listed, job } = appWithJob({ state: 'running' });
    const read = store.read.bind(store);
    store.read = async (jobId) => {
      // After the message alone.
      if (runs.messages.length === 1 && !isRead) {
        isRead = true;
        throw new Error('S3 does not answer');
      }
      return read(jobId);
    };
    let isRead = false;
    await patch({ name: 'Quarry' }).expect(200);
    expect(isRead).toBe(true);
    job(jobRecord({ state: 'running', request: { ...jobRecord().request, name: 'Quarry' } }), openRun());
    await patch({ name: 'Quarry' }).expect(200);
    expect((await listed()).jobs).toMatchObject([{ name: 'Quarry' }]);
  });

  test('renames an ended job, at once in its answer and in the list', async () => {
    const { patch, runs, listed } = appWithJob(ENDED, openRun(CLOSED));
    const { body, headers } = await patch({ name: 'Quarry' }).expect(200);
    expect(body).toMatchObject({ name: 'Quarry', state: 'succeeded' });
    expect(headers.etag).toBeDefined();
    expect(runs.messages).toEqual([]);
    expect((await listed()).jobs).toMatchObject([{ name: 'Quarry' }]);
    expect((await patch({ name: null }).expect(200)).body).toMatchObject({ name: 'flight' });
  });

  test('tells also a run that began while the record was written: it was started with the name of before', async () => {
    const { patch, runs, store } = appWithJob(ENDED, openRun(CLOSED));
    const replace = store.replace.bind(store);
    store.replace = async (stored: StoredRecord, next: JobRecord) => {
      runs.runs.set('job123456', openRun({ runId: 'run-2', startedAtMs: NOW_MS }));
      return replace(stored, next);
    };
    await patch({ name: 'Quarry' }).expect(200);
    expect(runs.messages).toMatchObject([{ name: 'change', payload: { name: 'Quarry' } }]);
    expect(store.records.get('job123456')?.request.name).toBe('Quarry');
  });

  test('never overwrites what the record has become meanwhile', async () => {
    const { patch, store } = appWithJob(ENDED, openRun(CLOSED));
    const read = store.read.bind(store);
    let isFirst = true;
    store.replace = ((replace) => async (stored: StoredRecord, next: JobRecord) => {
      if (isFirst)
        store.records.set('job123456', jobRecord({ ...ENDED, expiredAtMs: { intermediates: 5, results: null } }));
      isFirst = false;
      return replace(stored, next);
    })(store.replace.bind(store));
    await patch({ name: 'Quarry' }).expect(200);
    expect((await read('job123456'))?.record).toMatchObject({
      request: { name: 'Quarry' },
      expiredAtMs: { intermediates: 5 },
    });
  });

  test('priority and start travel too, and stand on the job and in the list', async () => {
    const later = '2026-12-01T06:00:00+01:00';
    const open = appWithJob({ state: 'waiting', waiting: { for: 'start', message: 'x', sinceMs: 0, untilMs: null } });
    await open.patch({ priority: 1, startAt: later }).expect(200);
    const payload = { priority: 1, startAt: '2026-12-01T05:00:00.000Z' };
    expect(open.runs.messages).toMatchObject([{ payload }]);
    const { patch, listed } = appWithJob(ENDED, openRun(CLOSED));
    expect((await patch({ priority: 5 }).expect(200)).body).toMatchObject({ priority: 5, startAt: null });
    expect((await listed()).jobs).toMatchObject([{ priority: 5, startAt: null }]);
  });

  test.each([
    ['one that runs', { state: 'running', step: 'sfm' } as const, openRun()],
    ['one that has ended', ENDED, openRun(CLOSED)],
  ])('the start of a job that has begun cannot be put off: %s', async (_, changes, run) => {
    const { patch, runs } = appWithJob(changes, run);
    const { body } = await patch({ startAt: '2026-12-01T06:00:00Z' }).expect(409);
    expect(body).toMatchObject({ code: 'JOB_STARTED' });
    expect(runs.messages).toEqual([]);
  });

  test('a change that no worker has taken yet is kept, and says so', async () => {
    const { patch, runs } = appWithJob();
    runs.answer = { kind: 'delivered' };
    expect((await patch({ name: 'Quarry' }).expect(202)).body).toMatchObject({
      jobId: 'job123456',
      note: expect.stringContaining('no worker'),
    });
  });

  describe('If-Match', () => {
    test('of an ended job: only where nobody has changed it since', async () => {
      const { get, patch } = appWithJob(ENDED, openRun(CLOSED));
      const { etag = '' } = (await get()).headers as { etag?: string };
      await patch({ name: 'Mine' }, { 'If-Match': etag }).expect(200);
      const { body } = await patch({ name: 'Theirs' }, { 'If-Match': etag }).expect(412);
      expect(body).toMatchObject({ code: 'PRECONDITION_FAILED' });
      expect((await get()).body).toMatchObject({ name: 'Mine' });
      await patch({ name: 'Anyway' }, { 'If-Match': '*' }).expect(200);
    });

    test('of a running job: what it does by itself does not count, and the workflow is told what was meant', async () => {
      const { get, patch, job, runs } = appWithJob();
      const { etag = '' } = (await get()).headers as { etag?: string };
      job(jobRecord({ state: 'running', step: 'sfm', updatedAtMs: NOW_MS }), openRun());
      await patch({ name: 'Quarry' }, { 'If-Match': etag }).expect(200);
      expect(runs.messages).toMatchObject([{ payload: { name: 'Quarry', was: { name: null } } }]);
      runs.answer = { kind: 'rejected', message: 'somebody was faster' };
      await patch({ name: 'Quarry' }, { 'If-Match': etag }).expect(412);
      await patch({ name: 'Quarry' }, { 'If-Match': `W/${etag}` }).expect(412);
    });
  });

  test.each([
    [{}, ''],
    [{ name: '' }, 'name'],
    [{ name: 'two\nlines' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 7 }, 'name'],
    [{ priority: 0 }, 'priority'],
    [{ priority: 6 }, 'priority'],
    [{ priority: 2.5 }, 'priority'],
    [{ priority: null }, 'priority'],
    [{ startAt: 'tomorrow' }, 'startAt'],
    [{ startAt: '2026-12-01T06:00:00' }, 'startAt'],
    [{ startAt: '2036-12-01T06:00:00Z' }, 'startAt'],
    [{ name: 'x', state: 'failed' }, 'state'],
    [{ name: 'x', was: { name: 'y' } }, 'was'],
  ])('refuses %j', async (body, field) => {
    const { patch, runs } = appWithJob();
    expect((await patch(body).expect(400)).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
    expect(runs.messages).toEqual([]);
  });

  test('an erased job and an unknown one cannot be changed', async () => {
    const { patch } = appWithJob({ ...ENDED, erasedAtMs: NOW_MS }, openRun(CLOSED));
    await patch({ name: 'x' }).expect(410);
    await request(testApp().app).patch('/v1/jobs/unknown123').send({ name: 'x' }).expect(404);
  });
});
