import { z } from 'zod';
import { rateLimit } from 'express-rate-limit';
import type { Request, RequestHandler } from 'express';
import { ACCEPTED_MESSAGE, ERASURE, JOB_LIST, STARTED_JOB } from '../../contracts/job/view-schema';
import type { SignalName } from '../../contracts/messages/signals';
import type { WebhookRules } from '../../contracts/messages/webhook-url';
import type { PreviewFile } from '../../contracts/storage/layout';
import { sendFileHead } from '../files/file-head';
import type { FileUse } from '../files/download-name';
import { FILE_HEADS, TO_SIGNED_LINK } from '../files/routes';
import { publishedFile } from '../files/published-file';
import { tooMany } from '../access/too-many';
import type { ProblemCode } from '../http/problem';
import { NO_BODY } from '../http/request-schemas';
import { route, SENT, type Route } from '../http/route';
import { LASTING_KEY_HEADERS } from '../idempotency/header';
import type { EraseJob } from './erase';
import type { Tell } from './messages';
import type { ReadJobs } from './read';
import { ACCEPT, CANCEL, JOB_PARAMS, LIST_QUERY, RETRY, startJobSchema } from './schemas';
import type { ChangeJob } from './settings/change-job';
import { settingsRoutes } from './settings/routes';
import type { StartJob } from './start';

interface JobRouteDeps {
  readonly jobs: ReadJobs;
  readonly start: StartJob;
  readonly tell: Tell;
  readonly change: ChangeJob;
  readonly erase: EraseJob;
  readonly startsPerMinute: number;
  readonly webhooks: WebhookRules;
}

/** A job that a caller names may be another's, erased, or unknown. */
const OF_A_JOB = ['JOB_NOT_FOUND', 'JOB_ERASED'] as const satisfies readonly ProblemCode[];
const TAG = 'Jobs';

/** Starting jobs, what they do, what a person may tell them, and what they made. */
export const jobRoutes = (deps: JobRouteDeps): Route[] => [
  ...startRoutes(deps),
  ...readRoutes(deps),
  ...settingsRoutes(deps.jobs, deps.change),
  ...messageRoutes(deps),
  ...fileRoutes(deps),
];

/** What may be wrong with photos that a job is asked for, or with asking. */
export const PROBLEMS_OF_STARTS = [
  'INVALID_S3_URL',
  'BUCKET_NOT_ALLOWED',
  'INPUT_FORBIDDEN',
  'BUDGET_EXHAUSTED',
  'UPLOAD_NOT_FOUND',
  'UPLOAD_INCOMPLETE',
  'UPLOAD_EXPIRED',
  'IDEMPOTENCY_KEY_REUSED',
  'RATE_LIMITED',
] as const satisfies readonly ProblemCode[];

/** A limit of its own for one route that starts things. */
export const startLimit = (perMinute: number, things: string): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: tooMany(`one address may start ${perMinute} ${things} a minute; wait and try again`),
  });

function startRoutes({ start, startsPerMinute, webhooks }: JobRouteDeps): Route[] {
  const limited = startLimit(startsPerMinute, 'jobs');
  const body = startJobSchema(webhooks);
  const location = { Location: 'Address of the job' };
  const at = (path: string, operation: string, summary: string) =>
    route(
      {
        method: 'post',
        path,
        operation,
        tag: TAG,
        summary,
        description:
          'The workflow of the job has started when this answers. A repeated `Idempotency-Key` with the same body ' +
          'answers with the same job and status 200.',
        scope: 'write',
        headers: LASTING_KEY_HEADERS,
        body,
        example: { s3Url: 's3://photos/my-flight/', email: 'pilot@example.com', preset: 'preview' },
        before: [limited],
        answers: {
          202: { description: 'The job has started', schema: STARTED_JOB, headers: location },
          200: { description: 'The job had been started under this key', schema: STARTED_JOB, headers: location },
        },
        problems: PROBLEMS_OF_STARTS,
      },
      async ({ caller, body: request, headers }) => {
        const { job, isNew } = await start(caller, request, headers['idempotency-key'] ?? null);
        return { status: isNew ? 202 : 200, body: job, headers: { Location: job.statusUrl } };
      },
    );
  return [
    at('/v1/jobs', 'createJob', 'Start a job'),
    at('/start-job', 'startJob', 'Start a job: the short form of POST /v1/jobs'),
  ];
}

