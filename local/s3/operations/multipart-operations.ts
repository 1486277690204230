import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../storage/byte-range';
import {
  CHECKSUM_ALGORITHMS,
  checksumElement,
  checksumHeader,
  combineChecksums,
  defaultMultipartType,
  supportsMultipartType,
  type ChecksumAlgorithm,
  type ChecksumType,
} from '../storage/checksums';
import { sendEmpty, sendXml, type Exchange } from '../protocol/exchange';
import { compareKeys } from '../storage/key-index';
import { attributesOf } from './object-attributes';
import {
  checksumElements,
  checksumHeaders,
  copySource,
  receiveBlob,
  requestedAlgorithm,
  versionElements,
} from './object-operations';
import type { StoredObject, Upload, UploadedPart } from '../storage/object-store';
import { requireWritable, writeConditions } from './preconditions';
import { BodyMeter, receiveBody, receiveDocument, type ReceivedBody } from '../protocol/request-body';
import { header, integerParameter, pageSize, parameter, type S3Request } from '../protocol/request';
import { OWNER } from './owner';
import { S3Error } from '../s3-error';
import { childElements, childText, parseXml } from '../protocol/xml';

const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_PARTS = 10_000;

export async function createMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const checksumAlgorithm = requestedAlgorithm(request);
  const checksumType = checksumAlgorithm && uploadChecksumType(request, checksumAlgorithm);
  const upload = await store.createUpload(request.bucket, {
    ...attributesOf(request),
    key: request.key,
    checksumAlgorithm,
    checksumType,
  });
  sendXml(
    exchange,
    'InitiateMultipartUploadResult',
    { Bucket: request.bucket, Key: request.key, UploadId: upload.uploadId },
    checksumAlgorithm && checksumType
      ? { 'x-amz-checksum-algorithm': checksumAlgorithm, 'x-amz-checksum-type': checksumType }
      : {},
  );
}

export async function uploadPart(exchange: Exchange): Promise<void> {
  const { upload, number } = requestedPart(exchange);
  const { blob, received } = await receiveBlob(exchange, (sink) =>
    receiveBody(exchange, sink, upload.checksumAlgorithm),
  );
  if (upload.checksumAlgorithm && received.checksum?.algorithm !== upload.checksumAlgorithm) {
    await exchange.store.blobs.discard([{ blob }]);
    throw new S3Error('InvalidRequest', `The upload was created with checksum algorithm ${upload.checksumAlgorithm}.`);
  }
  const part = await keepPart(exchange, number, blob, received);
  sendEmpty(exchange, 200, { etag: `"${part.etag}"`, ...checksumHeaders(part.checksum) });
}

export async function uploadPartCopy(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { upload, number } = requestedPart(exchange);
  const { object } = copySource(exchange);
  const range = copiedRange(header(request, 'x-amz-copy-source-range'), object.size);
  const { blob, received } = await store.blobs.whileReading(object.segments, () =>
    receiveBlob(exchange, async (sink) => {
      const meter = new BodyMeter(upload.checksumAlgorithm, Infinity);
      await pipeline(store.blobs.read(object.segments, range), meter, sink);
      return meter.received();
    }),
  );
  const part = await keepPart(exchange, number, blob, received);
  sendXml(exchange, 'CopyPartResult', { ...versionElements(part), ...checksumElements(part.checksum) });
}

/**
 * A part is what was asked for or nothing: unlike a range of a read, one that ends beyond the source is not shortened.
 * @throws {S3Error} InvalidArgument (not `bytes=<first>-<last>`), InvalidRange
 */
function copiedRange(text: string | undefined, sourceSize: number): ByteRange | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(text.trim()) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (!(start <= end)) throw new S3Error('InvalidArgument', 'x-amz-copy-source-range must be bytes=<first>-<last>.');
  if (end >= sourceSize)
    throw new S3Error('InvalidRange', `Range specified is not valid for source object of size: ${sourceSize}`);
  return { start, end };
}

