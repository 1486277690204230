import nodemailer, { type Transporter } from 'nodemailer';
import { problemsOf } from '../../contracts/messages/parsed';
import { ConfigError, type Config } from '../config';
import { parseMailUrl } from '../addresses/mail-url';

/** A server that is away is noticed soon, so that what waits for it does not keep the workers busy. */
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** The mail server that the configuration names. Throws ConfigError where `readConfig` would have refused it. */
export function createMailTransport({ mailUrl }: Pick<Config, 'mailUrl'>): Transporter {
  const server = parseMailUrl(mailUrl);
  if (!server.ok)
    throw new ConfigError(
      `SPACEPORT_MAIL_URL ${problemsOf(server)
        .map(({ message }) => message)
        .join('; ')}`,
    );
  return nodemailer.createTransport({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    ...server.value,
  });
}
