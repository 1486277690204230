import request from 'supertest';
import { tombstone } from '../../../contracts/storage/retention';
import { jobRecord, NOW_MS, openRun, testApp } from '../helpers';

const FAILED = jobRecord({ state: 'failed', endedAtMs: NOW_MS, updatedAtMs: NOW_MS });
const closedRun = openRun({ status: 'FAILED', closedAtMs: NOW_MS });
const erase = (app: ReturnType<typeof testApp>['app'], id = 'job123456') => request(app).delete(`/v1/jobs/${id}`);

describe('DELETE /v1/jobs/:id', () => {
  test('erases an ended job, and says what remains and for how long', async () => {
    const { app, job, runs } = testApp();
    job(FAILED, closedRun);
    const { body } = await erase(app).expect(202);
    expect(body).toMatchObject({ jobId: 'job123456', state: 'failed', erasing: true });
    for (const what of ['jobs/job123456/job.json', 'Temporal', '3 days', 'CloudWatch'])
      expect(body.remains).toContain(what);
    expect(runs.erased).toEqual(['job123456']);
  });

  test('erases a job that Temporal has forgotten, and does without its retention', async () => {
    const { app, job, runs } = testApp();
    job(FAILED, null);
    runs.retentionDays = () => Promise.reject(new Error('permission denied'));
    expect((await erase(app).expect(202)).body.remains).toContain('the retention period of its namespace');
    expect(runs.erased).toEqual(['job123456']);
  });

  test.each([
    ['runs', jobRecord({ state: 'running' }), 'is running; cancel it'],
    ['is parked', jobRecord({ state: 'parked' }), 'is parked; cancel it'],
    ['has ended but still tells people', FAILED, 'is about to close (failed)'],
  ])('a job that %s is not erased', async (_what, record, why) => {
    const { app, job, runs } = testApp();
    job(record, openRun());
    expect((await erase(app).expect(409)).body).toMatchObject({
      code: 'JOB_RUNNING',
      detail: expect.stringContaining(why),
    });
    expect(runs.erased).toEqual([]);
  });

  test('an unknown job is not found, and a body is refused', async () => {
    const { app, job } = testApp();
    await erase(app, 'unknown123').expect(404);
    job(FAILED, closedRun);
    await erase(app).send({ force: true }).expect(400);
  });

  test('other sites may not', async () => {
    const { app, job, runs } = testApp();
    job(FAILED, closedRun);
    await erase(app).set('origin', 'https://evil.example').expect(403);
    expect(runs.erased).toEqual([]);
  });
});

describe('an erased job', () => {
  const { app, job, runs } = testApp();
  beforeAll(() => job(tombstone(FAILED, NOW_MS), closedRun));

  test.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/retry'],
    ['POST', '/cancel'],
    ['GET', '/artifacts/scene.sog'],
    ['GET', '/scene/scene.sog'],
  ] as const)('answers %s /v1/jobs/:id%s with 410 and when it was erased', async (method, path) => {
    const address = `/v1/jobs/job123456${path}`;
    const sent = {
      GET: request(app).get(address),
      POST: request(app).post(address),
      DELETE: request(app).delete(address),
    }[method];
    expect((await sent.expect(410)).body).toMatchObject({
      code: 'JOB_ERASED',
      detail: expect.stringContaining('2026-11-21 10:00 UTC'),
    });
    expect([runs.messages, runs.started, runs.erased]).toEqual([[], [], []]);
  });
});
