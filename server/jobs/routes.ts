import { Router, type Request } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { SignalName } from '../../contracts/messages/signals';
import type { WebhookRules } from '../../contracts/messages/webhook-url';
import { isFolderFile, isResultFile, type PublishedFile } from '../../contracts/storage/layout';
import { callerOf } from '../http/context';
import { sendFileHead } from '../http/file-head';
import { jsonBody } from '../http/json-body';
import { methodNotAllowed, Problem } from '../http/problem';
import {
  createStartJobReader,
  readAccept,
  readCancel,
  readIdempotencyKey,
  readListJobs,
  readNothing,
  readRetry,
} from '../http/requests';
import { viewerSettings } from '../pages/viewer-settings';
import type { EraseJob } from './erase';
import type { Tell } from './messages';
import type { ReadJobs } from './read';
import type { StartJob } from './start';

/** `POST /start-job`: 202 with a Location for a new job, 200 with the same answer for a repeated Idempotency-Key. */
export function startJobRoutes(
  start: StartJob,
  { startsPerMinute, webhooks }: { startsPerMinute: number; webhooks: WebhookRules },
): Router {
  const readRequest = createStartJobReader(webhooks);
  const limited = rateLimit({
    windowMs: 60_000,
    limit: startsPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) =>
      next(new Problem('RATE_LIMITED', `one address may start ${startsPerMinute} jobs a minute; wait and try again`)),
  });
  const router = Router();
  router
    .route('/start-job')
    .post(...jsonBody, limited, async (request, response) => {
      const key = readIdempotencyKey(request.get('Idempotency-Key'));
      const { job, isNew } = await start(callerOf(response), readRequest(request.body), key);
      response
        .status(isNew ? 202 : 200)
        .location(job.statusUrl)
        .json(job);
    })
    .all(methodNotAllowed('POST'));
  return router;
}

/** `/v1/jobs`: what jobs do, what a person may tell them, and what they made. */
export function jobRoutes(jobs: ReadJobs, tell: Tell, erase: EraseJob): Router {
  const router = Router();
  router
    .route('/v1/jobs')
    .get(async (request, response) => {
      response.json({ jobs: await jobs.list(callerOf(response), readListJobs(request.query)) });
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/jobs/:id')
    .get(async (request, response) => {
      response.json(await jobs.get(callerOf(response), request.params.id));
    })
    .delete(...jsonBody, async (request, response) => {
      readNothing(request.body);
      response.status(202).json(await erase(callerOf(response), request.params.id));
    })
    .all(methodNotAllowed('GET', 'DELETE'));
  for (const name of Object.keys(READ_MESSAGE) as SignalName[]) {
    router
      .route(`/v1/jobs/:id/${name}`)
      .post(...jsonBody, async (request, response) => {
        const payload = READ_MESSAGE[name](request.body);
        response.status(202).json(await tell(callerOf(response), request.params.id, name, payload));
      })
      .all(methodNotAllowed('POST'));
  }
  // GET is a redirect to a signed link, so that large files never pass through this server.
  router
    .route('/v1/jobs/:id/artifacts/*file')
    .head(async (request, response) => {
      const { id, file } = request.params;
      const head = await jobs.artifactHead(callerOf(response), id, publishedFile(file), isInline(request));
      sendFileHead(request, response, head);
    })
    .get(async (request, response) => {
      const { id, file } = request.params;
      response.redirect(302, await jobs.artifact(callerOf(response), id, publishedFile(file), isInline(request)));
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/jobs/:id/viewer-settings.json')
    .get(async (request, response) => {
      const job = [callerOf(response), request.params.id] as const;
      const cameras = await jobs.resultJson(...job, 'cameras.json');
      response.json(viewerSettings(cameras, (await jobs.metrics(...job)).training?.openingView));
    })
    .all(methodNotAllowed('GET'));
  return router;
}

function publishedFile(segments: readonly string[]): PublishedFile {
  const name = segments.join('/');
  if (isResultFile(name) || isFolderFile(name)) return name;
  throw new Problem('ARTIFACT_NOT_FOUND', 'no job publishes a file of that name; GET /v1/jobs/<id> lists them');
}

const isInline = ({ query }: Pick<Request, 'query'>): boolean => query.inline !== undefined;

/** The reader of each message's body. */
const READ_MESSAGE: Readonly<Record<SignalName, (body: unknown) => unknown>> = {
  cancel: readCancel,
  retry: readRetry,
  accept: readAccept,
  pause: readNothing,
  resume: readNothing,
};