const readRoutes = ({ jobs, erase }: JobRouteDeps): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs',
      operation: 'listJobs',
      tag: TAG,
      summary: 'Jobs, the newest first',
      scope: 'read',
      query: LIST_QUERY,
      answers: { 200: { description: 'A page of the list', schema: JOB_LIST } },
    },
    async ({ caller, query: { state, batch, createdAfter, createdBefore, ...filter } }) => ({
      status: 200,
      body: await jobs.list(caller, {
        ...filter,
        states: state ?? [],
        batchId: batch,
        createdAfterMs: createdAfter,
        createdBeforeMs: createdBefore,
      }),
    }),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/jobs/{jobId}',
      operation: 'eraseJob',
      tag: TAG,
      summary: 'Erase an ended job',
      scope: 'write',
      params: JOB_PARAMS,
      body: NO_BODY,
      answers: { 202: { description: 'Erasing has started', schema: ERASURE } },
      problems: [...OF_A_JOB, 'JOB_RUNNING'],
    },
    async ({ caller, params }) => ({ status: 202, body: await erase(caller, params.jobId) }),
  ),
];

/** The body of each message that has an address of its own, and what may stand in its way. */
const MESSAGES: Readonly<
  Record<
    Exclude<SignalName, 'change'>,
    {
      readonly summary: string;
      readonly body: z.ZodType;
      readonly example?: object;
      readonly problems: readonly ProblemCode[];
    }
  >
> = {
  cancel: {
    summary: 'Cancel a job',
    body: CANCEL,
    example: { reason: 'wrong field', by: 'Ada' },
    problems: ['JOB_ENDED'],
  },
  retry: {
    summary: 'Retry a parked, failed or cancelled job, or make other files of the model of one that has succeeded',
    body: RETRY,
    example: { fromStage: 'training', budgetUsd: 5, options: { maxGaussians: 200_000 } },
    problems: [
      'BUDGET_EXHAUSTED',
      'JOB_ENDED',
      'NOT_PARKED',
      'STAGE_NOT_REACHED',
      'RETRY_REJECTED',
      'FILES_BEING_DELETED',
    ],
  },
  accept: {
    summary: 'Accept a result that the job asks about',
    body: ACCEPT,
    example: { by: 'Ada' },
    problems: ['JOB_ENDED', 'NOT_WAITING_FOR_DECISION'],
  },
  pause: { summary: 'Pause a job before its next stage', body: NO_BODY, problems: ['JOB_ENDED', 'CANNOT_PAUSE'] },
  resume: { summary: 'Resume a paused job', body: NO_BODY, problems: ['JOB_ENDED', 'NOT_PAUSED'] },
};

const messageRoutes = ({ tell }: JobRouteDeps): Route[] =>
  (Object.keys(MESSAGES) as (keyof typeof MESSAGES)[]).map((name) =>
    route(
      {
        method: 'post',
        path: `/v1/jobs/{jobId}/${name}`,
        operation: `${name}Job`,
        tag: TAG,
        summary: MESSAGES[name].summary,
        scope: 'write',
        params: JOB_PARAMS,
        body: MESSAGES[name].body,
        example: MESSAGES[name].example,
        answers: { 202: { description: 'The job has been told', schema: ACCEPTED_MESSAGE } },
        problems: [...OF_A_JOB, ...MESSAGES[name].problems],
      },
      async ({ caller, params, body }) => ({ status: 202, body: await tell(caller, params.jobId, name, body) }),
    ),
  );

const FILE_PARAMS = JOB_PARAMS.extend({ file: z.string().describe('A name of the result, such as `scene.sog`') });
const FILE_QUERY = z.object({ inline: z.string().optional().describe('Shown in place instead of saved') });

