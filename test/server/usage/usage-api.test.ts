import request from 'supertest';
import { USAGE } from '../../../contracts/usage/usage-schema';
import type { Period, UsageLine } from '../../../server/storage/jobs/usage';
import { newSecret } from '../../../server/access/secrets';
import { usageCsv } from '../../../server/usage/usage-csv';
import { NOW_MS, testApp, testConfig } from '../helpers';

const line: UsageLine = {
  dayMs: Date.UTC(2026, 10, 20),
  preset: 'preview',
  stage: 'training',
  jobs: 2,
  attempts: 3,
  billedSeconds: 5400,
  costUsd: 0.1 + 0.2,
};

/** What was asked of the database stands in `asked`. */
function usageApp(changes: Parameters<typeof testApp>[0] = {}) {
  const asked: [tenant: string, period: Period][] = [];
  const { storage } = testApp();
  const made = testApp({
    storage: {
      ...storage,
      usage: {
        ...storage.usage,
        lines: async (tenant, period) => {
          asked.push([tenant, period]);
          return [line];
        },
        totals: async () => line,
      },
    },
    ...changes,
  });
  return { ...made, asked };
}

test('usage of this month, as JSON, with days and hours', async () => {
  const { app, asked } = usageApp();
  const { body } = await request(app)
    .get('/v1/usage')
    .expect(200)
    .expect('Content-Type', /application\/json/);
  const amounts = { jobs: 2, attempts: 3, machineHours: 1.5, costUsd: 0.3 };
  expect(USAGE.parse(body)).toEqual({
    tenant: 'local',
    from: '2026-11-01',
    to: '2026-11-21',
    budget: null,
    totals: amounts,
    lines: [{ day: '2026-11-20', preset: 'preview', stage: 'training', ...amounts }],
  });
  expect(asked).toEqual([['local', { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 22) }]]);
  expect(NOW_MS).toBeLessThan(Date.UTC(2026, 10, 22));
});

test.each([
  ['?format=csv', 'application/json'],
  ['', 'text/csv'],
])('as CSV by %j and Accept %s', async (query, accept) => {
  const { app } = usageApp();
  const { text, headers } = await request(app)
    .get(`/v1/usage${query}`)
    .set('Accept', accept)
    .expect(200)
    .expect('Content-Type', /^text\/csv/);
  expect(text).toBe(
    'day,preset,stage,jobs,attempts,machineHours,costUsd\r\n2026-11-20,preview,training,2,3,1.5,0.3\r\n',
  );
  expect(headers['content-disposition']).toBe('attachment; filename=spaceport-usage-2026-11-01-2026-11-21.csv');
});

test('JSON where anything will do, and where it is asked for in the address', async () => {
  const { app } = usageApp();
  for (const [query, accept] of [
    ['', '*/*'],
    ['?format=json', 'text/csv'],
  ] as const)
    await request(app)
      .get(`/v1/usage${query}`)
      .set('Accept', accept)
      .expect('Content-Type', /application\/json/);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('the cell %j is no formula', (text) => {
  const counts = { jobs: 1, attempts: 1, machineHours: 0, costUsd: 0 };
  const [, row] = usageCsv({ lines: [{ day: '2026-11-20', preset: text, stage: 'a,"b"', ...counts }] }).split('\r\n');
  expect(row?.split(',')[1]).toMatch(/^"?'/);
  expect(row).toContain('"a,""b"""');
});

test.each([
  ['from=2026-11-31', 'from'],
  ['to=yesterday', 'to'],
  ['from=2026-11-22&to=2026-11-21', 'to'],
  ['from=1990-01-01', 'from'],
  ['format=xml', 'format'],
  ['by=day', 'by'],
])('%s is refused', async (query, field) => {
  const { app } = usageApp();
  const { body } = await request(app).get(`/v1/usage?${query}`).expect(400);
  expect(body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field }] });
});

test('one day is a period', async () => {
  const { app, asked } = usageApp();
  await request(app).get('/v1/usage?from=2026-02-28&to=2026-02-28').expect(200);
  expect(asked[0]?.[1]).toEqual({ fromMs: Date.UTC(2026, 1, 28), toMs: Date.UTC(2026, 2, 1) });
});

test("only operators see another tenant's usage, with an admin key, also of a closed one", async () => {
  const operator = newSecret('spk');
  const made = usageApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      access: { ...testConfig.access, adminKeyHash: operator.hash },
    },
  });
  const as = (key: string) => ({ Authorization: `Bearer ${key}` });
  const newKey = async (body: object): Promise<string> => {
    const answer = await request(made.app)
      .post('/v1/keys')
      .set(as(operator.secret))
      .send({ name: 'k', ...body });
    return (answer.body as { key: string }).key;
  };
  await request(made.app)
    .post('/v1/tenants')
    .set(as(operator.secret))
    .send({ tenantId: 'acme', name: 'A' })
    .expect(201);
  const reader = await newKey({ scopes: ['read'] });
  const acme = await newKey({ scopes: ['read', 'write', 'admin'], tenant: 'acme' });
  const ask = (key: string, tenant: string) => request(made.app).get(`/v1/usage?tenant=${tenant}`).set(as(key));
  await ask(acme, 'acme').expect(200);
  await ask(acme, 'local').expect(404);
  await ask(reader, 'acme').expect(404);
  await ask(operator.secret, 'nobody').expect(404);
  await request(made.app).delete('/v1/tenants/acme').set(as(operator.secret)).expect(200);
  await ask(operator.secret, 'acme').expect(200);
  expect(made.asked.map(([tenant]) => tenant)).toEqual(['acme', 'acme']);
});
