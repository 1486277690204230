import request from 'supertest';
import type { AuditList } from '../../../contracts/access/audit-schema';
import { newSecret } from '../../../server/access/secrets';
import { jobRecord, openRun, testApp, testConfig } from '../helpers';
import { MemoryAudit } from '../../helpers/memory-audit';

const AUDIT = '/v1/jobs/job123456/audit';

test('what people do to a job is noted with who they are and the id of their request; the newest comes first', async () => {
  const { app, job } = testApp();
  job(jobRecord({ state: 'running', step: 'sfm' }), openRun());
  const paused = await request(app).post('/v1/jobs/job123456/pause').expect(202);
  await request(app).get('/v1/jobs/job123456').expect(200);
  await request(app).post('/v1/jobs/job123456/accept').send({ by: 'Ada' }).expect(409);
  const cancelled = await request(app).post('/v1/jobs/job123456/cancel').send({ reason: 'wrong field' }).expect(202);
  const { entries } = (await request(app).get(AUDIT).expect(200)).body as AuditList;
  const by = { kind: 'machine', keyId: null };
  expect(entries).toMatchObject([
    { operation: 'cancelJob', by, requestId: cancelled.headers['x-request-id'], details: { reason: 'wrong field' } },
    { operation: 'pauseJob', by, requestId: paused.headers['x-request-id'], details: null },
  ]);
});

test('a start is noted once, without what the job itself says; a repeat of it is none', async () => {
  const { app, auditLog } = testApp();
  const start = () =>
    request(app)
      .post('/v1/jobs')
      .set('Idempotency-Key', 'one')
      .send({ s3Url: 's3://photos/flight/', email: 'pilot@example.com' });
  const { jobId } = (await start().expect(202)).body as { jobId: string };
  await start().expect(200);
  expect(auditLog.entries.get(jobId)).toMatchObject([{ operation: 'createJob', details: null }]);
  expect([...auditLog.entries.keys()]).toEqual([jobId]);
});

test('a repeated link is made once, and noted once', async () => {
  const { app, job, auditLog } = testApp();
  job(jobRecord({ state: 'succeeded' }), null);
  const share = () =>
    request(app)
      .post('/v1/jobs/job123456/shares')
      .set('Idempotency-Key', 'one')
      .send({ scopes: ['view'] });
  await share().expect(201);
  await share().expect(201);
  expect(auditLog.entries.get('job123456')).toMatchObject([
    { operation: 'createShare', details: { scopes: ['view'] } },
  ]);
});

test('a key is named by its id', async () => {
  const operator = newSecret('spk');
  const access = { ...testConfig.access, adminKeyHash: operator.hash };
  const { app, job } = testApp({ config: { ...testConfig, publicUrl: 'https://spaceport.example.com', access } });
  job(jobRecord({ state: 'running', step: 'sfm' }), openRun());
  const authorization = `Bearer ${operator.secret}`;
  await request(app).post('/v1/jobs/job123456/pause').set({ authorization }).expect(202);
  const { entries } = (await request(app).get(AUDIT).set({ authorization }).expect(200)).body as AuditList;
  expect(entries).toMatchObject([{ operation: 'pauseJob', by: { kind: 'key', keyId: 'operator' } }]);
});

test('an erasure is in the log of the server alone: nothing is written into a folder that is being deleted', async () => {
  const { app, job, auditLog } = testApp();
  job(jobRecord({ state: 'succeeded' }), null);
  await request(app).delete('/v1/jobs/job123456').expect(202);
  expect(auditLog.entries.size).toBe(0);
});

test('where the storage is away a deed is done all the same', async () => {
  class Away extends MemoryAudit {
    override write = (): Promise<void> => Promise.reject(new Error('connection refused'));
  }
  const { app, job } = testApp({ auditLog: new Away() });
  job(jobRecord({ state: 'running', step: 'sfm' }), openRun());
  await request(app).post('/v1/jobs/job123456/pause').expect(202);
});
