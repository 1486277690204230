import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseRange } from '../storage/byte-range';
import {
  CHECKSUM_ALGORITHMS,
  checksumElement,
  checksumHeader,
  combineChecksums,
  createDigest,
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
  writeConditions,
} from './object-operations';
import type { StoredObject, Upload, UploadedPart } from '../storage/object-store';
import { requireWritable } from './preconditions';
import { receiveBody, receiveDocument, type ReceivedBody } from '../protocol/request-body';
import { header, parameter, type S3Request } from '../protocol/request';
import { S3Error } from '../s3-error';
import { childText, element, parseXml, textElement, xmlDocument } from '../protocol/xml';

const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_PARTS = 10_000;
const MAX_PAGE = 1000;

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
    xmlDocument(
      'InitiateMultipartUploadResult',
      textElement('Bucket', request.bucket),
      textElement('Key', request.key),
      textElement('UploadId', upload.uploadId),
    ),
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
  const rangeHeader = header(request, 'x-amz-copy-source-range');
  const range = parseRange(rangeHeader, object.size);
  if (rangeHeader !== undefined && !range)
    throw new S3Error('InvalidArgument', 'x-amz-copy-source-range must be bytes=<first>-<last>.');
  const { blob, received } = await store.blobs.whileReading(object.segments, () =>
    receiveBlob(exchange, async (sink) => {
      const digested = new CopyMeter(upload.checksumAlgorithm);
      await pipeline(Readable.from(digested.through(store.blobs.read(object.segments, range))), sink);
      return digested.received();
    }),
  );
  const part = await keepPart(exchange, number, blob, received);
  sendXml(exchange, xmlDocument('CopyPartResult', ...versionElements(part), ...checksumElements(part.checksum)));
}

export async function listParts(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const upload = requestedUpload(exchange);
  const marker = boundedInteger(request, 'part-number-marker', 0, MAX_PARTS, 0);
  const maxParts = boundedInteger(request, 'max-parts', 1, MAX_PAGE, MAX_PAGE);
  const following = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .sort((left, right) => left.number - right.number);
  const page = following.slice(0, maxParts);
  sendXml(
    exchange,
    xmlDocument(
      'ListPartsResult',
      textElement('Bucket', request.bucket),
      textElement('Key', upload.key),
      textElement('UploadId', upload.uploadId),
      textElement('PartNumberMarker', marker),
      textElement('NextPartNumberMarker', page.at(-1)?.number ?? marker),
      textElement('MaxParts', maxParts),
      textElement('IsTruncated', page.length < following.length),
      ...page.map((part) =>
        element(
          'Part',
          textElement('PartNumber', part.number),
          ...versionElements(part),
          textElement('Size', part.size),
          ...checksumElements(part.checksum),
        ),
      ),
      textElement('StorageClass', 'STANDARD'),
    ),
  );
}

export async function listMultipartUploads(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  if (parameter(request, 'delimiter'))
    throw new S3Error('NotImplemented', 'ListMultipartUploads takes no delimiter here.');
  const prefix = parameter(request, 'prefix') ?? '';
  const keyMarker = parameter(request, 'key-marker') ?? '';
  const idMarker = parameter(request, 'upload-id-marker') ?? '';
  const maxUploads = boundedInteger(request, 'max-uploads', 1, MAX_PAGE, MAX_PAGE);
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
  sendXml(
    exchange,
    xmlDocument(
      'ListMultipartUploadsResult',
      textElement('Bucket', request.bucket),
      textElement('Prefix', prefix),
      textElement('KeyMarker', keyMarker),
      textElement('UploadIdMarker', idMarker),
      textElement('NextKeyMarker', page.at(-1)?.key ?? ''),
      textElement('NextUploadIdMarker', page.at(-1)?.uploadId ?? ''),
      textElement('MaxUploads', maxUploads),
      textElement('IsTruncated', page.length < following.length),
      ...page.map(({ key, uploadId, startedAt }) =>
        element(
          'Upload',
          textElement('Key', key),
          textElement('UploadId', uploadId),
          textElement('Initiated', new Date(startedAt).toISOString()),
          textElement('StorageClass', 'STANDARD'),
        ),
      ),
    ),
  );
}

