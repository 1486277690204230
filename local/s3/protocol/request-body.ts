import { createHash, type Hash } from 'node:crypto';
import { Transform, Writable, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsChunkedDecoder } from './aws-chunked';
import {
  CHECKSUM_ALGORITHMS,
  checksumHeader,
  createDigest,
  requireChecksumValue,
  type Checksum,
  type ChecksumAlgorithm,
  type Digest,
} from '../storage/checksums';
import type { Exchange } from './exchange';
import { header, type S3Request } from './request';
import { S3Error } from '../s3-error';

/** S3's limit for one PUT. */
const MAX_BODY_BYTES = 5 * 1024 ** 3;
/** A Complete of 10 000 parts, the largest document, with a checksum each. */
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 2;

/** A body that has arrived whole and is what its sender says it is. */
export interface ReceivedBody {
  /** Bytes. */
  size: number;
  md5: Buffer;
  checksum: Checksum | undefined;
}

/**
 * Streams the request's body to `sink` and verifies everything that was claimed of it: length, x-amz-content-sha256,
 * Content-MD5, checksum header or trailer, chunk signatures. What is in the sink counts only when this has resolved.
 *
 * `computeAlgorithm` is digested also when the client sent no checksum of its own.
 * @throws {S3Error} IncompleteBody, BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, MissingContentLength,
 *   EntityTooLarge and what AwsChunkedDecoder throws.
 */
export async function receiveBody(
  exchange: Exchange,
  sink: Writable,
  computeAlgorithm?: ChecksumAlgorithm,
): Promise<ReceivedBody> {
  const { request, payload, incoming, response } = exchange;
  const announced = announcedLength(request, payload.kind === 'aws-chunked');
  const declared = declaredChecksum(request);
  const contentMd5 = declaredMd5(request);
  const sha256 = payload.kind === 'sha256' ? createHash('sha256') : undefined;
  const meter = new BodyMeter(declared?.algorithm ?? computeAlgorithm, MAX_BODY_BYTES, sha256);
  const decoder = payload.kind === 'aws-chunked' ? new AwsChunkedDecoder(payload) : undefined;
  if (declared?.inTrailer && !decoder) throw new S3Error('InvalidRequest', 'A trailer needs an aws-chunked body.');

  if (exchange.expectsContinue) response.writeContinue();
  // Without destroyOnReturn, a refused body would close the connection before the client could read why.
  const source = incoming.iterator({ destroyOnReturn: false });
  await (decoder ? pipeline(source, decoder, meter, sink) : pipeline(source, meter, sink));

  const received = meter.received();
  if (announced !== undefined && received.size !== announced) throw new S3Error('IncompleteBody');
  if (contentMd5 && !contentMd5.equals(received.md5))
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what was received.');
  if (payload.kind === 'sha256' && sha256?.digest('hex') !== payload.hex)
    throw new S3Error('XAmzContentSHA256Mismatch');
  if (declared) verifyChecksum(received.checksum, declared, decoder);
  return received;
}

/** Reads a small XML document, verified as any body. Throws MaxMessageLengthExceeded. */
export async function receiveDocument(exchange: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      chunks.push(chunk);
      done(size > MAX_DOCUMENT_BYTES ? new S3Error('MaxMessageLengthExceeded') : null);
    },
  });
  await receiveBody(exchange, sink);
  return Buffer.concat(chunks).toString('utf8');
}

/** Digests the bytes that pass through; fails with EntityTooLarge after `maxBytes`. */
export class BodyMeter extends Transform {
  private size = 0;
  private readonly md5 = createHash('md5');
  private readonly digest: Digest | undefined;

  constructor(
    private readonly algorithm: ChecksumAlgorithm | undefined,
    private readonly maxBytes: number,
    private readonly sha256?: Hash,
  ) {
    super();
    this.digest = algorithm && createDigest(algorithm);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.size += chunk.length;
    this.md5.update(chunk);
    this.sha256?.update(chunk);
    this.digest?.update(chunk);
    done(this.size > this.maxBytes ? new S3Error('EntityTooLarge') : null, chunk);
  }

  /** To be asked once, when all has passed. */
  received(): ReceivedBody {
    const { size, algorithm } = this;
    const value = this.digest?.digest().toString('base64');
    const checksum = algorithm && value !== undefined ? { algorithm, type: 'FULL_OBJECT' as const, value } : undefined;
    return { size, md5: this.md5.digest(), checksum };
  }
}

interface DeclaredChecksum {
  algorithm: ChecksumAlgorithm;
  /** Undefined when it follows in the trailer. */
  value?: string;
  inTrailer: boolean;
}

function declaredChecksum(request: S3Request): DeclaredChecksum | undefined {
  const trailer =
    header(request, 'x-amz-trailer')
      ?.toLowerCase()
      .split(',')
      .map((name) => name.trim()) ?? [];
  const found = CHECKSUM_ALGORITHMS.flatMap((algorithm): DeclaredChecksum[] => {
    const value = header(request, checksumHeader(algorithm));
    if (value !== undefined) return [{ algorithm, value: requireChecksumValue(algorithm, value), inTrailer: false }];
    return trailer.includes(checksumHeader(algorithm)) ? [{ algorithm, inTrailer: true }] : [];
  });
  if (found.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed.',
    );
  return found[0];
}

function verifyChecksum(
  computed: Checksum | undefined,
  declared: DeclaredChecksum,
  decoder: AwsChunkedDecoder | undefined,
): void {
  const claimed = declared.inTrailer ? decoder?.trailers.get(checksumHeader(declared.algorithm)) : declared.value;
  if (claimed === undefined) throw new S3Error('MalformedTrailerError', 'The announced checksum trailer is missing.');
  if (claimed !== computed?.value)
    throw new S3Error('BadDigest', `The ${declared.algorithm} you specified did not match the calculated checksum.`);
}

function declaredMd5(request: S3Request): Buffer | undefined {
  const text = header(request, 'content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest');
  return bytes;
}

/**
 * Bytes of the body, or undefined where only its end tells (`curl -T -`): HTTP's own chunks mark the end, so that a body
 * which breaks off is noticed. S3 takes none without a length; the limit holds here as it does there.
 */
function announcedLength(request: S3Request, awsChunked: boolean): number | undefined {
  const transferEncoding = request.headers['transfer-encoding'];
  if (transferEncoding !== undefined && transferEncoding.toLowerCase() !== 'chunked')
    throw new S3Error('NotImplemented', 'Of transfer encodings only "chunked" is implemented here.');
  const text = header(request, awsChunked ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined && transferEncoding !== undefined) return undefined;
  if (text === undefined || !/^\d+$/.test(text)) throw new S3Error('MissingContentLength');
  if (Number(text) > MAX_BODY_BYTES) throw new S3Error('EntityTooLarge');
  return Number(text);
}
