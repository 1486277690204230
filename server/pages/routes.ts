import { Router } from 'express';
import type { ReadJobs } from '../jobs/read';
import { indexPage } from './index-page';
import { jobPage } from './job-page';
import { callerOf } from '../access/caller';
import { forPeople } from '../http/context';
import { methodNotAllowed } from '../http/problem';
import { atPublicAddress } from '../http/security';
import { signedInOnly, signInPage } from './sign-in';

/** Pages for people: `/` with the newest jobs, `/jobs/:id` with one job and its scene. */
export function pageRoutes(jobs: ReadJobs, { publicUrl, bucket }: { publicUrl: string; bucket: string }): Router {
  const router = Router();
  router
    .route('/')
    .all(forPeople, atPublicAddress(publicUrl), signedInOnly)
    .get(async (_request, response) => {
      const { jobs: newest } = await jobs.list(callerOf(response), { limit: 20 });
      response.type('html').send(indexPage(newest, { publicUrl, bucket }).toString());
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/jobs/:id')
    .all(forPeople, atPublicAddress(publicUrl), signedInOnly)
    .get(async (request, response) => {
      response.type('html').send(jobPage(await jobs.get(callerOf(response), request.params.id)).toString());
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/sign-in')
    .all(forPeople, atPublicAddress(publicUrl))
    .get((_request, response) => {
      response.type('html').send(signInPage().toString());
    })
    .all(methodNotAllowed('GET'));
  return router;
}
