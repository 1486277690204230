import type { ResponseHeaders } from '../protocol/exchange';
import type { ObjectAttributes, StoredObject } from '../storage/object-store';
import { header, headersWithPrefix, headerValue, parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';

/** The HTTP headers that S3 keeps with an object and returns. */
const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';
const META_PREFIX = 'x-amz-meta-';
const MAX_USER_METADATA_BYTES = 2048;

/** What a PUT, Copy (REPLACE) or CreateMultipartUpload says about the object. Throws MetadataTooLarge. */
export function attributesOf(request: S3Request): ObjectAttributes {
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = name === 'content-encoding' ? withoutAwsChunked(header(request, name)) : header(request, name);
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const userMetadata = headersWithPrefix(request, META_PREFIX);
  const metadataBytes = Object.entries(userMetadata).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    0,
  );
  if (metadataBytes > MAX_USER_METADATA_BYTES) throw new S3Error('MetadataTooLarge');
  return { headers: { 'content-type': DEFAULT_CONTENT_TYPE, ...headers }, userMetadata };
}

/** The headers that describe an object in the answers to GET and HEAD. */
export function describingHeaders(object: StoredObject): ResponseHeaders {
  return {
    ...object.headers,
    ...Object.fromEntries(Object.entries(object.userMetadata).map(([name, value]) => [META_PREFIX + name, value])),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
  };
}

/** The response-* parameters by which a link decides the headers of its answer. Throws InvalidArgument. */
export function headerOverrides(request: S3Request): ResponseHeaders {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const text = parameter(request, `response-${name}`);
      return text === undefined ? [] : [[name, headerValue(`response-${name}`, text)]];
    }),
  );
}

function withoutAwsChunked(encoding: string | undefined): string | undefined {
  return encoding
    ?.split(',')
    .map((token) => token.trim())
    .filter((token) => token.toLowerCase() !== 'aws-chunked')
    .join(', ');
}
