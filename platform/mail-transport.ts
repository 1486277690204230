import nodemailer, { type Transporter } from 'nodemailer';
import type { Config } from './config';

/** A server that is away is noticed soon, so that what waits for it does not keep the workers busy. */
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** The mail server that the configuration names. */
export function createMailTransport({ mailUrl }: Pick<Config, 'mailUrl'>): Transporter {
  return nodemailer.createTransport({
    url: mailUrl,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
  });
}
