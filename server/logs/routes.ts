import { pipeline } from 'node:stream/promises';
import { LOG_VIEW } from '../../contracts/messages/log-view-schema';
import type { OpenStreams } from '../events/open-streams';
import { sendStream } from '../events/routes';
import type { Streaming } from '../events/streaming';
import type { ProblemCode } from '../http/problem';
import { route, SENT, type Route } from '../http/route';
import { JOB_PARAMS } from '../jobs/schemas';
import { parseCursor } from './log-cursor';
import type { ListenToLog } from './log-streams';
import type { ReadLogs } from './read-logs';
import { LOG_PAGE_QUERY, LOG_QUERY, LOG_STREAM_HEADERS, LOG_STREAM_QUERY } from './schemas';

const TAG = 'Logs';
const OF_A_LOG = ['JOB_NOT_FOUND', 'JOB_ERASED', 'LOG_NOT_FOUND'] as const satisfies readonly ProblemCode[];

/** What the programs of a job have printed, as pages, as a stream, and whole. */
export const logRoutes = (
  logs: ReadLogs,
  listen: ListenToLog,
  { streams, streaming }: { readonly streams: OpenStreams; readonly streaming: Streaming },
): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/logs',
      operation: 'getLog',
      tag: TAG,
      summary: 'A page of what a program has printed',
      scope: 'read',
      params: JOB_PARAMS,
      query: LOG_PAGE_QUERY,
      answers: { 200: { description: 'Lines that follow each other', schema: LOG_VIEW } },
      problems: [...OF_A_LOG, 'OVERLOADED'],
    },
    async ({ caller, params: { jobId }, query: { after, limit, ...attempt } }) => ({
      status: 200,
      body: await logs.page(caller, jobId, attempt, { after, limit }),
    }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/logs/stream',
      operation: 'listenToLog',
      tag: TAG,
      summary: 'What a program prints, as it does',
      description: 'The newest lines first, 1000 at most; then each as it comes, until `event: end`.',
      scope: 'read',
      params: JOB_PARAMS,
      query: LOG_STREAM_QUERY,
      headers: LOG_STREAM_HEADERS,
      answers: {
        200: { description: 'Server-sent events with some lines each', mediaType: 'text/event-stream' },
        204: { description: 'The listener has the last line, and need not come again' },
      },
      problems: [...OF_A_LOG, 'TOO_MANY_STREAMS', 'OVERLOADED'],
      isStream: true,
    },
    (call) => {
      const { after, ...attempt } = call.query;
      const place = parseCursor(call.headers['last-event-id'] ?? '') ?? after ?? null;
      return sendStream(streams, streaming, call, () => listen(call.caller, call.params.jobId, attempt, place));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/jobs/{jobId}/logs/download',
      operation: 'downloadLog',
      tag: TAG,
      summary: 'All that a program has printed',
      scope: 'read',
      params: JOB_PARAMS,
      query: LOG_QUERY,
      answers: {
        200: { description: 'A line for each, with its time before it', mediaType: 'text/plain; charset=utf-8' },
      },
      problems: OF_A_LOG,
    },
    async ({ caller, params: { jobId }, query, request, response }) => {
      const { name, content } = await logs.whole(caller, jobId, query);
      response.attachment(name).type('text/plain; charset=utf-8');
      if (request.method === 'HEAD') {
        content.destroy();
        response.end();
      }
      // A client that has gone, or a log that cannot be read on, cuts the answer: nobody takes it for a whole one.
      else await pipeline(content, response).catch(() => response.destroy());
      return SENT;
    },
  ),
];
