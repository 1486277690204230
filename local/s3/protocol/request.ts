import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { S3Error } from '../s3-error';
import { decodeUri, parseQuery } from './uri-decoding';

const MAX_KEY_BYTES = 1024;

/** An HTTP request in S3's terms, path style only. */
export interface S3Request {
  method: string;
  /** Decoded path, as it is signed. */
  path: string;
  /** '' for the service itself. */
  bucket: string;
  /** '' for a bucket; may hold anything, `..` and `//` included. */
  key: string;
  query: readonly (readonly [name: string, value: string])[];
  /** Lower-case names; repeated headers joined by a comma. Values as they arrived, a character a byte (Latin-1). */
  headers: Readonly<Record<string, string>>;
  /** Whether the signature is in the query. */
  presigned: boolean;
}

/** @throws {S3Error} InvalidURI, KeyTooLongError */
export function parseRequest(incoming: IncomingMessage): S3Request {
  const url = incoming.url ?? '';
  if (!url.startsWith('/')) throw new S3Error('InvalidURI');
  const mark = url.indexOf('?');
  const path = decodeUri(mark < 0 ? url : url.slice(0, mark));
  const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1));
  const slash = path.indexOf('/', 1);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
  return {
    method: incoming.method ?? '',
    path,
    bucket: slash < 0 ? path.slice(1) : path.slice(1, slash),
    key,
    query,
    headers: Object.fromEntries(
      Object.entries(incoming.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]),
    ),
    presigned: query.some(([name]) => name === 'X-Amz-Signature'),
  };
}

/** The first value of a query parameter. */
export function parameter(request: S3Request, name: string): string | undefined {
  return request.query.find(([candidate]) => candidate === name)?.[1];
}

/** S3's largest page of a listing, whatever the client asks for. */
const MAX_PAGE = 1000;
const MAX_INTEGER = 2 ** 31 - 1;

/** A parameter such as max-keys: entries of a page, `min` to 1000; more is 1000. Throws InvalidArgument. */
export function pageSize(request: S3Request, name: string, min: 0 | 1): number {
  return Math.min(integerParameter(request, name, min, MAX_INTEGER, MAX_PAGE), MAX_PAGE);
}

/** An integer parameter within bounds; required where no default is given. Throws InvalidArgument. */
export function integerParameter(
  request: S3Request,
  name: string,
  min: number,
  max: number,
  fallback?: number,
): number {
  const text = parameter(request, name) ?? '';
  if (text === '' && fallback !== undefined) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max))
    throw new S3Error('InvalidArgument', `${name} must be an integer between ${min} and ${max}.`);
  return value;
}

/**
 * A header by its lower-case name. The presigner moves x-amz-* headers into the query, where S3 honours them as well,
 * except checksums: those are of the empty body that was signed, not of what is sent.
 */
export function header(request: S3Request, name: string): string | undefined {
  const sent = request.headers[name];
  if (sent !== undefined || !request.presigned || !isHoisted(name)) return sent;
  const hoisted = request.query.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
  return hoisted === undefined ? undefined : bytesOf(hoisted);
}

/** The same as text: what its bytes say as UTF-8 where they are that, else as Latin-1. */
export function headerText(request: S3Request, name: string): string | undefined {
  const value = header(request, name);
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/**
 * A text as the value of a header: its UTF-8, a character a byte, as Node reads and writes headers.
 * @throws {S3Error} InvalidArgument for control characters, which no header can carry.
 */
export function headerValue(name: string, text: string): string {
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new S3Error('InvalidArgument', `${name} holds control characters.`);
  return bytesOf(text);
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * All headers whose name begins with `prefix`, by the rest of the name; hoisted ones included.
 * @throws {S3Error} InvalidArgument
 */
export function headersWithPrefix(request: S3Request, prefix: string): Record<string, string> {
  const hoisted = request.presigned ? request.query.filter(([name]) => isHoisted(name.toLowerCase())) : [];
  const all = [
    ...hoisted.map(([name, text]) => [headerName(name), headerValue(name, text)] as const),
    ...Object.entries(request.headers),
  ];
  return Object.fromEntries(
    all.filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** Lower-case. A name that is no token (RFC 9110 section 5.6.2) could not be returned as a header. */
function headerName(name: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw new S3Error('InvalidArgument', 'A header name in the query is not one.');
  return name.toLowerCase();
}

function isHoisted(name: string): boolean {
  return name.startsWith('x-amz-') && !name.startsWith('x-amz-checksum-') && name !== 'x-amz-sdk-checksum-algorithm';
}
