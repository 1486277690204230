import type { ResponseHeaders } from './exchange';

/** What a page must be able to read for resumable uploads and range reads. */
const EXPOSED_HEADERS = [
  'ETag',
  'Content-Length',
  'Content-Range',
  'Content-Disposition',
  'Last-Modified',
  'x-amz-bucket-region',
  'x-amz-mp-parts-count',
  'x-amz-request-id',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-checksum-type',
];
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'];
const MAX_AGE_SECONDS = 3000;

/**
 * The CORS headers for an origin; none for one that is not allowed, so that the browser keeps the answer from the page.
 */
export function corsHeaders(origin: string | undefined, allowedOrigins: readonly string[]): ResponseHeaders {
  if (origin === undefined || !allowedOrigins.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
    vary: 'Origin',
  };
}

/** The answer to a preflight, or undefined where it must be refused. `asked` are the headers of the OPTIONS request. */
export function preflightHeaders(
  asked: Readonly<Record<string, string>>,
  allowedOrigins: readonly string[],
): ResponseHeaders | undefined {
  const headers = corsHeaders(asked.origin, allowedOrigins);
  const method = asked['access-control-request-method'];
  if (!('access-control-allow-origin' in headers) || method === undefined || !METHODS.includes(method))
    return undefined;
  const requested = asked['access-control-request-headers'];
  return {
    ...headers,
    'access-control-allow-methods': METHODS.join(', '),
    ...(requested === undefined ? {} : { 'access-control-allow-headers': requested }),
    'access-control-max-age': MAX_AGE_SECONDS,
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  };
}
