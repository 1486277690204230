import request from 'supertest';
import { parseKeyRing, type KeyRing } from '../../../platform/payloads/key-ring';
import { newSecret } from '../../../server/access/secrets';
import { testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const WEB_UI = 'http://127.0.0.1:8233';
const PLAIN = {
  metadata: { encoding: 'anNvbi9wbGFpbg==' },
  data: Buffer.from('"pilot@example.com"').toString('base64'),
};

const payloadKeys = parseKeyRing(`first:${'0a'.repeat(32)}`) as KeyRing;
/** A server for others, which asks for keys, and one of this machine alone. */
const open = (publicUrl = 'https://spaceport.example.com') =>
  testApp({
    config: {
      ...testConfig,
      publicUrl,
      payloadKeys,
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
  }).app;
const asOperator = { Authorization: `Bearer ${OPERATOR.secret}` };

interface Payloads {
  readonly payloads: readonly { readonly data: string }[];
}

test('payloads are encrypted and made readable for an operator', async () => {
  const app = open();
  const encoded = await request(app)
    .post('/codec/encode')
    .set(asOperator)
    .send({ payloads: [PLAIN] })
    .expect(200);
  const [payload] = (encoded.body as Payloads).payloads;
  expect(Buffer.from(payload?.data ?? '', 'base64').toString('latin1')).not.toContain('pilot');
  const decoded = await request(app)
    .post('/codec/decode')
    .set(asOperator)
    .send(encoded.body as object)
    .expect(200);
  expect(decoded.body).toEqual({ payloads: [PLAIN] });
});

test('nobody else reads payloads: not without a key, and not the administrator of a tenant', async () => {
  const app = open();
  await request(app)
    .post('/codec/decode')
    .send({ payloads: [PLAIN] })
    .expect(401);
  await request(app).post('/v1/tenants').set(asOperator).send({ tenantId: 'acme', name: 'Acme' }).expect(201);
  const made = await request(app)
    .post('/v1/keys')
    .set(asOperator)
    .send({ name: 'own', scopes: ['read', 'write', 'admin'], tenant: 'acme' });
  const { key } = made.body as { key: string };
  const asAcme = request(app).post('/codec/decode').set('Authorization', `Bearer ${key}`);
  expect((await asAcme.send({ payloads: [PLAIN] }).expect(403)).text).toContain('see payloads');
});

test("the Web UI's own pages may ask, under each name of this machine, and pages of other sites may not", async () => {
  const app = open(testConfig.publicUrl);
  const from = (origin: string) =>
    request(app)
      .post('/codec/decode')
      .set('Origin', origin)
      .send({ payloads: [PLAIN] });
  for (const origin of [WEB_UI, 'http://localhost:8233']) {
    const { headers } = await from(origin).expect(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      vary: expect.stringContaining('Origin'),
    });
  }
  const preflight = await request(app)
    .options('/codec/decode')
    .set({ Origin: WEB_UI, 'Access-Control-Request-Headers': 'content-type,x-namespace' })
    .expect(204);
  expect(preflight.headers).toMatchObject({
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type,x-namespace',
  });
  for (const origin of ['https://evil.example.com', 'http://127.0.0.1:8234']) {
    const { headers } = await from(origin).expect(403);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
  await request(app).post('/v1/jobs').set('Origin', WEB_UI).send({}).expect(403);
});

test('a payload by a key that the server lacks is a problem that names the key', async () => {
  const data = Buffer.alloc(40).toString('base64');
  const metadata = {
    encoding: Buffer.from('binary/encrypted').toString('base64'),
    'encryption-key-id': Buffer.from('lost').toString('base64'),
  };
  const { text } = await request(open())
    .post('/codec/decode')
    .set(asOperator)
    .send({ payloads: [{ metadata, data }] })
    .expect(400);
  expect(text).toContain('lost');
});
