import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { combineCrcs, crc32c, crc64nvme, CRC32, CRC32C, CRC64NVME, type CrcParameters } from './crc';
import { S3Error } from '../s3-error';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';
/**
 * COMPOSITE: a digest of the parts' digests, with `-<parts>` appended; FULL_OBJECT: of the bytes as if sent at once.
 */
export type ChecksumType = 'COMPOSITE' | 'FULL_OBJECT';

/** A checksum as S3 writes it: base64 of the big-endian digest. */
export interface Checksum {
  algorithm: ChecksumAlgorithm;
  value: string;
  type: ChecksumType;
}

/** A running digest. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Ends it; big-endian bytes. */
  digest(): Buffer;
}

interface AlgorithmProperties {
  bytes: number;
  create(): Digest;
  crc?: CrcParameters;
}

const ALGORITHMS: Record<ChecksumAlgorithm, AlgorithmProperties> = {
  CRC32: { bytes: 4, create: () => crcDigest(0, 4, crc32), crc: CRC32 },
  CRC32C: { bytes: 4, create: () => crcDigest(0, 4, crc32c), crc: CRC32C },
  CRC64NVME: { bytes: 8, create: () => crcDigest(0n, 8, crc64nvme), crc: CRC64NVME },
  SHA1: { bytes: 20, create: () => createHash('sha1') },
  SHA256: { bytes: 32, create: () => createHash('sha256') },
};

export const CHECKSUM_ALGORITHMS = Object.keys(ALGORITHMS) as ChecksumAlgorithm[];

/** The header, and trailer, that carries a checksum of this algorithm. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The XML element for it: `ChecksumCRC32` and so on. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

export function createDigest(algorithm: ChecksumAlgorithm): Digest {
  return ALGORITHMS[algorithm].create();
}

/** Throws InvalidRequest for a name that S3 does not know. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toUpperCase());
  if (!algorithm) throw new S3Error('InvalidRequest', `Unknown checksum algorithm "${name.slice(0, 40)}".`);
  return algorithm;
}

/** Throws InvalidRequest unless the value is base64 of the algorithm's length. */
export function requireChecksumValue(algorithm: ChecksumAlgorithm, value: string): string {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== ALGORITHMS[algorithm].bytes || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} is invalid.`);
  }
  return value;
}

/** The type S3 gives a multipart checksum when the client names none: CRC64NVME has no composite form. */
export function defaultMultipartType(algorithm: ChecksumAlgorithm): ChecksumType {
  return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
}

/** Whether S3 offers this pair: SHA digests cannot be combined, CRC64NVME is never composite. */
export function supportsMultipartType(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  return type === 'COMPOSITE' ? algorithm !== 'CRC64NVME' : ALGORITHMS[algorithm].crc !== undefined;
}

/**
 * The checksum of an object made of parts, without reading the parts again. `value` of a part is base64, `size` in
 * bytes.
 */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { value: string; size: number }[],
): Checksum {
  if (type === 'COMPOSITE') {
    const digest = createDigest(algorithm);
    for (const part of parts) digest.update(Buffer.from(part.value, 'base64'));
    return { algorithm, type, value: `${digest.digest().toString('base64')}-${parts.length}` };
  }
  const { crc, bytes } = ALGORITHMS[algorithm];
  if (!crc) throw new S3Error('InvalidRequest', `${algorithm} has no FULL_OBJECT checksum for a multipart upload.`);
  const whole = parts.reduce(
    (total, part) =>
      combineCrcs(crc, total, BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex')}`), part.size),
    0n,
  );
  return { algorithm, type, value: bigEndian(whole, bytes).toString('base64') };
}

/** A running CRC; `advance` continues it over more bytes. */
function crcDigest<N extends number | bigint>(
  zero: N,
  width: number,
  advance: (bytes: Uint8Array, previous: N) => N,
): Digest {
  let crc = zero;
  return {
    update: (bytes) => {
      crc = advance(bytes, crc);
    },
    digest: () => bigEndian(crc, width),
  };
}

function bigEndian(value: number | bigint, width: number): Buffer {
  return Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex');
}
