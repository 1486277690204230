import type { ResponseHeaders } from '../protocol/exchange';
import type { ObjectAttributes, StoredObject } from '../storage/object-store';
import { header, headersWithPrefix, parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { parseQuery } from '../protocol/uri-decoding';
import { childText, type XmlElement } from '../protocol/xml';

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
const MAX_TAGS = 10;

/** What a PUT, Copy (REPLACE) or CreateMultipartUpload says about the object. Throws MetadataTooLarge, InvalidTag. */
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
  return { headers: { 'content-type': DEFAULT_CONTENT_TYPE, ...headers }, userMetadata, tags: taggingHeader(request) };
}

/** The tags of an x-amz-tagging header: a query string. */
export function taggingHeader(request: S3Request): Record<string, string> {
  return checkedTags(parseQuery(header(request, 'x-amz-tagging') ?? ''));
}

/** The tags of a <Tagging> document. */
export function tagsOfDocument(tagging: XmlElement): Record<string, string> {
  const tags = tagging.children.TagSet?.[0]?.children.Tag;
  if (!tagging.children.TagSet) throw new S3Error('MalformedXML');
  return checkedTags((tags ?? []).map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? '']));
}

/** The headers that describe an object in the answers to GET and HEAD. */
export function describingHeaders(object: StoredObject): ResponseHeaders {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    ...Object.fromEntries(Object.entries(object.userMetadata).map(([name, value]) => [META_PREFIX + name, value])),
    ...(tagCount > 0 ? { 'x-amz-tagging-count': tagCount } : {}),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
  };
}

/** The response-* parameters by which a link decides the headers of its answer. Throws InvalidArgument. */
export function headerOverrides(request: S3Request): ResponseHeaders {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = parameter(request, `response-${name}`);
      if (value === undefined) return [];
      if (/[\u0000-\u001f\u007f]/.test(value))
        throw new S3Error('InvalidArgument', `response-${name} holds control characters.`);
      // Node writes header text as Latin-1: UTF-8 bytes in that guise come out as UTF-8.
      return [[name, Buffer.from(value, 'utf8').toString('latin1')]];
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

function checkedTags(pairs: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const valid =
    pairs.length <= MAX_TAGS &&
    new Set(pairs.map(([name]) => name)).size === pairs.length &&
    pairs.every(([name, value]) => name.length >= 1 && name.length <= 128 && value.length <= 256);
  if (!valid) throw new S3Error('InvalidTag');
  return Object.fromEntries(pairs);
}
