import { Router, type Request, type RequestHandler, type Response } from 'express';
import { callerOf } from '../http/context';
import { methodNotAllowed } from '../http/problem';
import { readListen } from '../http/requests';
import { EVENT_STREAM_HEADERS, sendEvents, type Source } from './event-stream';
import type { Events } from './events';
import type { OpenStreams } from './open-streams';
import type { Streaming } from './streaming';

/** `GET /v1/jobs/:id/events` and `GET /v1/events`: snapshots of jobs as server-sent events. */
export function eventRoutes(events: Events, streams: OpenStreams, streaming: Streaming): Router {
  const router = Router();
  router
    .route('/v1/jobs/:id/events')
    .get(
      streamRoute(streams, streaming, (request, response) =>
        events.ofJob(callerOf(response), String(request.params.id), request.get('Last-Event-ID')),
      ),
    )
    .all(methodNotAllowed('GET'));
  router
    .route('/v1/events')
    .get(
      streamRoute(streams, streaming, (request, response) =>
        events.ofTenant(callerOf(response), readListen(request.query).job, request.get('Last-Event-ID')),
      ),
    )
    .all(methodNotAllowed('GET'));
  return router;
}

/**
 * Answers with what `open` gives as a stream; 204 where it gives null, after which browsers do not come again. HEAD is
 * answered with the headers alone.
 */
export function streamRoute(
  streams: OpenStreams,
  streaming: Streaming,
  open: (request: Request, response: Response) => Promise<Source | null>,
): RequestHandler {
  return async (request, response) => {
    const place = streams.enter(callerOf(response).tenant);
    response.on('close', place.leave);
    let source: Source | null;
    try {
      source = await open(request, response);
    } catch (error) {
      place.leave();
      throw error;
    }
    if (source === null) response.status(204).end();
    else if (request.method === 'HEAD') {
      source.close();
      response.writeHead(200, EVENT_STREAM_HEADERS).end();
    } else place.endsWith(sendEvents(request, response, source, streaming));
  };
}
