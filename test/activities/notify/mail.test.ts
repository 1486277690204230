import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { SMTPServer } from 'smtp-server';
import { createMailActivities, type MailInput } from '../../../activities/notify/mail';
import { newJobRecord, type JobRecord } from '../../../contracts/job/record';
import { createMailSink, refuseOnRequest, type MailSink } from '../../../local/mail/mail-sink';
import { createMailTransport } from '../../../platform/mail/mail-transport';
import { testRequest } from '../../helpers/records';

let folder: string;
let sink: MailSink;
let smtp: number;
let http: number;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-mail-'));
  sink = await createMailSink({ dir: folder, onRecipient: refuseOnRequest, logger: pino({ level: 'silent' }) });
  ({ smtp, http } = await sink.listen({ smtp: 0, http: 0 }));
});
afterAll(async () => {
  await sink.close();
  await rm(folder, { recursive: true, force: true });
});

async function send(email: string, port = smtp, login = ''): Promise<string> {
  const record: JobRecord = {
    ...newJobRecord('job12345', testRequest({ email }), 0),
    state: 'cancelled',
    cancelled: { reason: 'rain', by: 'Anna', atMs: 0 },
  };
  const transport = createMailTransport({ mailUrl: `smtp://${login}127.0.0.1:${port}` });
  const { sendMail } = createMailActivities({
    transport,
    from: 'spaceport@example.com',
    temporal: { address: '127.0.0.1:7233', namespace: 'default' },
  });
  try {
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return await environment.run<[MailInput], string, typeof sendMail>(sendMail, {
      record,
      pageUrl: 'http://127.0.0.1/jobs/job12345',
      eventId: 'job12345-cancelled-1',
    });
  } finally {
    transport.close();
  }
}

const problemOf = (sent: Promise<string>): Promise<unknown> =>
  sent.then(
    (value) => ({ answered: value }),
    (error: unknown) => error,
  );

test("a mail has text and HTML, the same Message-ID at every try, and the server's answer", async () => {
  expect(await send('pilot@example.com')).toMatch(/^250 Kept as /);
  const [message] = (await (await fetch(`http://127.0.0.1:${http}/messages`)).json()) as { id: string }[];
  const raw = await (await fetch(`http://127.0.0.1:${http}/messages/${message?.id}`)).text();
  expect(raw).toContain('Message-ID: <job12345-cancelled-1@example.com>');
  expect(raw).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
});

test('a refusal for good is not tried again; a busy or absent mail server is', async () => {
  expect(await problemOf(send('reject-550@example.com'))).toMatchObject({ type: 'MAIL_REJECTED', nonRetryable: true });
  expect(await problemOf(send('reject-451@example.com'))).toMatchObject({
    type: 'MAIL_DEFERRED',
    nonRetryable: false,
    message: expect.stringContaining('451'),
  });
  expect(await problemOf(send('pilot@example.com', 1))).toMatchObject({
    type: 'MAIL_DEFERRED',
    nonRetryable: false,
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('an address that no mail server would take is not tried again', async () => {
  expect(await problemOf(send('no address'))).toMatchObject({ type: 'MAIL_REJECTED', nonRetryable: true });
});

test.each([550, 451])("the words of a refusal with %i are kept, the person's address is not", async (code) => {
  const { message, stack } = (await problemOf(send(`reject-${code}@example.com`))) as Error;
  expect(message).toContain(`${code} <address> is refused as its name asks`);
  expect(`${message} ${stack}`).not.toMatch(/reject-|@example/);
});

test('a mail server that does not let us in is a matter for the operator: the mail is tried again', async () => {
  const strict = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, callback) => callback(new Error('wrong password')),
    logger: false,
  });
  const listener = strict.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  try {
    expect(await problemOf(send('pilot@example.com', port))).toMatchObject({
      type: 'MAIL_DEFERRED',
      nonRetryable: false,
      message: expect.stringContaining('530'),
    });
    expect(await problemOf(send('pilot@example.com', port, 'user:wrong@'))).toMatchObject({
      type: 'MAIL_DEFERRED',
      nonRetryable: false,
      message: expect.stringContaining('535'),
    });
  } finally {
    await new Promise<void>((resolve) => strict.close(resolve));
  }
});
