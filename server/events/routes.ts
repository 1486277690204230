import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Caller } from '../http/context';
import { route, SENT, type Route } from '../http/route';
import { JOB_PARAMS } from '../jobs/schemas';
import { EVENT_STREAM_HEADERS, sendEvents, type Source } from './event-stream';
import type { Events } from './events';
import type { OpenStreams } from './open-streams';
import type { Streaming } from './streaming';

const TAG = 'Events';

/** Jobs that one listener may name; more are heard of by listening to all. */
const MAX_NAMED_JOBS = 50;
const LISTEN_QUERY = z.strictObject({
  job: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('A job to hear of, given once or several times; all jobs where it is left out')
    .transform((jobs) => [...new Set([jobs ?? []].flat())])
    .pipe(
      z
        .array(z.string())
        .max(MAX_NAMED_JOBS, `must be given ${MAX_NAMED_JOBS} times at most; leave it out to hear of all jobs`),
    ),
});

const LISTEN_HEADERS = z.object({
  'last-event-id': z.string().optional().describe('What the listener has heard, as browsers send it when they return'),
});

const STREAM = { description: 'Server-sent events, one snapshot each', mediaType: 'text/event-stream' } as const;

/** Snapshots of jobs as server-sent events. */
export const eventRoutes = (events: Events, streams: OpenStreams, streaming: Streaming): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/events',
      operation: 'listenToJob',
      tag: TAG,
      summary: 'What a job does, until after its end',
      scope: 'read',
      params: JOB_PARAMS,
      headers: LISTEN_HEADERS,
      answers: {
        200: STREAM,
        204: { description: 'The listener has heard all that there is, and need not come again' },
      },
      problems: ['JOB_NOT_FOUND', 'JOB_ERASED', 'TOO_MANY_STREAMS', 'OVERLOADED'],
      isStream: true,
    },
    (call) =>
      sendStream(streams, streaming, call, () =>
        events.ofJob(call.caller, call.params.jobId, call.headers['last-event-id']),
      ),
  ),
  route(
    {
      method: 'get',
      path: '/v1/events',
      operation: 'listenToJobs',
      tag: TAG,
      summary: 'What all jobs do, or those that are named',
      scope: 'read',
      query: LISTEN_QUERY,
      headers: LISTEN_HEADERS,
      answers: { 200: STREAM },
      problems: ['JOB_NOT_FOUND', 'JOB_ERASED', 'TOO_MANY_STREAMS', 'OVERLOADED'],
      isStream: true,
    },
    (call) =>
      sendStream(streams, streaming, call, () =>
        events.ofTenant(call.caller, call.query.job, call.headers['last-event-id']),
      ),
  ),
];

/**
 * Answers with what `open` gives as a stream; 204 where it gives null, after which browsers do not come again. HEAD is
 * answered with the headers alone.
 */
export async function sendStream(
  streams: OpenStreams,
  streaming: Streaming,
  { caller, request, response }: { readonly caller: Caller; readonly request: Request; readonly response: Response },
  open: () => Promise<Source | null>,
): Promise<typeof SENT> {
  const place = streams.enter(caller.tenant);
  response.on('close', place.leave);
  let source: Source | null;
  try {
    source = await open();
  } catch (error) {
    place.leave();
    throw error;
  }
  if (source === null) response.status(204).end();
  else if (request.method === 'HEAD') {
    source.close();
    response.writeHead(200, EVENT_STREAM_HEADERS).end();
  } else place.endsWith(sendEvents(request, response, source, streaming));
  return SENT;
}
