import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { encodePath, encodeRfc3986 } from './uri-encoding';

/**
 * AWS Signature Version 4 as pure functions over strings ("Create a signed AWS API request", IAM User Guide). S3's rule
 * for the path: it is encoded once and not normalised; the other services here are called at `/` only.
 */
export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** The part of a credential after the key: `<date>/<region>/<service>/aws4_request`. */
export interface CredentialScope {
  /** YYYYMMDD, UTC. */
  date: string;
  region: string;
  service: string;
}

interface CanonicalRequestParts {
  method: string;
  /** Decoded. */
  path: string;
  /** Decoded, without X-Amz-Signature. */
  query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names with values, exactly the signed ones, sorted by name. */
  headers: readonly (readonly [name: string, value: string])[];
  payloadHash: string;
}

export function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

export function canonicalRequest(parts: CanonicalRequestParts): string {
  const query = parts.query
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compareCodeUnits(nameA, nameB) || compareCodeUnits(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const headers = parts.headers.map(([name, value]) => `${name}:${normalised(value)}\n`).join('');
  const names = parts.headers.map(([name]) => name).join(';');
  return [parts.method, encodePath(parts.path), query, headers, names, parts.payloadHash].join('\n');
}

/** `timestamp` is the ISO basic form, `20261120T101500Z`; a request given as text is signed as UTF-8. */
export function stringToSign(timestamp: string, scope: CredentialScope, request: string | Buffer): string {
  return [ALGORITHM, timestamp, scopeText(scope), sha256(request)].join('\n');
}

export function signingKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  return [date, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
}

/** Lower-case hex. */
export function sign(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex');
}

/** Compares two signatures in constant time. */
export function signaturesEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Parses `20261120T101500Z` to milliseconds since the epoch, or NaN. */
export function parseTimestamp(timestamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!match) return NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Only ASCII blanks: in a value whose characters are bytes, 0xA0 may be half of a letter. */
function normalised(headerValue: string): string {
  return headerValue.replace(/^[ \t]+|[ \t]+$/g, '').replace(/ +/g, ' ');
}

function compareCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
