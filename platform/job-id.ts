import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'; // RFC 4648's base32: five bits a letter

const base32 = (bytes: Uint8Array, letters: number): string => {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const excess = BigInt(bytes.length * 8 - letters * 5);
  bits >>= excess;
  return Array.from(
    { length: letters },
    (_, index) => ALPHABET[Number((bits >> BigInt(5 * (letters - 1 - index))) & 31n)],
  ).join('');
};

/** A new job id: 60 random bits; claiming its record shows whether it is free. */
export const randomJobId = (): string => base32(randomBytes(8), 12);

/** The job id that an Idempotency-Key of a tenant stands for, however late it is repeated: 80 bits of SHA-256. */
export const jobIdOfKey = (tenant: string, key: string): string => hashed([tenant, key]);

const hashed = (of: readonly (string | number)[]): string =>
  base32(createHash('sha256').update(JSON.stringify(of)).digest().subarray(0, 10), 16);

/** The job that a schedule starts at a time: the same at every try, so that nothing starts twice. */
export const jobIdOfSchedule = (scheduleId: string, scheduledAtMs: number): string =>
  hashed(['schedule', scheduleId, Math.floor(scheduledAtMs / 1000)]);

/** The batch that an Idempotency-Key of a tenant stands for. */
export const batchIdOfKey = (tenant: string, key: string): string => hashed(['batch', tenant, key]);

/** The job of a member of a batch, counted from 0: nothing is started twice, whoever starts it again. */
export const jobIdOfMember = (batchId: string, index: number): string => hashed(['member', batchId, index]);
