import type { Db } from './database';

/** Things that are kept in S3 too, so that the database can be rebuilt from there. */
export const REGISTERED_KINDS = ['tenants', 'keys', 'endpoints', 'shares', 'annotations'] as const;
export type RegisteredKind = (typeof REGISTERED_KINDS)[number];

/** One of them; a tenant is its own. */
export interface RegisteredId {
  readonly kind: RegisteredKind;
  readonly tenant: string;
  /** '' where it belongs to no job. */
  readonly jobId: string;
  readonly id: string;
}

/** Makes a change of one registered thing, in a transaction, and sees to it that S3 gets it too. */
export type ChangeRegistered = <T>(what: RegisteredId, change: (db: Db) => Promise<T>) => Promise<T>;
