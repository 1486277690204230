import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { S3Error } from '../s3-error';
import { EMPTY_SHA256, scopeText, sha256, sign, signaturesEqual, type CredentialScope } from '../../aws/sigv4';

/**
 * What the signatures of chunks are chained from ("Signature Calculations: transferring payload in multiple chunks").
 */
export interface ChunkSigning {
  key: Buffer;
  timestamp: string;
  scope: CredentialScope;
  /** The signature of the request's headers. */
  seedSignature: string;
}

interface ChunkedOptions {
  /** Given for the STREAMING-AWS4-HMAC-SHA256 forms: every chunk's signature is then required and checked. */
  signing?: ChunkSigning;
  /** Whether the request announced a trailer, which is then signed as well. */
  hasTrailer: boolean;
}

/** Chunk header and trailer lines are short; whatever is longer is no aws-chunked body. */
const MAX_LINE_BYTES = 4096;
const MAX_TRAILERS = 16;

/**
 * Decodes an aws-chunked body to its bytes: `hex-size[;chunk-signature=...]CRLF data CRLF ... 0 CRLF [trailers] CRLF`.
 *
 * Chunks are passed on as they arrive, so the reader must discard what it has when the stream fails.
 * @throws {S3Error} (as stream error) IncompleteBody, InvalidRequest, MalformedTrailerError, SignatureDoesNotMatch.
 */
export class AwsChunkedDecoder extends Transform {
  /** Lower-case trailer names with their values; complete when the stream has ended. */
  readonly trailers = new Map<string, string>();

  private state: 'header' | 'payload' | 'payload-end' | 'trailer' | 'done' = 'header';
  private line = Buffer.alloc(0);
  private remaining = 0;
  private chunkSignature = '';
  private chunkHash: Hash | undefined;
  private previousSignature: string;

  constructor(private readonly chunked: ChunkedOptions) {
    super();
    this.previousSignature = chunked.signing?.seedSignature ?? '';
  }

  override _transform(input: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let offset = 0;
      while (offset < input.length) {
        offset = this.state === 'payload' ? this.takePayload(input, offset) : this.takeLine(input, offset);
      }
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    // Some clients leave out the empty line after the last chunk when there is no trailer.
    if (this.state === 'trailer' && !this.chunked.hasTrailer) this.state = 'done';
    done(this.state === 'done' ? null : new S3Error('IncompleteBody'));
  }

  private takePayload(input: Buffer, offset: number): number {
    const piece = input.subarray(offset, offset + this.remaining);
    this.chunkHash?.update(piece);
    this.remaining -= piece.length;
    this.push(piece);
    if (this.remaining === 0) {
      this.checkChunkSignature();
      this.state = 'payload-end';
    }
    return offset + piece.length;
  }

  private takeLine(input: Buffer, offset: number): number {
    if (this.state === 'done') throw new S3Error('InvalidRequest', 'Bytes after the end of the aws-chunked body.');
    const newline = input.indexOf(0x0a, offset);
    const end = newline < 0 ? input.length : newline + 1;
    this.line = Buffer.concat([this.line, input.subarray(offset, end)]);
    if (this.line.length > MAX_LINE_BYTES)
      throw new S3Error('InvalidRequest', 'A line of the aws-chunked body is too long.');
    if (newline >= 0) {
      const text = this.line.toString('latin1').replace(/\r?\n$/, '');
      this.line = Buffer.alloc(0);
      this.acceptLine(text);
    }
    return end;
  }

  private acceptLine(text: string): void {
    if (this.state === 'header') this.acceptChunkHeader(text);
    else if (this.state === 'trailer') this.acceptTrailer(text);
    else if (text !== '') throw new S3Error('InvalidRequest', 'A chunk is longer than its header says.');
    else this.state = 'header';
  }

  private acceptChunkHeader(text: string): void {
    const [, size, signature = ''] = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(text) ?? [];
    if (!size) throw new S3Error('InvalidRequest', 'A chunk header of the aws-chunked body is malformed.');
    this.remaining = parseInt(size, 16);
    if (this.chunked.signing) {
      this.chunkSignature = signature;
      this.chunkHash = createHash('sha256');
    }
    if (this.remaining > 0) {
      this.state = 'payload';
    } else {
      this.checkChunkSignature();
      this.state = 'trailer';
    }
  }

  private acceptTrailer(text: string): void {
    if (text === '') {
      this.checkTrailerSignature();
      this.state = 'done';
      return;
    }
    const colon = text.indexOf(':');
    if (colon < 1 || !this.chunked.hasTrailer || this.trailers.size >= MAX_TRAILERS)
      throw new S3Error('MalformedTrailerError');
    this.trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
  }

  private checkChunkSignature(): void {
    if (this.chunkHash)
      this.requireSignature('PAYLOAD', this.chunkSignature, EMPTY_SHA256, this.chunkHash.digest('hex'));
  }

  private checkTrailerSignature(): void {
    if (!this.chunked.signing || !this.chunked.hasTrailer) return;
    const claimed = this.trailers.get('x-amz-trailer-signature') ?? '';
    this.trailers.delete('x-amz-trailer-signature');
    const lines = [...this.trailers].map(([name, value]) => `${name}:${value}\n`).join('');
    this.requireSignature('TRAILER', claimed, sha256(lines));
  }

  private requireSignature(kind: 'PAYLOAD' | 'TRAILER', claimed: string, ...hashes: string[]): void {
    const { signing } = this.chunked;
    if (!signing) return;
    const { key, timestamp, scope } = signing;
    const text = [`AWS4-HMAC-SHA256-${kind}`, timestamp, scopeText(scope), this.previousSignature, ...hashes].join(
      '\n',
    );
    const expected = sign(key, text);
    if (!signaturesEqual(expected, claimed)) throw new S3Error('SignatureDoesNotMatch');
    this.previousSignature = expected;
  }
}
