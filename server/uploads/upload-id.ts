import { createHash, randomBytes } from 'node:crypto';

/** A new upload's id: 128 random bits. */
export const randomUploadId = (): string => randomBytes(16).toString('hex');

/** The id that an Idempotency-Key of a tenant stands for: 128 bits of SHA-256. */
export const uploadIdOfKey = (tenant: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['upload', tenant, key]))
    .digest('hex')
    .slice(0, 32);
