/**
 * The two CRCs of S3 that Node's zlib lacks, and the law by which CRCs of parts make the CRC of the whole.
 * All are reflected (least significant bit first) with all ones as initial value and final exclusive-or.
 */
export interface CrcParameters {
  /** Width in bits. */
  width: 32 | 64;
  /** Generator polynomial, bit-reversed. */
  polynomial: bigint;
}

/** ISO 3309 (zlib). */
export const CRC32: CrcParameters = { width: 32, polynomial: 0xedb88320n };
/** Castagnoli, RFC 3720 B.4. */
export const CRC32C: CrcParameters = { width: 32, polynomial: 0x82f63b78n };
/** The CRC of NVM Express Base Specification 2.0, figure "64b CRC Polynomials", check value AE8B14860A799888. */
export const CRC64NVME: CrcParameters = { width: 64, polynomial: 0x9a6c9329ac4bc9b5n };

const TABLE_32C = Uint32Array.from({ length: 256 }, (_, byte) => Number(tableEntry(CRC32C, byte)));
const TABLE_64 = Array.from({ length: 256 }, (_, byte) => tableEntry(CRC64NVME, byte));
const TABLE_64_HIGH = Uint32Array.from(TABLE_64, (entry) => Number(entry >> 32n));
const TABLE_64_LOW = Uint32Array.from(TABLE_64, (entry) => Number(entry & 0xffffffffn));

/** Continues a CRC-32C over more bytes; start with 0. Unsigned 32 bits. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of bytes) crc = (TABLE_32C[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * Continues a CRC-64/NVME over more bytes; start with 0. Kept in two 32-bit halves: BigInt a byte would be 50 times
 * slower.
 */
export function crc64nvme(bytes: Uint8Array, previous = 0n): bigint {
  let high = ~Number(previous >> 32n);
  let low = ~Number(previous & 0xffffffffn);
  for (const byte of bytes) {
    const entry = (low ^ byte) & 0xff;
    low = (TABLE_64_LOW[entry] ?? 0) ^ ((low >>> 8) | (high << 24));
    high = (TABLE_64_HIGH[entry] ?? 0) ^ (high >>> 8);
  }
  return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
}

/**
 * The CRC of A followed by B, from the CRC of each and B's length in bytes: crc(A) * x^(8 * length of B) + crc(B)
 * modulo the polynomial (M. Adler, zlib `crc32_combine`; initial value and final exclusive-or cancel out).
 */
export function combineCrcs(parameters: CrcParameters, crcA: bigint, crcB: bigint, lengthB: number): bigint {
  let shift = 1n << BigInt(parameters.width - 1); // x^0 in reflected order
  let power = 1n << BigInt(parameters.width - 9); // x^8: one byte
  for (let remaining = lengthB; remaining > 0; remaining = Math.floor(remaining / 2)) {
    if (remaining % 2 === 1) shift = multiply(parameters, shift, power);
    power = multiply(parameters, power, power);
  }
  return multiply(parameters, crcA, shift) ^ crcB;
}

/** Product of two reflected polynomials modulo the generator. */
function multiply({ width, polynomial }: CrcParameters, left: bigint, right: bigint): bigint {
  let product = 0n;
  for (let bit = BigInt(width - 1); bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= right;
    right = right & 1n ? (right >> 1n) ^ polynomial : right >> 1n;
  }
  return product;
}

function tableEntry({ polynomial }: CrcParameters, byte: number): bigint {
  let entry = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? (entry >> 1n) ^ polynomial : entry >> 1n;
  return entry;
}
