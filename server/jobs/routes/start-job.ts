import { Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { WebhookRules } from '../../../contracts/messages/webhook-url';
import type { Jobs } from '../jobs';
import { methodNotAllowed, Problem } from '../../http/problem';
import { createStartJobReader, readIdempotencyKey } from '../../http/requests';

/** `POST /start-job`: 202 with a Location for a new job, 200 with the same answer for a repeated Idempotency-Key. */
export function startJobRoutes(
  jobs: Jobs,
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
    .post(limited, async (request, response) => {
      const key = readIdempotencyKey(request.get('Idempotency-Key'));
      const { job, isNew } = await jobs.start(readRequest(request.body), key);
      response
        .status(isNew ? 202 : 200)
        .location(job.statusUrl)
        .json(job);
    })
    .all(methodNotAllowed('POST'));
  return router;
}
