import { S3Error } from '../s3-error';

/** First and last byte, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * What a Range header asks of an object of `size` bytes: `bytes=a-b`, `bytes=a-` or `bytes=-n`. Undefined means the
 * whole object: S3 ignores a malformed range and answers several ranges with everything (RFC 9110 section 14.2 allows
 * both).
 * @throws {S3Error} InvalidRange when no byte of the object lies in it.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    if (length === 0) throw new S3Error('InvalidRange');
    return { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw new S3Error('InvalidRange');
  return { start, end };
}
