import { Router } from 'express';

/** Names of the services that do not answer; empty when the server can work. */
export type Readiness = () => Promise<readonly string[]>;

/** `/healthz`: the process lives. `/readyz`: it can do its work. Load balancers ask both, under any host name. */
export function healthRoutes(readiness: Readiness): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const missing = await readiness();
    response
      .status(missing.length === 0 ? 200 : 503)
      .json({ status: missing.length === 0 ? 'ready' : 'not ready', missing });
  });
  return router;
}