export async function listParts(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const upload = requestedUpload(exchange);
  const marker = integerParameter(request, 'part-number-marker', 0, MAX_PARTS, 0);
  const maxParts = pageSize(request, 'max-parts', 1);
  const following = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .sort((left, right) => left.number - right.number);
  const page = following.slice(0, maxParts);
  sendXml(exchange, 'ListPartsResult', {
    Bucket: request.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? marker,
    MaxParts: maxParts,
    IsTruncated: page.length < following.length,
    ChecksumAlgorithm: upload.checksumAlgorithm,
    ChecksumType: upload.checksumType,
    Initiator: OWNER,
    Owner: OWNER,
    Part: page.map((part) => ({
      PartNumber: part.number,
      ...versionElements(part),
      Size: part.size,
      ...checksumElements(part.checksum),
    })),
    StorageClass: 'STANDARD',
  });
}

export async function listMultipartUploads(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  if (parameter(request, 'delimiter'))
    throw new S3Error('NotImplemented', 'ListMultipartUploads takes no delimiter here.');
  const prefix = parameter(request, 'prefix') ?? '';
  const keyMarker = parameter(request, 'key-marker') ?? '';
  const idMarker = parameter(request, 'upload-id-marker') ?? '';
  const maxUploads = pageSize(request, 'max-uploads', 1);
  const following = [...store.bucket(request.bucket).uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .filter(
      ({ key, uploadId }) =>
        keyMarker === '' ||
        compareKeys(key, keyMarker) > 0 ||
        (key === keyMarker && idMarker !== '' && uploadId > idMarker),
    )
    .sort((left, right) => compareKeys(left.key, right.key) || (left.uploadId < right.uploadId ? -1 : 1));
  const page = following.slice(0, maxUploads);
  sendXml(exchange, 'ListMultipartUploadsResult', {
    Bucket: request.bucket,
    Prefix: prefix,
    KeyMarker: keyMarker,
    UploadIdMarker: idMarker,
    NextKeyMarker: page.at(-1)?.key ?? '',
    NextUploadIdMarker: page.at(-1)?.uploadId ?? '',
    MaxUploads: maxUploads,
    IsTruncated: page.length < following.length,
    Upload: page.map(({ key, uploadId, startedAt }) => ({
      Key: key,
      UploadId: uploadId,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: 'STANDARD',
      Initiated: new Date(startedAt).toISOString(),
    })),
  });
}

export async function completeMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { bucket, key } = request;
  const uploadId = uploadIdOf(request);
  const existing = store.bucket(bucket).objects.get(key);
  // A Complete is repeated when its answer was lost: S3 promises the same answer again.
  const object = existing?.uploadId === uploadId ? existing : await completeUpload(exchange, uploadId);
  sendXml(exchange, 'CompleteMultipartUploadResult', {
    Location: `/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: `"${object.etag}"`,
    ...checksumElements(object.checksum),
  });
}

async function completeUpload(exchange: Exchange, uploadId: string): Promise<StoredObject> {
  const { request, store } = exchange;
  requestedUpload(exchange);
  // The checksum headers of this request are of the object, not of the document.
  const bodyOnly = { ...exchange, request: withoutChecksumHeaders(request) };
  const chosen = parseChosenParts(await receiveDocument(bodyOnly));
  const conditions = writeConditions(request);
  return store.completeUpload(
    request.bucket,
    request.key,
    uploadId,
    (upload) => assemble(upload, chosen, request),
    (existing) => requireWritable(existing, conditions),
  );
}

export async function abortMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  await store.abortUpload(request.bucket, request.key, uploadIdOf(request));
  sendEmpty(exchange, 204);
}

/** A part as a Complete document names it. */
interface ChosenPart {
  number: number;
  etag: string;
  checksums: Partial<Record<ChecksumAlgorithm, string | undefined>>;
}

function parseChosenParts(document: string): ChosenPart[] {
  const chosen = childElements(parseXml(document, 'CompleteMultipartUpload'), 'Part').map((part): ChosenPart => ({
    number: Number(childText(part, 'PartNumber')),
    etag: (childText(part, 'ETag') ?? '').trim().replace(/^"(.*)"$/, '$1'),
    checksums: Object.fromEntries(
      CHECKSUM_ALGORITHMS.map((algorithm) => [algorithm, childText(part, checksumElement(algorithm))]),
    ),
  }));
  if (chosen.length === 0 || chosen.length > MAX_PARTS) throw new S3Error('MalformedXML');
  if (chosen.some(({ number }, index) => !(number > (chosen[index - 1]?.number ?? -Infinity))))
    throw new S3Error('InvalidPartOrder');
  return chosen;
}

function assemble(upload: Upload, chosen: readonly ChosenPart[], request: S3Request): StoredObject {
  const parts = chosen.map((choice) => requirePart(upload, choice));
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) throw new S3Error('EntityTooSmall');
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const announcedSize = header(request, 'x-amz-mp-object-size');
  if (announcedSize !== undefined && Number(announcedSize) !== size)
    throw new S3Error('InvalidRequest', 'The parts do not add up to x-amz-mp-object-size.');
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  const { headers, userMetadata, key, uploadId } = upload;
  return {
    headers,
    userMetadata,
    key,
    uploadId,
    size,
    etag: `${md5.digest('hex')}-${parts.length}`,
    lastModified: Date.now(),
    segments: parts.map((part) => ({ blob: part.blob, size: part.size })),
    parts: parts.map(({ number, size: partSize, checksum }) => ({ number, size: partSize, checksum })),
    checksum: objectChecksum(upload, parts, request),
  };
}

function requirePart(upload: Upload, { number, etag, checksums }: ChosenPart): UploadedPart {
  const part = upload.parts.get(number);
  const claimed = part?.checksum && checksums[part.checksum.algorithm];
  if (!part || part.etag !== etag || (claimed !== undefined && claimed !== part.checksum?.value)) {
    throw new S3Error('InvalidPart', undefined, { UploadId: upload.uploadId, PartNumber: String(number), ETag: etag });
  }
  return part;
}

function objectChecksum(upload: Upload, parts: readonly UploadedPart[], request: S3Request): StoredObject['checksum'] {
  const { checksumAlgorithm: algorithm, checksumType: type } = upload;
  if (!algorithm || !type) return undefined;
  const checksum = combineChecksums(
    algorithm,
    type,
    parts.map((part) => ({ value: part.checksum?.value ?? '', size: part.size })),
  );
  const claimed = header(request, checksumHeader(algorithm));
  if (claimed !== undefined && claimed !== checksum.value)
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the object's.`);
  return checksum;
}

function uploadIdOf(request: S3Request): string {
  return parameter(request, 'uploadId') ?? '';
}

function requestedUpload({ request, store }: Exchange): Upload {
  return store.upload(request.bucket, request.key, uploadIdOf(request));
}

function requestedPart(exchange: Exchange): { upload: Upload; number: number } {
  const upload = requestedUpload(exchange);
  const number = integerParameter(exchange.request, 'partNumber', 1, MAX_PARTS);
  return { upload, number };
}

async function keepPart(
  { request, store }: Exchange,
  number: number,
  blob: string,
  received: ReceivedBody,
): Promise<UploadedPart> {
  const part: UploadedPart = {
    number,
    blob,
    size: received.size,
    etag: received.md5.toString('hex'),
    lastModified: Date.now(),
    checksum: received.checksum,
  };
  await store.putPart(request.bucket, request.key, uploadIdOf(request), part);
  return part;
}

function uploadChecksumType(request: S3Request, algorithm: ChecksumAlgorithm): ChecksumType {
  const named = header(request, 'x-amz-checksum-type')?.toUpperCase() ?? defaultMultipartType(algorithm);
  if ((named !== 'COMPOSITE' && named !== 'FULL_OBJECT') || !supportsMultipartType(algorithm, named)) {
    throw new S3Error('InvalidRequest', `The checksum type ${named.slice(0, 20)} cannot be used with ${algorithm}.`);
  }
  return named;
}

function withoutChecksumHeaders(request: S3Request): S3Request {
  const names = new Set(CHECKSUM_ALGORITHMS.map(checksumHeader));
  return {
    ...request,
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => !names.has(name))),
  };
}
