import { z } from 'zod';
import { SHARE_DETAILS, SHARE_SCOPES } from '../../contracts/access/scopes';
import { NEW_SHARE, SHARE_LIST, SHARE_PAGE, SHARE_VIEW } from '../../contracts/access/share-schema';
import type { ProblemCode } from '../http/problem';
import { NO_BODY, pageFields, strictBody } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { JOB_PARAMS } from '../jobs/schemas';
import type { ShareDesk } from './shares';

const OF_A_JOB = ['JOB_NOT_FOUND', 'JOB_ERASED'] as const satisfies readonly ProblemCode[];
const AT_SHARES = { path: '/v1/jobs/{jobId}/shares', tag: 'Shares', params: JOB_PARAMS } as const;

const PAGE_QUERY = z.strictObject({
  ...pageFields(50),
});

/** Links to a job for people without a key, as those make them who have one. */
export const shareRoutes = (desk: ShareDesk): Route[] => [
  route(
    {
      ...AT_SHARES,
      method: 'post',
      operation: 'createShare',
      summary: 'Make a link to a job for people without a key; it is shown once',
      scope: 'write',
      body: strictBody({
        scopes: z
          .array(z.enum(SHARE_SCOPES))
          .max(SHARE_SCOPES.length)
          .default(['view'])
          .describe('Beside `view`, which every link allows'),
        shows: z.array(z.enum(SHARE_DETAILS)).max(SHARE_DETAILS.length).default([]).describe('Details switched on'),
        expiresAt: z.iso
          .datetime({ error: 'must be a time such as 2027-01-31T12:00:00Z' })
          .nullable()
          .default(null)
          .describe('Null: never'),
      }),
      example: { scopes: ['view', 'measure'], expiresAt: '2099-01-31T12:00:00Z' },
      idempotent: { secrets: ['token', 'url', 'apiUrl'] },
      answers: { 201: { description: 'The link', schema: NEW_SHARE } },
      problems: OF_A_JOB,
    },
    async ({ caller, params, body }) => ({ status: 201, body: await desk.create(caller, params.jobId, body) }),
  ),
  route(
    {
      ...AT_SHARES,
      method: 'get',
      operation: 'listShares',
      summary: 'The links to a job, expired and revoked ones too',
      scope: 'read',
      answers: { 200: { description: 'Without their tokens', schema: SHARE_LIST } },
      problems: OF_A_JOB,
    },
    async ({ caller, params }) => ({ status: 200, body: { shares: await desk.list(caller, params.jobId) } }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/shares',
      tag: 'Shares',
      operation: 'listAllShares',
      summary: 'The links to all jobs, expired and revoked ones too',
      scope: 'read',
      query: PAGE_QUERY,
      answers: { 200: { description: 'Without their tokens', schema: SHARE_PAGE } },
    },
    async ({ caller, query }) => ({ status: 200, body: await desk.page(caller, query) }),
  ),
  route(
    {
      ...AT_SHARES,
      method: 'delete',
      path: '/v1/jobs/{jobId}/shares/{shareId}',
      operation: 'revokeShare',
      summary: 'Revoke a link',
      scope: 'write',
      params: JOB_PARAMS.extend({ shareId: z.string() }),
      body: NO_BODY,
      answers: { 200: { description: 'The link, revoked now or earlier', schema: SHARE_VIEW } },
      problems: [...OF_A_JOB, 'SHARE_NOT_FOUND'],
    },
    async ({ caller, params: { jobId, shareId } }) => ({
      status: 200,
      body: await desk.revoke(caller, jobId, shareId),
    }),
  ),
];