/** A page asks before there is anything: that is no error, of which browsers would tell. */
const NOT_YET = { 204: { description: 'Training has not come to its first' } } as const;

const previewRoute = (
  jobs: JobRouteDeps['jobs'],
  file: PreviewFile,
  named: Pick<Route, 'path' | 'operation' | 'summary'>,
): Route =>
  route(
    {
      ...named,
      method: 'get',
      tag: TAG,
      scope: 'read',
      params: JOB_PARAMS,
      answers: { 204: NOT_YET[204], 302: TO_SIGNED_LINK[302] },
      problems: [...OF_A_JOB, 'ARTIFACT_NOT_FOUND'],
    },
    async ({ caller, params: { jobId } }) => {
      const link = await jobs.preview(caller, jobId, file);
      return link === null ? { status: 204 } : { status: 302, headers: { Location: link } };
    },
  );

const fileRoutes = ({ jobs }: JobRouteDeps): Route[] => [
  previewRoute(jobs, 'picture.jpg', {
    path: '/v1/jobs/{jobId}/preview',
    operation: 'getPreview',
    summary: 'A picture of the scene as it is being trained',
  }),
  previewRoute(jobs, 'scene.sog', {
    path: '/v1/jobs/{jobId}/preview/scene.sog',
    operation: 'getPreviewScene',
    summary: 'The scene as it is being trained, a `.sog` without harmonics',
  }),
  route(
    {
      method: 'head',
      path: '/v1/jobs/{jobId}/preview/scene.sog',
      operation: 'headPreviewScene',
      tag: TAG,
      summary: 'Size and version of the scene as it is being trained',
      scope: 'read',
      params: JOB_PARAMS,
      answers: { ...FILE_HEADS, ...NOT_YET },
      problems: [...OF_A_JOB, 'ARTIFACT_NOT_FOUND'],
    },
    async ({ caller, params: { jobId }, request, response }) => {
      const head = await jobs.previewHead(caller, jobId, 'scene.sog');
      if (head === null) return { status: 204 };
      sendFileHead(request, response, head);
      return SENT;
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/poster',
      operation: 'getPoster',
      tag: TAG,
      summary: 'The picture of the scene, as the smallest file that there is of it',
      scope: 'read',
      params: JOB_PARAMS,
      answers: TO_SIGNED_LINK,
      problems: [...OF_A_JOB, 'ARTIFACT_NOT_FOUND'],
    },
    async ({ caller, params: { jobId } }) => ({
      status: 302,
      headers: { Location: await jobs.poster(caller, jobId) },
    }),
  ),
  // A redirect to a signed link, so that large files never pass through this server.
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/artifacts/{file*}',
      operation: 'getArtifact',
      tag: TAG,
      summary: 'A published file',
      scope: 'read',
      params: FILE_PARAMS,
      query: FILE_QUERY,
      answers: TO_SIGNED_LINK,
      problems: [...OF_A_JOB, 'ARTIFACT_NOT_FOUND'],
    },
    async ({ caller, params: { jobId, file }, request }) => ({
      status: 302,
      headers: { Location: await jobs.artifact(caller, jobId, publishedFile(file), useOf(request)) },
    }),
  ),
  route(
    {
      method: 'head',
      path: '/v1/jobs/{jobId}/artifacts/{file*}',
      operation: 'headArtifact',
      tag: TAG,
      summary: 'Size, type and version of a published file',
      scope: 'read',
      params: FILE_PARAMS,
      query: FILE_QUERY,
      answers: FILE_HEADS,
      problems: [...OF_A_JOB, 'ARTIFACT_NOT_FOUND'],
    },
    async ({ caller, params: { jobId, file }, request, response }) => {
      sendFileHead(request, response, await jobs.artifactHead(caller, jobId, publishedFile(file), useOf(request)));
      return SENT;
    },
  ),
];

const useOf = ({ query }: Pick<Request, 'query'>): FileUse => (query.inline === undefined ? 'save' : 'show');
