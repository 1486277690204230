import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { createMailPages } from './mail-pages';
import { MessageFolder } from './message-folder';

/** An SMTP refusal: 4xx asks the sender to try again, 5xx tells it not to. */
export interface Refusal {
  code: number;
  message: string;
}

interface MailSinkOptions {
  /** Where messages are kept; created when missing. */
  dir: string;
  /** Decides on a recipient; undefined accepts. */
  onRecipient: (address: string) => Refusal | undefined;
  logger: Logger;
}

export interface MailSink {
  /** Listens on 127.0.0.1; 0 lets the system choose. Returns the ports in use. */
  listen: (ports: { smtp: number; http: number }) => Promise<{ smtp: number; http: number }>;
  close: () => Promise<void>;
}

/** The usual limit of mail providers. */
const MAX_MESSAGE_BYTES = 25 * 1024 ** 2;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * A mail server that keeps what it is given and sends nothing on: SMTP without authentication or TLS in, .eml files and
 * a small HTTP side out. A message is acknowledged only when its file is in place.
 */
export async function createMailSink({ dir, onRecipient, logger }: MailSinkOptions): Promise<MailSink> {
  const messages = await MessageFolder.open(dir);
  const http = createMailPages(messages, logger);
  const smtp = new SMTPServer({
    name: 'spaceport-mail-sink',
    disabledCommands: ['AUTH', 'STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    size: MAX_MESSAGE_BYTES,
    closeTimeout: CLOSE_TIMEOUT_MS,
    logger: false,
    onRcptTo({ address }, _session, callback) {
      const refusal = onRecipient(address);
      callback(refusal ? smtpError(refusal.code, refusal.message) : null);
    },
    onData(stream, session, callback) {
      keep(messages, stream, session, logger).then(
        (id) => callback(null, `Kept as ${id}`),
        (error: unknown) => callback(error as Error),
      );
    },
  });
  // Broken connections are reported here; without a listener one of them would end the process.
  smtp.on('error', (error: Error) => {
    logger.warn({ error }, 'SMTP connection failed');
  });

  return {
    async listen(ports) {
      const smtpListener = smtp.listen(ports.smtp, '127.0.0.1');
      const httpListener = http.listen(ports.http, '127.0.0.1');
      await Promise.all([once(smtpListener, 'listening'), once(httpListener, 'listening')]);
      return { smtp: (smtpListener.address() as AddressInfo).port, http: (httpListener.address() as AddressInfo).port };
    },
    async close() {
      const closed = [smtp, http].map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      http.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

/**
 * Refuses addresses that ask for it: `reject-550@...` permanently, `reject-451@...` for now, any code 400 to 599 alike,
 * so that failed deliveries can be tried without a mail server that fails.
 */
export function refuseOnRequest(address: string): Refusal | undefined {
  const code = Number(/^reject-([45]\d\d)@/i.exec(address)?.[1]);
  if (Number.isNaN(code)) return undefined;
  return { code, message: `${address} is refused as its name asks, ${code < 500 ? 'for now' : 'for good'}` };
}

async function keep(
  messages: MessageFolder,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  logger: Logger,
): Promise<string> {
  const { mailFrom, rcptTo } = session.envelope;
  const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
  try {
    const id = await messages.save(stream, envelope, () => !stream.sizeExceeded);
    if (id === undefined) throw smtpError(552, `The message is larger than ${MAX_MESSAGE_BYTES} bytes`);
    logger.info({ id, recipients: envelope.to.length }, 'message kept');
    return id;
  } catch (error) {
    if (error instanceof Error && 'responseCode' in error) throw error;
    logger.error({ error }, 'message could not be kept');
    throw smtpError(451, 'The message could not be kept');
  }
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
