import pino from 'pino';
import request from 'supertest';
import type { NewKey } from '../../../contracts/access/view-schema';
import { MailError } from '../../../platform/mail/mail-sender';
import { newSecret } from '../../../server/access/secrets';
import type { AppDeps } from '../../../server/http/app';
import { NOW_MS, testApp, testConfig } from '../helpers';

const OPERATOR = newSecret('spk');
const ASKED = { email: 'pilot@example.com', scopes: ['read', 'write'] };

/** A server that others can reach, with its mails, its log and its clock. */
function site(changes: Partial<AppDeps> = {}) {
  let nowMs = NOW_MS;
  const logged: string[] = [];
  const made = testApp({
    config: {
      ...testConfig,
      publicUrl: 'https://spaceport.example.com',
      http: { ...testConfig.http, host: '0.0.0.0' },
      access: { ...testConfig.access, adminKeyHash: OPERATOR.hash },
    },
    logger: pino({ level: 'debug' }, { write: (line) => void logged.push(line) }),
    now: () => nowMs,
    ...changes,
  });
  const ask = (body: object = ASKED, key = OPERATOR.secret) =>
    request(made.app).post('/v1/sign-in-links').set('Authorization', `Bearer ${key}`).send(body);
  const linkOf = (): string => /\/sign-in#link=(spi_[\w-]{43})/.exec(made.mails.at(-1)?.text ?? '')?.[1] ?? '';
  const open = (link: string) => request(made.app).post('/v1/session').send({ link });
  const key = async (body: object): Promise<NewKey> =>
    (
      await request(made.app)
        .post('/v1/keys')
        .set('Authorization', `Bearer ${OPERATOR.secret}`)
        .send({ name: 'k', ...body })
        .expect(201)
    ).body as NewKey;
  return { ...made, ask, linkOf, open, key, logged, pass: (ms: number): void => void (nowMs += ms) };
}

test('a link that was mailed opens a session with the scopes that were asked for, once', async () => {
  const { app, ask, mails, linkOf, open, logged } = site();
  const answer = await ask().expect(201);
  expect(answer.body).toEqual({ scopes: ['read', 'write'], expiresAt: '2026-11-21T10:15:00.000Z' });
  expect(mails).toMatchObject([{ email: 'pilot@example.com' }]);
  const link = linkOf();
  expect(link).not.toBe('');
  expect(answer.text).not.toContain(link);
  const opened = await open(link).expect(201);
  expect(opened.body).toMatchObject({ tenant: 'local', scopes: ['read', 'write'] });
  const cookie = ((opened.headers['set-cookie'] as unknown as string[])[0] ?? '').split(';')[0] ?? '';
  const session = await request(app).get('/v1/session').set('Cookie', cookie).expect(200);
  expect(session.body).toMatchObject({ scopes: ['read', 'write'] });
  await open(link).expect(401);
  expect(logged.join('')).not.toContain(link.slice(4));
});

test('of two browsers that use a link at once one is let in', async () => {
  const { ask, linkOf, open } = site();
  await ask().expect(201);
  const link = linkOf();
  const answers = await Promise.all([open(link), open(link)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 401]);
});

test('a link ends after fifteen minutes, and with the key that asked for it', async () => {
  const { app, ask, linkOf, open, key, pass } = site();
  await ask().expect(201);
  pass(15 * 60_000);
  await open(linkOf()).expect(401);
  const asker = await key({ scopes: ['read', 'admin'] });
  await ask({ email: 'pilot@example.com' }, asker.key).expect(201);
  await request(app).delete(`/v1/keys/${asker.keyId}`).set('Authorization', `Bearer ${OPERATOR.secret}`).expect(200);
  await open(linkOf()).expect(401);
});

test('nobody gives more than they have, and only administrators have mails sent', async () => {
  const { ask, mails, key } = site();
  const admin = await key({ scopes: ['read', 'admin'] });
  expect((await ask(ASKED, admin.key).expect(400)).body).toMatchObject({ errors: [{ field: 'scopes' }] });
  await ask({ email: 'pilot@example.com' }, (await key({ scopes: ['read', 'write'] })).key).expect(403);
  await ask({ email: 'pilot@example.com, second@example.com' }).expect(400);
  expect(mails).toEqual([]);
});

test('a tenant has so many links mailed in an hour', async () => {
  const { ask } = site();
  for (let index = 0; index < 60; index += 1) await ask().expect(201);
  const refused = await ask()
    .expect(429)
    .expect('Retry-After', /^[1-9]\d*$/);
  expect(refused.body).toMatchObject({ code: 'RATE_LIMITED' });
});

test.each([
  [new MailError('550 no such mailbox <address>', true), 422, 'MAIL_REJECTED'],
  [new MailError('connect ECONNREFUSED', false), 503, 'UNAVAILABLE'],
])('a mail that is not taken is told of, and its link opens nothing', async (error, status, code) => {
  let text = '';
  const { ask, open } = site({
    sendMail: async (_email, message) => {
      ({ text } = message);
      throw error;
    },
  });
  expect((await ask().expect(status)).body).toMatchObject({ code });
  await open(/spi_[\w-]{43}/.exec(text)?.[0] ?? '').expect(401);
});

test.each([{}, { key: 'a', link: 'b' }])('a session is asked for by a key or a link, not by %j', async (body) => {
  const answer = await request(site().app).post('/v1/session').send(body).expect(400);
  expect(answer.body).toMatchObject({ errors: [{ field: 'key' }] });
});
