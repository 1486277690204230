import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { parseRange, type ByteRange } from '../storage/byte-range';
import { checksumElement, checksumHeader, parseAlgorithm, type Checksum } from '../storage/checksums';
import { sendEmpty, sendXml, type Exchange, type ResponseHeaders } from '../protocol/exchange';
import { attributesOf, describingHeaders, headerOverrides } from './object-attributes';
import type { StoredObject } from '../storage/object-store';
import { isNotModified, requireWritable, type Conditions, type Version } from './preconditions';
import { receiveBody, receiveDocument, type ReceivedBody } from '../protocol/request-body';
import { header, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { decodeUri } from '../protocol/uri-decoding';
import { childElements, childText, parseXml, type XmlFields } from '../protocol/xml';

const MAX_DELETE_KEYS = 1000;

export async function putObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { bucket, key } = request;
  const attributes = attributesOf(request);
  const conditions = writeConditions(request);
  // Before the body is sent; decided again when it is in
  requireWritable(store.bucket(bucket).objects.get(key), conditions);
  const { blob, received } = await receiveBlob(exchange, (sink) => receiveBody(exchange, sink));
  const object: StoredObject = {
    ...attributes,
    key,
    size: received.size,
    etag: received.md5.toString('hex'),
    lastModified: Date.now(),
    segments: [{ blob, size: received.size }],
    checksum: received.checksum,
  };
  await store.putObject(bucket, object, (existing) => requireWritable(existing, conditions));
  sendEmpty(exchange, 200, { etag: `"${object.etag}"`, ...checksumHeaders(object.checksum) });
}

export async function getObject(exchange: Exchange): Promise<void> {
  const { request, response, store, bodyFilters } = exchange;
  const object = store.object(request.bucket, request.key);
  await store.blobs.whileReading(object.segments, async () => {
    const range = answerHead(exchange, object);
    if (range === 'not-modified') return;
    const length = range ? range.end - range.start + 1 : object.size;
    const stored: AsyncIterable<Buffer> = store.blobs.read(object.segments, range);
    await pipeline(
      bodyFilters.reduce((body, filter) => filter(body, length), stored),
      response,
    );
  });
}

export async function headObject(exchange: Exchange): Promise<void> {
  const { request, response, store } = exchange;
  if (answerHead(exchange, store.object(request.bucket, request.key)) !== 'not-modified') response.end();
}

export async function deleteObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  await store.deleteObject(request.bucket, request.key);
  sendEmpty(exchange, 204);
}

export async function deleteObjects(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const document = parseXml(await receiveDocument(exchange), 'Delete');
  const keys = childElements(document, 'Object').map((object) => childText(object, 'Key') ?? '');
  if (keys.length === 0 || keys.length > MAX_DELETE_KEYS || keys.includes('')) throw new S3Error('MalformedXML');
  for (const key of keys) await store.deleteObject(request.bucket, key);
  const quiet = childText(document, 'Quiet') === 'true';
  sendXml(exchange, 'DeleteResult', { Deleted: quiet ? [] : keys.map((key) => ({ Key: key })) });
}

export async function copyObject(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const source = copySource(exchange);
  const replaceAttributes = header(request, 'x-amz-metadata-directive') === 'REPLACE';
  if (source.object.key === request.key && source.bucket === request.bucket && !replaceAttributes) {
    throw new S3Error(
      'InvalidRequest',
      'This copy request is illegal because it is trying to copy an object to itself without changing its metadata.',
    );
  }
  const { uploadId, ...original } = source.object;
  const copied = await store.blobs.whileReading(original.segments, () => store.blobs.duplicate(original.segments));
  const object: StoredObject = {
    ...original,
    ...(replaceAttributes ? attributesOf(request) : {}),
    key: request.key,
    lastModified: Date.now(),
    segments: copied,
  };
  const conditions = writeConditions(request);
  await store.putObject(request.bucket, object, (existing) => requireWritable(existing, conditions));
  sendXml(exchange, 'CopyObjectResult', { ...versionElements(object), ...checksumElements(object.checksum) });
}

/** The object that x-amz-copy-source names, when the copy's conditions on it hold. */
export function copySource({ request, store }: Exchange): { bucket: string; object: StoredObject } {
  const source = header(request, 'x-amz-copy-source') ?? '';
  if (source.includes('?')) throw new S3Error('NotImplemented', 'Versions are not implemented.');
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decodeUri(source)) ?? [];
  if (!bucket || !key) throw new S3Error('InvalidArgument', 'x-amz-copy-source must be <bucket>/<key>.');
  const object = store.object(bucket, key);
  if (isNotModified(object, readConditions(request, 'x-amz-copy-source-'))) throw new S3Error('PreconditionFailed');
  return { bucket, object };
}

/** Writes a new blob with what `fill` puts into it; the blob is removed when that fails. */
export async function receiveBlob(
  { store }: Exchange,
  fill: (sink: Writable) => Promise<ReceivedBody>,
): Promise<{ blob: string; received: ReceivedBody }> {
  const { blob, sink } = await store.blobs.create();
  try {
    return { blob, received: await fill(sink) };
  } catch (error) {
    await store.blobs.discard([{ blob }]);
    throw error;
  }
}

export function writeConditions(request: S3Request): Conditions {
  return { ifMatch: header(request, 'if-match'), ifNoneMatch: header(request, 'if-none-match') };
}

export function versionElements({ etag, lastModified }: Version): XmlFields {
  return { LastModified: new Date(lastModified).toISOString(), ETag: `"${etag}"` };
}

export function checksumElements(checksum: Checksum | undefined): XmlFields {
  return checksum ? { [checksumElement(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type } : {};
}

export function checksumHeaders(checksum: Checksum | undefined): ResponseHeaders {
  return checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};
}

/** The algorithm a client names for parts to come, or undefined. */
export function requestedAlgorithm(request: S3Request): Checksum['algorithm'] | undefined {
  const name = header(request, 'x-amz-checksum-algorithm');
  return name === undefined ? undefined : parseAlgorithm(name);
}

/** Writes status and headers of GET and HEAD; returns the range to send, or that nothing is to be sent. */
function answerHead({ request, response }: Exchange, object: StoredObject): ByteRange | undefined | 'not-modified' {
  if (isNotModified(object, readConditions(request))) {
    sendEmpty({ response }, 304, {
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.lastModified).toUTCString(),
    });
    return 'not-modified';
  }
  const range = rangeIsCurrent(request, object) ? parseRange(header(request, 'range'), object.size) : undefined;
  const wantsChecksum = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && !range;
  response.writeHead(range ? 206 : 200, {
    ...describingHeaders(object),
    ...(wantsChecksum ? checksumHeaders(object.checksum) : {}),
    ...headerOverrides(request),
    'content-length': range ? range.end - range.start + 1 : object.size,
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${object.size}` } : {}),
  });
  return range;
}

/** If-Range: a range of an older version is not wanted (RFC 9110 section 13.1.5). */
function rangeIsCurrent(request: S3Request, object: StoredObject): boolean {
  const ifRange = header(request, 'if-range');
  return (
    ifRange === undefined ||
    ifRange === `"${object.etag}"` ||
    Date.parse(ifRange) === Math.floor(object.lastModified / 1000) * 1000
  );
}

function readConditions(request: S3Request, prefix = ''): Conditions {
  return {
    ifMatch: header(request, `${prefix}if-match`),
    ifNoneMatch: header(request, `${prefix}if-none-match`),
    ifModifiedSince: header(request, `${prefix}if-modified-since`),
    ifUnmodifiedSince: header(request, `${prefix}if-unmodified-since`),
  };
}
