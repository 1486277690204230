import type { RequestHandler } from 'express';
import { parseTraceparent, TRACE_HEADER } from '../../contracts/tracing/trace-context';
import { within } from '../../platform/tracing/current';
import { newSpanId, newTraceId, type Tracer } from '../../platform/tracing/tracer';
import { contextOf } from '../http/context';
import { routeOf } from './route-name';

/**
 * Makes each request a span, of the trace that its `traceparent` names, or of a new one; streams and what has no route
 * are left out. Whatever is logged meanwhile names the request, and its trace.
 * @param tracer null = nothing is traced
 */
export const traceRequests =
  (tracer: Tracer | null): RequestHandler =>
  (request, response, next) => {
    const { requestId } = contextOf(response);
    if (tracer === null) {
      within({ requestId, span: null }, next);
      return;
    }
    const parent = parseTraceparent(request.get(TRACE_HEADER) ?? '');
    const span = { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId() };
    const startMs = Date.now();
    response.once('close', () => {
      const route = routeOf(request);
      if (route === null || String(response.getHeader('content-type')).startsWith('text/event-stream')) return;
      const { statusCode } = response;
      tracer.record({
        ...span,
        parentSpanId: parent?.spanId ?? null,
        name: `${request.method} ${route}`,
        kind: 'server',
        startMs,
        endMs: Date.now(),
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'http.response.status_code': statusCode,
          'spaceport.request_id': requestId,
          'spaceport.tenant': contextOf(response).caller?.tenant,
        },
        error: statusCode >= 500 ? `status ${statusCode}` : null,
      });
    });
    within({ requestId, span }, next);
  };
