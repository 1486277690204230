import { pipeline } from 'node:stream/promises';
import { sendEmpty, type Exchange, type ResponseHeaders } from '../protocol/exchange';
import { header, integerParameter, parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { parseRange, type ByteRange } from '../storage/byte-range';
import { partsOf } from '../storage/object-parts';
import type { StoredObject } from '../storage/object-store';
import { describingHeaders, headerOverrides } from './object-attributes';
import { checksumHeaders } from './object-operations';
import { isNotModified, readConditions } from './preconditions';

const MAX_PART_NUMBER = 10_000;

export async function getObject(exchange: Exchange): Promise<void> {
  const { request, response, store, bodyFilters } = exchange;
  const object = store.object(request.bucket, request.key);
  await store.blobs.whileReading(object.segments, async () => {
    const selection = answerHead(exchange, object);
    if (selection === 'not-modified') return;
    const { range } = selection;
    const length = lengthOf(range, object);
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

/** What of an object is asked for. */
interface Selection {
  /** Undefined for the whole object. */
  range?: ByteRange | undefined;
  /** The headers that only this selection has. */
  headers: ResponseHeaders;
  /** Of the bytes that are selected, where one is known. */
  checksum?: StoredObject['checksum'];
}

/** Writes status and headers of GET and HEAD; returns what to send, or that nothing is to be sent. */
function answerHead({ request, response }: Exchange, object: StoredObject): Selection | 'not-modified' {
  if (isNotModified(object, readConditions(request))) {
    sendEmpty({ response }, 304, {
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.lastModified).toUTCString(),
    });
    return 'not-modified';
  }
  const selection = selectionOf(request, object);
  const { range, headers, checksum } = selection;
  const wantsChecksum = header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  response.writeHead(range ? 206 : 200, {
    ...describingHeaders(object),
    ...(wantsChecksum ? checksumHeaders(checksum) : {}),
    ...headerOverrides(request),
    ...headers,
    'content-length': lengthOf(range, object),
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${object.size}` } : {}),
  });
  return selection;
}

/** @throws {S3Error} InvalidRange, InvalidPartNumber, InvalidArgument, InvalidRequest (both a range and a part) */
function selectionOf(request: S3Request, object: StoredObject): Selection {
  const rangeHeader = header(request, 'range');
  if (parameter(request, 'partNumber') !== undefined) {
    if (rangeHeader !== undefined)
      throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter.');
    return partSelection(object, integerParameter(request, 'partNumber', 1, MAX_PART_NUMBER));
  }
  const range = rangeIsCurrent(request, object) ? parseRange(rangeHeader, object.size) : undefined;
  return { range, headers: {}, checksum: range ? undefined : object.checksum };
}

/** An object that was not uploaded in parts is its own part 1. */
function partSelection(object: StoredObject, number: number): Selection {
  const parts = partsOf(object);
  const all = parts ?? [{ number: 1, size: object.size, checksum: object.checksum }];
  const index = all.findIndex((part) => part.number === number);
  const part = all[index];
  if (!part) {
    const details = { PartNumberRequested: String(number), ActualPartCount: String(all.length) };
    throw new S3Error('InvalidPartNumber', undefined, details);
  }
  const start = all.slice(0, index).reduce((sum, { size }) => sum + size, 0);
  return {
    // No range can name the bytes of an empty part.
    range: part.size === 0 && object.size === 0 ? undefined : { start, end: start + part.size - 1 },
    headers: parts ? { 'x-amz-mp-parts-count': parts.length } : {},
    checksum: part.checksum,
  };
}

function lengthOf(range: ByteRange | undefined, object: StoredObject): number {
  return range ? range.end - range.start + 1 : object.size;
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
