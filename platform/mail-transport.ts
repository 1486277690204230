import nodemailer, { type Transporter } from 'nodemailer';
import type { Config } from './config';

/** The mail server that the configuration names. */
export function createMailTransport({ mailUrl }: Config): Transporter {
  return nodemailer.createTransport(mailUrl);
}
