import { Router } from 'express';
import type { Jobs } from '../jobs';
import { methodNotAllowed } from '../problem';
import { readCancel, readListJobs, readRetry } from '../requests';

/** `/v1/jobs`: what jobs do, and what a person may tell them. */
export function jobRoutes(jobs: Jobs): Router {
  const router = Router();
  router
    .route('/v1/jobs')
    .get(async (request, response) => {
      response.json({ jobs: await jobs.list(readListJobs(request.query)) });
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/jobs/:id')
    .get(async (request, response) => {
      response.json(await jobs.get(request.params.id));
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/jobs/:id/cancel')
    .post(async (request, response) => {
      response.status(202).json(await jobs.cancel(request.params.id, readCancel(request.body)));
    })
    .all(methodNotAllowed('POST'));
  router
    .route('/v1/jobs/:id/retry')
    .post(async (request, response) => {
      response.status(202).json(await jobs.retry(request.params.id, readRetry(request.body)));
    })
    .all(methodNotAllowed('POST'));
  return router;
}
