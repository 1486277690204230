import request from 'supertest';
import { newSecret } from '../../../server/access/secrets';
import { jobRecord, testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const START = { s3Url: 's3://photos/flight/', email: 'pilot@example.com' };

/** A tenant `acme` with a budget of 10 USD; what it has spent and committed can be set. */
async function budgetApp() {
  const money = { spent: 0, committed: 0 };
  const base = testApp();
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
    storage: {
      ...base.storage,
      usage: { ...base.storage.usage, spentUsd: async () => money.spent, committedUsd: async () => money.committed },
    },
  });
  const operator = { Authorization: `Bearer ${OPERATOR.secret}` };
  const settings = { monthlyBudgetUsd: 10, alertEmail: 'money@acme.example' };
  const tenant = await request(made.app)
    .post('/v1/tenants')
    .set(operator)
    .send({ tenantId: 'acme', name: 'Acme', ...settings })
    .expect(201);
  const key = await request(made.app)
    .post('/v1/keys')
    .set(operator)
    .send({ name: 'k', scopes: ['read', 'write'], tenant: 'acme' });
  const acme = { Authorization: `Bearer ${(key.body as { key: string }).key}` };
  const start = (headers: object = {}, body: object = START) =>
    request(made.app)
      .post('/v1/jobs')
      .set({ ...acme, ...headers })
      .send(body);
  return { ...made, money, operator, acme, start, tenant: tenant.body as object };
}

test('a tenant has a budget, an address for alerts, and what has become of the budget this month', async () => {
  const { app, money, operator, acme, tenant } = await budgetApp();
  expect(tenant).toMatchObject({
    monthlyBudgetUsd: 10,
    alertEmail: 'money@acme.example',
    month: { month: '2026-11', spentUsd: 0, committedUsd: 0 },
  });
  Object.assign(money, { spent: 4, committed: 1.5 });
  const month = { month: '2026-11', spentUsd: 4, committedUsd: 1.5 };
  const listed = await request(app).get('/v1/tenants').set(operator).expect(200);
  expect(listed.body).toMatchObject({ tenants: [{ tenantId: 'acme', month }] });
  const changed = await request(app)
    .patch('/v1/tenants/acme')
    .set(operator)
    .send({ monthlyBudgetUsd: 20, alertEmail: null })
    .expect(200);
  expect(changed.body).toMatchObject({ monthlyBudgetUsd: 20, alertEmail: null, month });
  const usage = await request(app).get('/v1/usage').set(acme).expect(200);
  expect(usage.body).toMatchObject({ budget: { ...month, monthlyBudgetUsd: 20 } });
  const wrong = await request(app).patch('/v1/tenants/acme').set(operator).send({ alertEmail: 'acme' }).expect(400);
  expect(wrong.body).toMatchObject({ errors: [{ field: 'alertEmail' }] });
});

test("the operators' own tenant may have a budget too, and is never closed", async () => {
  const { app, operator, money } = await budgetApp();
  const set = { monthlyBudgetUsd: 3 };
  const own = await request(app).patch('/v1/tenants/local').set(operator).send(set).expect(200);
  expect(own.body).toMatchObject({ tenantId: 'local', monthlyBudgetUsd: 3, closedAt: null });
  await request(app).delete('/v1/tenants/local').set(operator).expect(404);
  money.spent = 3;
  await request(app).post('/v1/jobs').set(operator).send(START).expect(402);
  await request(app).patch('/v1/tenants/local').set(operator).send({ monthlyBudgetUsd: null }).expect(200);
  await request(app).post('/v1/jobs').set(operator).send(START).expect(202);
});

test.each([
  [9.99, 0, 202],
  [10, 0, 402],
  [9, 0.5, 202],
  [9, 1, 402],
  [0, 12, 402],
])('with %d USD spent and %d committed of 10 a start is answered %d', async (spent, committed, status) => {
  const { start, money, runs } = await budgetApp();
  Object.assign(money, { spent, committed });
  await start().expect(status);
  expect(runs.started).toHaveLength(status === 202 ? 1 : 0);
});

test('a refusal says the figures, and that of a repeat is the first answer', async () => {
  const { start, money, store } = await budgetApp();
  const key = { 'Idempotency-Key': 'flight-1' };
  const first = await start(key).expect(202);
  Object.assign(money, { spent: 9, committed: 1.5 });
  const { body } = await start({ 'Idempotency-Key': 'flight-2' }).expect(402);
  expect(body).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  for (const figure of ['$10.00', '$9.00', '$1.50', '2026-11'])
    expect((body as { detail: string }).detail).toContain(figure);
  expect(store.records.size).toBe(1);
  const again = await start(key).expect(200);
  expect((again.body as { jobId: string }).jobId).toBe((first.body as { jobId: string }).jobId);
});

test('a retry spends, and is refused too; a running job can be told everything else', async () => {
  const { app, acme, money, job, runs } = await budgetApp();
  const record = jobRecord({ state: 'failed', endedAtMs: 1 });
  job({ ...record, request: { ...record.request, tenant: 'acme' } }, null);
  money.spent = 10;
  const tell = (command: string) => request(app).post(`/v1/jobs/job123456/${command}`).set(acme).send({});
  expect((await tell('retry').expect(402)).body).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  expect(runs.started).toEqual([]);
  expect((await tell('cancel').expect(409)).body).toMatchObject({ code: 'JOB_ENDED' });
  money.spent = 9;
  await tell('retry').expect(202);
});

test('a tenant without a budget is not looked at', async () => {
  const { app, operator, money } = await budgetApp();
  money.spent = 1e9;
  await request(app).post('/v1/jobs').set(operator).send(START).expect(202);
  expect((await request(app).get('/v1/usage').set(operator).expect(200)).body).toMatchObject({ budget: null });
});
