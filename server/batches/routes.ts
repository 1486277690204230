import { MAX_BATCH_JOBS } from '../../contracts/batch/record';
import { ACCEPTED_BATCH_MESSAGE, BATCH_LIST, BATCH_VIEW, STARTED_BATCH } from '../../contracts/batch/view-schema';
import type { WebhookRules } from '../../contracts/messages/webhook-url';
import type { ProblemCode } from '../http/problem';
import { NO_BODY } from '../http/request-schemas';
import { route, type Route } from '../http/route';
import { LASTING_KEY_HEADERS } from '../idempotency/header';
import { PROBLEMS_OF_STARTS, startLimit } from '../jobs/routes';
import { CANCEL } from '../jobs/schemas';
import type { TellBatch } from './messages';
import type { ReadBatches } from './read';
import { BATCH_LIST_QUERY, BATCH_PARAMS, startBatchSchema } from './schemas';
import type { StartBatch } from './start';

export interface BatchRouteDeps {
  readonly start: StartBatch;
  readonly read: ReadBatches;
  readonly tell: TellBatch;
  readonly startsPerMinute: number;
  readonly webhooks: WebhookRules;
}

const TAG = 'Batches';
/** Room for 500 jobs with long addresses and names. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
const LOCATION = { Location: 'Address of the batch' };
const NOT_FOUND = ['BATCH_NOT_FOUND'] as const satisfies readonly ProblemCode[];

/** Several photo sets in one request, and how they stand. */
export const batchRoutes = ({ start, read, tell, startsPerMinute, webhooks }: BatchRouteDeps): Route[] => [
  route(
    {
      method: 'post',
      path: '/v1/batches',
      operation: 'createBatch',
      tag: TAG,
      summary: 'Start a job for each of several photo sets',
      description:
        `Up to ${MAX_BATCH_JOBS} jobs, \`concurrency\` of which work at the same time. A job that fails or waits for a ` +
        'person stops no other and holds no place. One mail tells of all of them at the end. A repeated ' +
        '`Idempotency-Key` with the same body answers with the same batch and status 200.',
      scope: 'write',
      headers: LASTING_KEY_HEADERS,
      body: startBatchSchema(webhooks),
      maxBodyBytes: MAX_BODY_BYTES,
      example: {
        name: 'Village',
        email: 'pilot@example.com',
        preset: 'preview',
        concurrency: 2,
        jobs: [{ s3Url: 's3://photos/church/' }, { s3Url: 's3://photos/mill.zip', name: 'The mill' }],
      },
      before: [startLimit(startsPerMinute, 'batches')],
      answers: {
        202: { description: 'The batch has started', schema: STARTED_BATCH, headers: LOCATION },
        200: { description: 'The batch had been started under this key', schema: STARTED_BATCH, headers: LOCATION },
      },
      problems: PROBLEMS_OF_STARTS,
    },
    async ({ caller, body, headers }) => {
      const { batch, isNew } = await start(caller, body, headers['idempotency-key'] ?? null);
      return { status: isNew ? 202 : 200, body: batch, headers: { Location: batch.statusUrl } };
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/batches',
      operation: 'listBatches',
      tag: TAG,
      summary: 'Batches, the newest first',
      scope: 'read',
      query: BATCH_LIST_QUERY,
      answers: { 200: { description: 'A page of the list', schema: BATCH_LIST } },
    },
    async ({ caller, query }) => ({ status: 200, body: await read.list(caller, query) }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/batches/{batchId}',
      operation: 'getBatch',
      tag: TAG,
      summary: 'A batch with its jobs',
      scope: 'read',
      params: BATCH_PARAMS,
      answers: { 200: { description: 'The batch', schema: BATCH_VIEW } },
      problems: NOT_FOUND,
    },
    async ({ caller, params }) => ({ status: 200, body: await read.get(caller, params.batchId) }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/batches/{batchId}/cancel',
      operation: 'cancelBatch',
      tag: TAG,
      summary: 'Start nothing more, and cancel the jobs that have not ended',
      scope: 'write',
      params: BATCH_PARAMS,
      body: CANCEL,
      example: { reason: 'wrong field', by: 'Ada' },
      answers: { 202: { description: 'The batch has been told', schema: ACCEPTED_BATCH_MESSAGE } },
      problems: [...NOT_FOUND, 'BATCH_ENDED'],
    },
    async ({ caller, params, body }) => ({ status: 202, body: await tell.cancel(caller, params.batchId, body) }),
  ),
  route(
    {
      method: 'post',
      path: '/v1/batches/{batchId}/retry',
      operation: 'retryBatch',
      tag: TAG,
      summary: 'Start again what has failed, is parked, was cancelled or never started',
      description: 'Also after the end of the batch. Jobs continue where they stopped; what has succeeded stays.',
      scope: 'write',
      params: BATCH_PARAMS,
      body: NO_BODY,
      answers: { 202: { description: 'The batch has been told', schema: ACCEPTED_BATCH_MESSAGE } },
      problems: [...NOT_FOUND, 'BATCH_CANCELLING', 'NOTHING_TO_RETRY', 'BUDGET_EXHAUSTED'],
    },
    async ({ caller, params }) => ({ status: 202, body: await tell.retry(caller, params.batchId) }),
  ),
];
