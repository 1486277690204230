/** The mail sink against nodemailer, which is what the product sends with. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import { createMailSink, refuseOnRequest, type MailSink } from '../../../local/mail/mail-sink';
import type { MessageSummary } from '../../../local/mail/message-folder';
import { startProcess } from '../entry-point';
import { send } from '../s3/harness';
import { waitFor } from '../../helpers/wait-for';

let folder: string;
let dir: string;
let sink: MailSink;
let page: string;
let transport: ReturnType<typeof createTransport>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spaceport-mail-'));
  dir = path.join(folder, 'mail');
  sink = await createMailSink({ dir, onRecipient: refuseOnRequest, logger: pino({ level: 'silent' }) });
  const ports = await sink.listen({ smtp: 0, http: 0 });
  page = `http://127.0.0.1:${ports.http}`;
  transport = createTransport({ host: '127.0.0.1', port: ports.smtp, secure: false });
});

afterEach(async () => {
  transport.close();
  await sink.close();
  await rm(folder, { recursive: true, force: true });
});

async function listed(query = ''): Promise<MessageSummary[]> {
  return JSON.parse((await send(`${page}/messages${query}`)).body) as MessageSummary[];
}

const PILOT = 'pilot@example.com';
const RESULT = {
  from: '"Spaceport Ünïon" <noreply@spaceport.example>',
  to: PILOT,
  subject: 'Your splat is ready – 写真 🛩️',
  text: 'Ready.',
  html: '<p>Ready: <b>né</b></p>',
};

test('a message is kept as .eml and listed with its decoded subject', async () => {
  await transport.sendMail(RESULT);

  const [message] = await listed();
  const files = await readdir(dir);

  expect(message).toMatchObject({
    to: [PILOT],
    subject: RESULT.subject,
    from: expect.stringContaining('Spaceport Ünïon') as string,
  });
  expect(Math.abs(Date.parse(message!.date) - Date.now())).toBeLessThan(60_000);
  expect(files).toEqual([`${message!.id}.eml`]);
  expect((await readFile(path.join(dir, files[0]!))).length).toBe(message!.size);
});

test('the source is shown as plain text and the HTML part decoded in a sandbox', async () => {
  const long =
    'A line that quoted-printable must fold because it is far longer than seventy-six characters, with é and = signs. ';
  await transport.sendMail({ ...RESULT, html: `<p>${long.repeat(3)}</p><script>alert(1)</script>` });
  const [message] = await listed();

  const source = await send(`${page}/messages/${message!.id}`);
  const html = await send(`${page}/messages/${message!.id}/html`);

  expect(source).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  expect(source.body).toMatch(/^Return-Path: <noreply@spaceport\.example>\r\nDelivered-To: pilot@example\.com\r\n/);
  expect(html.body).toContain(long.repeat(3));
  expect(html.headers['content-security-policy']).toMatch(
    /^sandbox (?!.*allow-scripts)(?!.*allow-same-origin).*default-src 'none'/,
  );
});

test.each(['quoted-printable', 'base64'] as const)('a body in %s is decoded', async (textEncoding) => {
  await transport.sendMail({ ...RESULT, textEncoding, attachments: [{ filename: 'report.json', content: '{}' }] });
  const [message] = await listed();

  expect((await send(`${page}/messages/${message!.id}/html`)).body).toContain('<b>né</b>');
});

test('the newest message comes first and limit bounds the list', async () => {
  for (const subject of ['first', 'second', 'third']) await transport.sendMail({ ...RESULT, subject });

  expect((await listed()).map(({ subject }) => subject)).toEqual(['third', 'second', 'first']);
  expect((await listed('?limit=2')).map(({ subject }) => subject)).toEqual(['third', 'second']);
  expect((await send(`${page}/messages?limit=0`)).status).toBe(400);
  expect((await send(`${page}/messages?limit=many`)).status).toBe(400);
});

test('a message for several people names them all, hidden ones too', async () => {
  await transport.sendMail({ ...RESULT, to: [PILOT, 'second@example.com'], bcc: 'hidden@example.com' });

  const [message] = await listed();

  expect(message!.to).toEqual([PILOT, 'second@example.com', 'hidden@example.com']);
});

test('the same message sent twice can be told by the end of its id', async () => {
  await transport.sendMail({ ...RESULT, messageId: '<job-1-completed@spaceport.example>' });
  await transport.sendMail({ ...RESULT, messageId: '<job-1-completed@spaceport.example>' });
  await transport.sendMail({ ...RESULT, messageId: '<job-2-completed@spaceport.example>' });

  const hashes = (await listed()).map(({ id }) => id.split('-')[2]);

  expect(hashes[1]).toBe(hashes[2]);
  expect(hashes[0]).not.toBe(hashes[1]);
});

test('the list for people escapes what senders wrote', async () => {
  expect((await send(page)).body).toContain('None yet.');
  await transport.sendMail({
    ...RESULT,
    from: '"<i>x</i>" <a@spaceport.example>',
    subject: '<script>alert("1")</script>',
  });

  const { body, headers } = await send(page);

  expect(body).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;');
  expect(body).not.toMatch(/<script|<i>/);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test.each([
  ['reject-550@example.com', 550],
  ['reject-451@example.com', 451],
])('%s is refused with %d and nothing is kept', async (to, code) => {
  await expect(transport.sendMail({ ...RESULT, to })).rejects.toMatchObject({ responseCode: code });

  expect(await readdir(dir)).toEqual([]);
});

test('a message that is too large is refused with 552 and not kept', async () => {
  await expect(
    transport.sendMail({ ...RESULT, attachments: [{ filename: 'large', content: Buffer.alloc(20 * 1024 ** 2) }] }),
  ).rejects.toMatchObject({ responseCode: 552 });

  expect(await readdir(dir)).toEqual([]);
});

test('a connection that breaks in mid-message leaves nothing', async () => {
  const socket = connect(Number((transport.options as { port?: number }).port), '127.0.0.1');
  let replies = '';
  socket.on('data', (chunk: Buffer) => {
    replies += chunk.toString();
  });
  await waitFor('the server greets', () => replies.startsWith('220'));
  socket.write('EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n');
  await waitFor('the server takes data', () => replies.includes('\r\n354'));
  socket.write('Subject: half\r\n\r\nThis is n');
  await waitFor('the draft is on disk', async () => (await readdir(dir)).length > 0);
  socket.destroy();

  await waitFor('the draft is gone', async () => (await readdir(dir)).length === 0);
  expect(await listed()).toEqual([]);
});

test('only own host names, reading methods and known messages are served', async () => {
  await writeFile(path.join(folder, 'secret.eml'), 'secret');

  expect((await send(page, { headers: { host: 'rebound.example' } })).status).toBe(403);
  expect((await send(`${page}/messages`, { method: 'DELETE' })).status).toBe(405);
  expect((await send(`${page}/messages/..%2fsecret`)).status).toBe(404);
  expect((await send(`${page}/messages/20260101T000000000Z-000001-abcdefabcdef`)).status).toBe(404);
  expect((await send(`${page}/elsewhere`)).status).toBe(404);
});

test('as a process it says where it listens, keeps messages over a restart, and ends on SIGTERM', async () => {
  const environment = { SPACEPORT_MAIL_DIR: path.join(folder, 'process-mail') };
  const first = await startProcess('mail', environment);
  const sender = createTransport(first.ready.smtp);
  await sender.sendMail(RESULT);
  sender.close();
  expect(await first.stop('SIGTERM')).toBe(0);

  const second = await startProcess('mail', environment);
  const messages = JSON.parse((await send(`${second.ready.http}/messages`)).body) as MessageSummary[];
  expect(messages.map(({ subject }) => subject)).toEqual([RESULT.subject]);
  expect(await second.stop('SIGTERM')).toBe(0);

  await expect(startProcess('mail', {})).rejects.toThrow('SPACEPORT_MAIL_DIR');
});
