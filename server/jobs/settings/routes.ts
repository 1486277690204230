import { z } from 'zod';
import { ACCEPTED_MESSAGE, JOB_VIEW } from '../../../contracts/job/view-schema';
import { parseSettings, PRIORITY } from '../../../contracts/messages/settings';
import { MAX_JOB_NAME_LENGTH } from '../../../contracts/job/words';
import { parsedBy } from '../../http/request-schemas';
import { route, type Route } from '../../http/route';
import { NO_WORKER } from '../messages';
import type { ReadJobs } from '../read';
import { JOB_PARAMS } from '../schemas';
import type { ChangeJob } from './change-job';
import { isKnownVersion, jobEtag } from './job-version';

const ETAG = { ETag: 'The version of this answer' };
const OF_A_JOB = ['JOB_NOT_FOUND', 'JOB_ERASED'] as const;

/** By the parser that signals go through too. */
const SETTINGS = parsedBy(parseSettings, {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    name: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: MAX_JOB_NAME_LENGTH,
      description: 'In one line; null = named after the place of its photos',
    },
    priority: { type: 'integer', minimum: PRIORITY.first, maximum: PRIORITY.last },
    startAt: {
      type: ['string', 'null'],
      format: 'date-time',
      description: 'Until the job has begun: another time, at most a year ahead; null = now',
    },
  },
});

/** A job as a version that can be asked for again, and compared when it is changed. */
export const settingsRoutes = (jobs: ReadJobs, change: ChangeJob): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}',
      operation: 'getJob',
      tag: 'Jobs',
      summary: 'A job',
      scope: 'read',
      params: JOB_PARAMS,
      headers: z.object({ 'if-none-match': z.string().optional().describe('The `ETag` of an earlier answer') }),
      answers: {
        200: { description: 'The job', schema: JOB_VIEW, headers: ETAG },
        304: { description: 'It is as it was in the answer that `If-None-Match` names', headers: ETAG },
      },
      problems: OF_A_JOB,
    },
    async ({ caller, params: { jobId }, headers, response }) => {
      const job = await jobs.get(caller, jobId);
      const etag = jobEtag(job);
      // Kept by its reader alone, and asked for again each time.
      response.set('Cache-Control', 'private, no-cache').set('ETag', etag);
      return isKnownVersion(headers['if-none-match'], etag) ? { status: 304 } : { status: 200, body: job };
    },
  ),
  route(
    {
      method: 'patch',
      path: '/v1/jobs/{jobId}',
      operation: 'changeJob',
      tag: 'Jobs',
      summary: 'Change name, priority or start of a job',
      description:
        'Name and priority at any time, also after its end; a new priority is that of what the job does from then on. ' +
        '`If-Match` with the `ETag` of an earlier answer changes the job only where nobody else has changed these ' +
        'fields since; what the job has done meanwhile does not count.',
      scope: 'write',
      params: JOB_PARAMS,
      headers: z.object({ 'if-match': z.string().optional().describe('The `ETag` of an earlier answer') }),
      body: SETTINGS,
      example: { name: 'Quarry, north face', priority: 1 },
      answers: {
        200: { description: 'The job', schema: JOB_VIEW, headers: ETAG },
        202: { description: 'The change is kept, and made as soon as a worker answers', schema: ACCEPTED_MESSAGE },
      },
      problems: [...OF_A_JOB, 'JOB_STARTED', 'PRECONDITION_FAILED'],
    },
    async ({ caller, params: { jobId }, headers, body: to }) => {
      const outcome = await change(caller, jobId, to, headers['if-match'] ?? null);
      const job = await jobs.get(caller, jobId);
      if (outcome === 'kept') return { status: 202, body: { jobId, state: job.state, note: NO_WORKER } };
      return { status: 200, body: job, headers: { ETag: jobEtag(job) } };
    },
  ),
];
