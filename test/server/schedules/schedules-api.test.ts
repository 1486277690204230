import request from 'supertest';
import { jobIdOfSchedule } from '../../../platform/job-id';
import { jobRecord, testApp } from '../helpers';

const JOB = { s3Url: 's3://photos/quarry/', email: 'pilot@example.com', preset: 'preview', priority: 2 };
const DRAFT = { cron: '0 6 * * 1', timeZone: 'Europe/Berlin', job: JOB };

interface Made {
  readonly scheduleId: string;
}

function appWithSchedules() {
  const made = testApp();
  const send = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object) =>
    request(made.app)[method](`/v1/schedules${path}`).send(body);
  const create = async (changes: object = {}): Promise<string> =>
    ((await send('post', '', { ...DRAFT, ...changes }).expect(201)).body as Made).scheduleId;
  return { ...made, send, create };
}

test('a schedule is made, found, listed, changed and deleted, and never tells the mail address', async () => {
  const { send, schedules } = appWithSchedules();
  const { body, headers, text } = await send('post', '', { ...DRAFT, name: 'Mondays' }).expect(201);
  const { scheduleId } = body as Made;
  expect(headers.location).toBe(`/v1/schedules/${scheduleId}`);
  expect(body).toMatchObject({
    name: 'Mondays',
    cron: '0 6 * * 1',
    timeZone: 'Europe/Berlin',
    everySeconds: null,
    overlap: 'skip',
    onlyWhenChanged: false,
    job: { name: 'quarry', input: 's3://photos/quarry/', preset: 'preview', priority: 2 },
    isPaused: false,
    recent: [],
  });
  expect(text).not.toContain('pilot@');
  expect((await send('get', `/${scheduleId}`).expect(200)).body).toEqual(body);
  expect((await send('get', '').expect(200)).body).toEqual({ schedules: [body] });
  const changed = await send('patch', `/${scheduleId}`, { everySeconds: 86_400, onlyWhenChanged: true }).expect(200);
  expect(changed.body).toMatchObject({ name: 'Mondays', cron: null, everySeconds: 86_400, onlyWhenChanged: true });
  expect(schedules.known.get(scheduleId)?.definition).toMatchObject({
    request: { email: 'pilot@example.com' },
    calibration: { stages: {} },
  });
  await send('delete', `/${scheduleId}`).expect(204);
  await send('get', `/${scheduleId}`).expect(404);
});

test('a paused schedule has no next times until it is resumed', async () => {
  const { send, create } = appWithSchedules();
  const id = await create();
  expect((await send('post', `/${id}/pause`).expect(200)).body).toMatchObject({ isPaused: true, nextStarts: [] });
  expect((await send('post', `/${id}/resume`).expect(200)).body).toMatchObject({
    isPaused: false,
    nextStarts: [expect.any(String)],
  });
});

test('run-now starts an ordinary job of the tenant, once for each Idempotency-Key', async () => {
  const { app, create, runs } = appWithSchedules();
  const id = await create();
  const run = () => request(app).post(`/v1/schedules/${id}/run-now`).set('Idempotency-Key', 'now');
  const { body, headers } = await run().expect(202);
  const { jobId } = body as { jobId: string };
  expect(headers.location).toContain(jobId);
  expect((await run().expect(202)).body).toMatchObject({ jobId });
  expect(runs.started).toHaveLength(1);
  expect(runs.started[0]?.request).toMatchObject({ location: { bucket: 'photos', key: 'quarry/' }, priority: 2 });
});

test('each time that has come names its job, or none where none was started', async () => {
  const { send, create, schedules, store } = appWithSchedules();
  const id = await create();
  const [first, second] = [1_700_000_000_000, 1_700_000_600_000];
  schedules.known.set(id, { ...schedules.known.get(id)!, recentMs: [first, second] });
  const jobId = jobIdOfSchedule(id, first);
  store.records.set(jobId, jobRecord({ jobId }));
  expect((await send('get', `/${id}`)).body).toMatchObject({
    recent: [
      { scheduledAt: new Date(second).toISOString(), jobId: null },
      { scheduledAt: new Date(first).toISOString(), jobId },
    ],
  });
});

test.each([
  [{ ...DRAFT, everySeconds: 600 }, 'cron'],
  [{ job: JOB }, 'cron'],
  [{ ...DRAFT, cron: 'every monday' }, 'cron'],
  [{ ...DRAFT, cron: '99 6 * * 1' }, 'cron'],
  [{ ...DRAFT, timeZone: 'Berlin' }, 'timeZone'],
  [{ everySeconds: 10, job: JOB }, 'everySeconds'],
  [{ ...DRAFT, overlap: 'both' }, 'overlap'],
  [{ ...DRAFT, job: { ...JOB, startAt: '2026-12-01T06:00:00Z' } }, 'job.startAt'],
  [{ ...DRAFT, job: { email: JOB.email, uploadId: 'abc' } }, 'job.uploadId'],
  [{ ...DRAFT, job: { ...JOB, email: 'nobody' } }, 'job.email'],
  [{ cron: DRAFT.cron }, 'job'],
])('refuses %j', async (body, field) => {
  const { send, schedules } = appWithSchedules();
  expect((await send('post', '', body).expect(400)).body).toMatchObject({ errors: [{ field }] });
  expect(schedules.known.size).toBe(0);
});

test('photos may come only from where a start may take them; also after a change', async () => {
  const { send, create } = appWithSchedules();
  const elsewhere = { job: { ...JOB, s3Url: 's3://elsewhere/x/' } };
  await send('post', '', { ...DRAFT, ...elsewhere }).expect(403);
  await send('patch', `/${await create()}`, elsewhere).expect(403);
});

test('another tenant sees, changes and starts nothing, and a closed tenant starts nothing more', async () => {
  const { send, create, schedules, app, runs } = appWithSchedules();
  const id = await create();
  schedules.known.set(id, { ...schedules.known.get(id)!, tenant: 'acme' });
  for (const [method, path] of [
    ['get', ''],
    ['patch', ''],
    ['delete', ''],
    ['post', '/pause'],
    ['post', '/resume'],
    ['post', '/run-now'],
  ] as const)
    expect((await send(method, `/${id}${path}`, {}).expect(404)).body).toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
  expect((await send('get', '').expect(200)).body).toEqual({ schedules: [] });
  expect(runs.started).toEqual([]);
  await request(app).post('/v1/tenants').send({ tenantId: 'acme', name: 'Acme' }).expect(201);
  await request(app).delete('/v1/tenants/acme').expect(200);
  expect(schedules.known.get(id)?.isPaused).toBe(true);
});

test('a tenant has a hundred schedules at most', async () => {
  const { send, create, schedules } = appWithSchedules();
  const one = schedules.known.get(await create())!;
  for (let number = 1; number < 100; number += 1)
    schedules.known.set(`s${number}`, { ...one, scheduleId: `s${number}` });
  expect((await send('post', '', DRAFT).expect(409)).body).toMatchObject({ code: 'TOO_MANY_SCHEDULES' });
});
