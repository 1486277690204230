import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import { createMailActivities } from '../../activities/mail';
import { newJobRecord, type JobRecord } from '../../contracts/job-record';
import { createMailSink, type MailSink } from '../../local/mail/mail-sink';
import { refuseOnRequest } from '../../local/mail/recipient-rules';

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

async function send(email: string, port = smtp): Promise<void> {
  const request = { location: { bucket: 'b', key: 'k/' }, email, preset: 'preview', options: {}, retryWindowSeconds: 0 } as const;
  const record: JobRecord = { ...newJobRecord('job12345', request, 0), state: 'cancelled', cancelled: { reason: 'rain' } };
  const transport = createTransport({ host: '127.0.0.1', port, secure: false });
  const { sendMail } = createMailActivities({ transport, from: 'spaceport@example.com' });
  try {
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    await environment.run(sendMail, { record, pageUrl: 'http://127.0.0.1/jobs/job12345', messageId: 'job12345-cancelled-1' });
  } finally {
    transport.close();
  }
}

test('a mail has text and HTML, and the same Message-ID at every try', async () => {
  await send('pilot@example.com');
  const [message] = (await (await fetch(`http://127.0.0.1:${http}/messages`)).json()) as { id: string }[];
  const raw = await (await fetch(`http://127.0.0.1:${http}/messages/${message?.id}`)).text();
  expect(raw).toContain('Message-ID: <job12345-cancelled-1@example.com>');
  expect(raw).toMatch(/multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html/);
});

test('a refusal for good is not tried again; a busy or absent mail server is', async () => {
  await expect(send('reject-550@example.com')).rejects.toMatchObject({ type: 'MAIL_REJECTED', nonRetryable: true });
  const busy = await send('reject-451@example.com').catch((error: unknown) => error);
  expect(busy).not.toMatchObject({ nonRetryable: true });
  expect(busy).toMatchObject({ responseCode: 451 });
  await expect(send('pilot@example.com', 1)).rejects.toMatchObject({ code: 'ESOCKET' });
});
