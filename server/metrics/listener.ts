import { createServer, type Server } from 'node:http';
import type { Logger } from '../../platform/logger';
import type { Metrics } from './metrics';

/** Longest that a reader may take for its request. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Tells metrics at `/metrics` of an address of their own, for Prometheus: whoever reaches it may read them, and no
 * proxy of the API leads there.
 */
export function createMetricsListener(metrics: Metrics, logger: Logger): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
      return;
    }
    metrics.told().then(
      ({ text, mediaType }) => response.writeHead(200, { 'content-type': mediaType }).end(text),
      (error: unknown) => {
        logger.error({ err: error }, 'metrics cannot be told');
        response.writeHead(500).end();
      },
    );
  });
  server.on('error', (error) => logger.error({ err: error }, 'metrics cannot be listened for'));
  return server;
}
