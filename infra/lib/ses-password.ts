import { createHmac } from 'node:crypto';

/** Fixed values of the algorithm that SES's developer guide gives ("Obtaining SES SMTP credentials"). */
const DATE = '11111111';
const MESSAGE = 'SendRawEmail';
const VERSION = 0x04;

/** Password of SES's mail server in a region, from the secret key of a user that may send. */
export function sesPassword(secretAccessKey: string, region: string): string {
  const signed = [DATE, region, 'ses', 'aws4_request', MESSAGE].reduce(
    (key, text) => createHmac('sha256', key).update(text).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  return Buffer.concat([Buffer.from([VERSION]), signed]).toString('base64');
}

/** The whole of `SPACEPORT_MAIL_URL`. */
export const sesMailUrl = (accessKeyId: string, secretAccessKey: string, region: string): string =>
  `smtps://${encodeURIComponent(accessKeyId)}:${encodeURIComponent(sesPassword(secretAccessKey, region))}` +
  `@email-smtp.${region}.amazonaws.com:465`;
