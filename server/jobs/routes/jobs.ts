import { Router } from 'express';
import type { SignalName } from '../../../contracts/messages/signals';
import type { Jobs } from '../jobs';
import { methodNotAllowed } from '../../http/problem';
import { readAccept, readCancel, readListJobs, readNothing, readRetry } from '../../http/requests';

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
    .delete(async (request, response) => {
      readNothing(request.body);
      response.status(202).json(await jobs.erase(request.params.id));
    })
    .all(methodNotAllowed('GET', 'DELETE'));
  for (const name of Object.keys(READ_MESSAGE) as SignalName[]) {
    router
      .route(`/v1/jobs/:id/${name}`)
      .post(async (request, response) => {
        response.status(202).json(await jobs.tell(request.params.id, name, READ_MESSAGE[name](request.body)));
      })
      .all(methodNotAllowed('POST'));
  }
  return router;
}

/** `POST /v1/jobs/:id/<name>`: what a person may tell a job, each with the reader of its body. */
const READ_MESSAGE: Readonly<Record<SignalName, (body: unknown) => unknown>> = {
  cancel: readCancel,
  retry: readRetry,
  accept: readAccept,
  pause: readNothing,
  resume: readNothing,
};
