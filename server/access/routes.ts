import { z } from 'zod';
import { SCOPES } from '../../contracts/access/scopes';
import { KEY_VIEW, NEW_KEY, TENANT_VIEW } from '../../contracts/access/view-schema';
import { emailSchema, jobNameSchema } from '../jobs/schemas';
import { NO_BODY, strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import type { KeyAdministration } from './keys';
import type { TenantAdministration } from './tenants';

export const TAG = 'Access';

const tenantId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, 'must be 2 to 40 small letters, digits and dashes, a letter first')
  .describe('Small letters, digits and dashes');
const OF_TENANT = z.strictObject({
  tenant: tenantId.optional().describe("The caller's own where it is left out; others for operators"),
});
const alertEmail = emailSchema
  .nullable()
  .describe('Who is told at 50, 80 and 100 % of the budget, and of webhook endpoints that were disabled');
const usd = z.number().min(0).max(1_000_000).nullable();
const MAX_BUCKETS = 100;
const inputBuckets = z
  .array(z.string().min(3).max(63))
  .max(MAX_BUCKETS)
  .nullable()
  .describe('Of those that the deployment reads: the only ones that photos may come from, beside uploads; null = all');

/** Keys and tenants. */
export const accessRoutes = (keys: KeyAdministration, tenants: TenantAdministration): Route[] => [
  ...keyRoutes(keys),
  ...tenantRoutes(tenants),
];

const keyRoutes = (keys: KeyAdministration): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/keys',
      operation: 'createKey',
      tag: TAG,
      summary: 'Make an API key, which is shown once',
      scope: 'admin',
      body: strictBody({
        name: jobNameSchema.describe('What it is for'),
        scopes: z.array(z.enum(SCOPES)).min(1, 'must name one at least').max(SCOPES.length),
        expiresAt: z.iso.datetime({ error: 'must be a time such as 2027-01-31T12:00:00Z' }).nullable().default(null),
        tenant: tenantId.nullable().default(null),
      }),
      example: { name: 'upload script', scopes: ['read', 'write'] },
      idempotent: { secrets: ['key'] },
      answers: { 201: { description: 'The key', schema: NEW_KEY } },
      problems: ['TENANT_NOT_FOUND'],
    },
    async ({ caller, body }) => ({
      status: 201,
      body: await keys.create(caller, { ...body, scopes: SCOPES.filter((scope) => body.scopes.includes(scope)) }),
    }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/keys',
      operation: 'listKeys',
      tag: TAG,
      summary: 'The keys of a tenant, expired and revoked ones too',
      scope: 'admin',
      query: OF_TENANT,
      answers: {
        200: { description: 'Newest first', schema: z.object({ keys: z.array(KEY_VIEW).readonly() }).readonly() },
      },
      problems: ['TENANT_NOT_FOUND'],
    },
    async ({ caller, query }) => ({ status: 200, body: { keys: await keys.list(caller, query.tenant ?? null) } }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/keys/{keyId}',
      operation: 'revokeKey',
      tag: TAG,
      summary: 'Revoke a key; its sessions end with it',
      scope: 'admin',
      params: z.object({ keyId: z.string() }),
      query: OF_TENANT,
      body: NO_BODY,
      answers: { 200: { description: 'The key, revoked now or earlier', schema: KEY_VIEW } },
      problems: ['KEY_NOT_FOUND', 'TENANT_NOT_FOUND'],
    },
    async ({ caller, params, query }) => ({
      status: 200,
      body: await keys.revoke(caller, params.keyId, query.tenant ?? null),
    }),
  ),
];

const TENANT_PARAMS = z.object({ tenantId: z.string() });

const tenantRoutes = (tenants: TenantAdministration): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/tenants',
      operation: 'createTenant',
      tag: TAG,
      summary: 'Make a tenant',
      description: 'For operators: administrators of the tenant `local`.',
      scope: 'admin',
      body: strictBody({
        tenantId,
        name: jobNameSchema,
        monthlyBudgetUsd: usd.default(null),
        alertEmail: alertEmail.default(null),
        inputBuckets: inputBuckets.default(null),
      }),
      example: { tenantId: 'acme', name: 'Acme Surveys' },
      idempotent: { secrets: [] },
      answers: { 201: { description: 'The tenant', schema: TENANT_VIEW } },
      problems: ['TENANT_EXISTS'],
    },
    async ({ caller, body: { tenantId: id, ...settings } }) => ({
      status: 201,
      body: await tenants.create(caller, id, settings),
    }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/tenants',
      operation: 'listTenants',
      tag: TAG,
      summary: 'The tenants of this deployment',
      scope: 'admin',
      answers: {
        200: { description: 'By id', schema: z.object({ tenants: z.array(TENANT_VIEW).readonly() }).readonly() },
      },
    },
    async ({ caller }) => ({ status: 200, body: { tenants: await tenants.list(caller) } }),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/tenants/{tenantId}',
      operation: 'changeTenant',
      tag: TAG,
      summary: 'Change the name or the limits of a tenant',
      scope: 'admin',
      params: TENANT_PARAMS,
      body: strictBody({
        name: jobNameSchema.exactOptional(),
        monthlyBudgetUsd: usd.exactOptional(),
        alertEmail: alertEmail.exactOptional(),
        inputBuckets: inputBuckets.exactOptional(),
      }),
      example: { monthlyBudgetUsd: 200 },
      answers: { 200: { description: 'The tenant', schema: TENANT_VIEW } },
      problems: ['TENANT_NOT_FOUND'],
    },
    async ({ caller, params, body }) => ({
      status: 200,
      body: await tenants.update(caller, params.tenantId, body),
    }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/tenants/{tenantId}',
      operation: 'closeTenant',
      tag: TAG,
      summary: 'Close a tenant: its keys and sessions end, its jobs run to their end',
      scope: 'admin',
      params: TENANT_PARAMS,
      body: NO_BODY,
      answers: { 200: { description: 'The tenant', schema: TENANT_VIEW } },
      problems: ['TENANT_NOT_FOUND'],
    },
    async ({ caller, params }) => ({ status: 200, body: await tenants.close(caller, params.tenantId) }),
  ),
];
