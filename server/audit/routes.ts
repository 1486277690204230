import { z } from 'zod';
import { AUDIT_LIST } from '../../contracts/access/audit-schema';
import { isAuditCursor, type AuditLog } from '../../platform/audit/audit-log';
import { reached } from '../http/availability';
import { invalidRequest, pageFields } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import type { JobLookup } from '../jobs/lookup';
import { JOB_PARAMS } from '../jobs/schemas';

const PAGE_QUERY = z.strictObject({
  ...pageFields(50),
});

/** Who did what to a job. */
export const auditRoutes = (lookup: JobLookup, log: Pick<AuditLog, 'page'>): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/audit',
      operation: 'listAudit',
      tag: 'Jobs',
      summary: 'What was done to a job, and by whom; the newest first',
      description:
        'Through the API, by batches and schedules, and by upkeep. Kept with the job and erased with it. What people do at Temporal is not among it.',
      scope: 'read',
      params: JOB_PARAMS,
      query: PAGE_QUERY,
      answers: { 200: { description: 'A page of the list', schema: AUDIT_LIST } },
      problems: ['JOB_NOT_FOUND', 'JOB_ERASED'],
    },
    async ({ caller, params: { jobId }, query: { cursor = null, limit } }) => {
      if (cursor !== null && !isAuditCursor(cursor))
        throw invalidRequest([{ field: 'cursor', message: 'must be nextCursor of the page before' }]);
      await lookup.record(caller, jobId);
      return { status: 200, body: await reached('The storage', log.page(jobId, cursor, limit)) };
    },
  ),
];
