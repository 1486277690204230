import { z } from 'zod';
import { SCOPES } from './scopes';
import { list, object } from '../messages/read-only';
import { BUDGET_MONTH } from '../usage/usage-schema';

/** What the API shows of keys, tenants and sessions. */

const time = z.iso.datetime();

const scopes = z.array(z.enum(SCOPES)).readonly();
const keyFields = {
  keyId: z.string(),
  tenant: z.string(),
  name: z.string(),
  prefix: z.string().describe('The first letters of the key, by which a person recognises it'),
  scopes,
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  lastUsedAt: time.nullable().describe('To about a minute'),
};

export const KEY_VIEW = object(keyFields).meta({ id: 'Key', description: 'An API key without the key itself' });

export const NEW_KEY = object({
  ...keyFields,
  key: z
    .string()
    .nullable()
    .describe('Shown this once, and kept nowhere: null in the answer to a repeated Idempotency-Key'),
}).meta({ id: 'NewKey' });

export const TENANT_VIEW = object({
  tenantId: z.string(),
  name: z.string(),
  monthlyBudgetUsd: z.number().nullable().describe('Most that its machines may cost in a month; null = no budget'),
  alertEmail: z
    .string()
    .nullable()
    .describe(
      'Who is told at 50, 80 and 100 % of the budget, and of webhook endpoints that were disabled; null = nobody',
    ),
  month: BUDGET_MONTH,
  inputBuckets: list(z.string())
    .nullable()
    .describe('The only buckets that its photos may come from; null = every bucket of the deployment'),
  createdAt: time,
  closedAt: time.nullable(),
}).meta({ id: 'Tenant' });

export const SESSION_VIEW = object({
  tenant: z.string(),
  scopes,
  expiresAt: time.nullable().describe('Of the session; null where a key or the machine itself lets in'),
}).meta({ id: 'Session', description: 'Who the caller is' });

export const SIGN_IN_LINK = object({
  scopes,
  expiresAt: time.describe('Until when the link may be used'),
}).meta({ id: 'SignInLink', description: 'A link that was mailed: it opens a session, once' });

export type SignInLinkView = z.infer<typeof SIGN_IN_LINK>;
export type KeyView = z.infer<typeof KEY_VIEW>;
/** The first answer, with the key. */
export type NewKey = z.infer<typeof NEW_KEY> & { readonly key: string };
export type TenantView = z.infer<typeof TENANT_VIEW>;
export type SessionView = z.infer<typeof SESSION_VIEW>;
