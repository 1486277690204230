import { z } from 'zod';
import { REGISTERED_ENDPOINT } from '../../../contracts/webhooks/registered-endpoint-schema';
import type { Db } from '../database';

/**
 * Things that are kept in S3 too, so that the database can be rebuilt from there: what is written of each. Columns that
 * a newer version adds need a default here.
 */
export const REGISTERED = {
  tenants: z.object({
    id: z.string(),
    name: z.string(),
    limits: z.string(),
    monthlyBudgetUsd: z.number().nullable(),
    alertEmail: z.string().nullable().default(null),
    createdAtMs: z.number(),
    closedAtMs: z.number().nullable(),
  }),
  /** Without its last use, of which there may be one a minute. */
  keys: z.object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    prefix: z.string(),
    hash: z.string(),
    scopes: z.string(),
    createdAtMs: z.number(),
    expiresAtMs: z.number().nullable(),
    revokedAtMs: z.number().nullable(),
  }),
  endpoints: REGISTERED_ENDPOINT,
  shares: z.object({
    id: z.string(),
    tenant: z.string(),
    jobId: z.string(),
    tokenHash: z.string(),
    scopes: z.string(),
    shows: z.string(),
    createdAtMs: z.number(),
    expiresAtMs: z.number().nullable(),
    revokedAtMs: z.number().nullable(),
  }),
  annotations: z.object({
    tenant: z.string(),
    jobId: z.string(),
    id: z.string(),
    body: z.string(),
    version: z.number(),
    createdAtMs: z.number(),
    updatedAtMs: z.number(),
  }),
} as const;

export type RegisteredKind = keyof typeof REGISTERED;
export const REGISTERED_KINDS = Object.keys(REGISTERED) as readonly RegisteredKind[];

/** Kinds of which each thing belongs to a job. */
export const isOfJob = (kind: RegisteredKind): boolean => 'jobId' in REGISTERED[kind].shape;

/** One of them; a tenant is its own. */
export interface RegisteredId {
  readonly kind: RegisteredKind;
  readonly tenant: string;
  /** '' where it belongs to no job. */
  readonly jobId: string;
  readonly id: string;
}

/**
 * Makes a change of one registered thing, in a transaction, and sees to it that S3 gets it too. A change that returns
 * null, false or `changed` has changed nothing.
 */
export type ChangeRegistered = <T>(what: RegisteredId, change: (db: Db) => Promise<T>) => Promise<T>;