export async function completeMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  const { bucket, key } = request;
  const uploadId = parameter(request, 'uploadId') ?? '';
  const object =
    completedBefore(exchange, uploadId) ??
    (await (async () => {
      requestedUpload(exchange);
      // The checksum headers of this request are of the object, not of the document.
      const bodyOnly = { ...exchange, request: withoutChecksumHeaders(request) };
      const chosen = parseChosenParts(await receiveDocument(bodyOnly));
      const conditions = writeConditions(request);
      return store.completeUpload(
        bucket,
        key,
        uploadId,
        (upload) => assemble(upload, chosen, request),
        (existing) => requireWritable(existing, conditions),
      );
    })());
  sendXml(
    exchange,
    xmlDocument(
      'CompleteMultipartUploadResult',
      textElement('Location', `/${bucket}/${key}`),
      textElement('Bucket', bucket),
      textElement('Key', key),
      textElement('ETag', `"${object.etag}"`),
      ...checksumElements(object.checksum),
    ),
  );
}

export async function abortMultipartUpload(exchange: Exchange): Promise<void> {
  const { request, store } = exchange;
  await store.abortUpload(request.bucket, request.key, parameter(request, 'uploadId') ?? '');
  sendEmpty(exchange, 204);
}

/** A part as a Complete document names it. */
interface ChosenPart {
  number: number;
  etag: string;
  checksums: Partial<Record<ChecksumAlgorithm, string>>;
}

/** The answer to a Complete that is repeated because its answer was lost: S3 promises the same one again. */
function completedBefore({ request, store }: Exchange, uploadId: string): StoredObject | undefined {
  const object = store.bucket(request.bucket).objects.get(request.key);
  return object?.uploadId === uploadId ? object : undefined;
}

function parseChosenParts(document: string): ChosenPart[] {
  const chosen = (parseXml(document, 'CompleteMultipartUpload').children.Part ?? []).map((part): ChosenPart => ({
    number: Number(childText(part, 'PartNumber')),
    etag: (childText(part, 'ETag') ?? '').trim().replace(/^"(.*)"$/, '$1'),
    checksums: Object.fromEntries(
      CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
        const value = childText(part, checksumElement(algorithm));
        return value === undefined ? [] : [[algorithm, value]];
      }),
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

function requestedUpload({ request, store }: Exchange): Upload {
  return store.upload(request.bucket, request.key, parameter(request, 'uploadId') ?? '');
}

function requestedPart(exchange: Exchange): { upload: Upload; number: number } {
  const upload = requestedUpload(exchange);
  const number = boundedInteger(exchange.request, 'partNumber', 1, MAX_PARTS);
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
  await store.putPart(request.bucket, request.key, parameter(request, 'uploadId') ?? '', part);
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

/** An integer parameter within bounds; required where no default is given. Throws InvalidArgument. */
function boundedInteger(request: S3Request, name: string, min: number, max: number, fallback?: number): number {
  const text = parameter(request, name);
  if ((text === undefined || text === '') && fallback !== undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new S3Error('InvalidArgument', `${name} must be an integer between ${min} and ${max}.`);
  return value;
}

/** Digests bytes that are copied from one blob to another. */
class CopyMeter {
  private size = 0;
  private readonly md5 = createHash('md5');
  private readonly digest;

  constructor(private readonly algorithm: ChecksumAlgorithm | undefined) {
    this.digest = algorithm ? createDigest(algorithm) : undefined;
  }

  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.size += chunk.length;
      this.md5.update(chunk);
      this.digest?.update(chunk);
      yield chunk;
    }
  }

  received(): ReceivedBody {
    const checksum = this.algorithm &&
      this.digest && {
        algorithm: this.algorithm,
        type: 'FULL_OBJECT' as const,
        value: this.digest.digest().toString('base64'),
      };
    return { size: this.size, md5: this.md5.digest(), ...(checksum ? { checksum } : {}) };
  }
}
