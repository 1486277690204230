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
  /** Lower-case names; repeated headers joined by a comma. */
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

/**
 * A header by its lower-case name. The presigner moves x-amz-* headers into the query, where S3 honours them as well,
 * except checksums: those are of the empty body that was signed, not of what is sent.
 */
export function header(request: S3Request, name: string): string | undefined {
  const sent = request.headers[name];
  if (sent !== undefined || !request.presigned || !isHoisted(name)) return sent;
  return request.query.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

/** All headers whose name begins with `prefix`, by the rest of the name; hoisted ones included. */
export function headersWithPrefix(request: S3Request, prefix: string): Record<string, string> {
  const hoisted = request.presigned ? request.query.filter(([name]) => isHoisted(name.toLowerCase())) : [];
  const all = [
    ...hoisted.map(([name, value]) => [name.toLowerCase(), value] as const),
    ...Object.entries(request.headers),
  ];
  return Object.fromEntries(
    all.filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

function isHoisted(name: string): boolean {
  return name.startsWith('x-amz-') && !name.startsWith('x-amz-checksum-') && name !== 'x-amz-sdk-checksum-algorithm';
}
