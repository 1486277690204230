import { Router } from 'express';
import { isResultFile } from '../../../contracts/storage/layout';
import type { Jobs } from '../jobs';
import { methodNotAllowed, Problem } from '../../http/problem';
import { viewerSettings } from '../../pages/viewer-settings';

/** Published files: a redirect to a signed link, so that large ones never pass through this server. */
export function artifactRoutes(jobs: Jobs): Router {
  const router = Router();
  router
    .route('/v1/jobs/:id/artifacts/:file')
    .get(async (request, response) => {
      const { id, file } = request.params;
      if (!isResultFile(file))
        throw new Problem('ARTIFACT_NOT_FOUND', 'no job publishes a file of that name; GET /v1/jobs/<id> lists them');
      response.redirect(302, await jobs.artifact(id, file, request.query.inline !== undefined));
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/jobs/:id/viewer-settings.json')
    .get(async (request, response) => {
      response.json(viewerSettings(await jobs.resultJson(request.params.id, 'cameras.json')));
    })
    .all(methodNotAllowed('GET'));
  return router;
}
