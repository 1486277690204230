import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { FieldProblem } from '../../contracts/messages/parsed';
import type { Logger } from '../../platform/logger';
import { withoutSecrets } from '../access/secrets';
import { contextOf } from './context';
import { problemPage } from '../pages/problem-page';

/** Every problem that the API answers with: stable code, HTTP status, title. The table is the documentation. */
export const PROBLEMS = {
  INVALID_JSON: { status: 400, title: 'The body is not JSON' },
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  INVALID_S3_URL: { status: 400, title: 'The address does not name a place in S3' },
  UNAUTHENTICATED: { status: 401, title: 'A key is needed' },
  BUDGET_EXHAUSTED: { status: 402, title: 'The budget of this month is spent' },
  FORBIDDEN: { status: 403, title: 'The key or the link does not allow this' },
  BUCKET_NOT_ALLOWED: { status: 403, title: 'This deployment does not read that bucket' },
  INPUT_FORBIDDEN: { status: 403, title: 'Photos may not come from there' },
  CROSS_ORIGIN: { status: 403, title: 'Requests from other sites are refused' },
  HOST_NOT_ALLOWED: { status: 403, title: 'This server does not answer under that name' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  KEY_NOT_FOUND: { status: 404, title: 'There is no such key' },
  TENANT_NOT_FOUND: { status: 404, title: 'There is no such tenant' },
  JOB_NOT_FOUND: { status: 404, title: 'There is no such job' },
  SCHEDULE_NOT_FOUND: { status: 404, title: 'There is no such schedule' },
  BATCH_NOT_FOUND: { status: 404, title: 'There is no such batch' },
  ARTIFACT_NOT_FOUND: { status: 404, title: 'The job has no such file' },
  ANNOTATION_NOT_FOUND: { status: 404, title: 'The job has no such annotation' },
  SHARE_NOT_FOUND: { status: 404, title: 'There is no such link' },
  LOG_NOT_FOUND: { status: 404, title: 'The job has no such log' },
  UPLOAD_NOT_FOUND: { status: 404, title: 'There is no such upload' },
  UPLOAD_FILE_NOT_FOUND: { status: 404, title: 'The upload has no such file' },
  MULTIPART_NOT_FOUND: { status: 404, title: 'No parts of this file are under way' },
  ENDPOINT_NOT_FOUND: { status: 404, title: 'There is no such webhook endpoint' },
  DELIVERY_NOT_FOUND: { status: 404, title: 'The webhook endpoint has no such delivery' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address takes another method' },
  TENANT_EXISTS: { status: 409, title: 'There is such a tenant already' },
  JOB_RUNNING: { status: 409, title: 'The job has not ended' },
  JOB_STARTED: { status: 409, title: 'The job has begun' },
  JOB_ENDED: { status: 409, title: 'The job has ended' },
  BATCH_ENDED: { status: 409, title: 'The batch has ended' },
  BATCH_CANCELLING: { status: 409, title: 'The batch is being cancelled' },
  NOTHING_TO_RETRY: { status: 409, title: 'Every job of the batch has succeeded' },
  NOT_PARKED: { status: 409, title: 'The job is not waiting for a retry' },
  STAGE_NOT_REACHED: { status: 409, title: 'The job has not come to that stage' },
  RETRY_REJECTED: { status: 409, title: 'The job does not take this retry' },
  NOT_WAITING_FOR_DECISION: { status: 409, title: 'The job does not ask for a decision' },
  CANNOT_PAUSE: { status: 409, title: 'The job cannot be paused' },
  NOT_PAUSED: { status: 409, title: 'The job is not paused' },
  FILES_BEING_DELETED: { status: 409, title: 'Files of the job are being deleted' },
  UPLOAD_INCOMPLETE: { status: 409, title: 'Not all files of the upload have arrived' },
  UPLOAD_COMPLETE: { status: 409, title: 'The upload is complete' },
  UPLOAD_IN_USE: { status: 409, title: 'A job works with this upload' },
  PARTS_MISSING: { status: 409, title: 'Not all parts of the file have arrived' },
  TOO_MANY_SCHEDULES: { status: 409, title: 'There are as many schedules as there may be' },
  TOO_MANY_ANNOTATIONS: { status: 409, title: 'The job has as many annotations as it may have' },
  TOO_MANY_ENDPOINTS: { status: 409, title: 'The tenant has as many webhook endpoints as it may have' },
  ENDPOINT_DISABLED: { status: 409, title: 'The webhook endpoint is disabled' },
  WEBHOOKS_OFF: { status: 409, title: 'This deployment has no webhook endpoints' },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: 'The first request with this Idempotency-Key is being answered',
    retryAfterSeconds: 1,
  },
  JOB_ERASED: { status: 410, title: 'The job was erased' },
  UPLOAD_EXPIRED: { status: 410, title: 'The time of the upload is over' },
  PRECONDITION_FAILED: { status: 412, title: 'It is another version than the one that was expected' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be JSON' },
  MAIL_REJECTED: { status: 422, title: 'The mail server refuses the mail' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'This Idempotency-Key belongs to another request' },
  TOO_MANY_STREAMS: { status: 429, title: 'Too many streams are open', retryAfterSeconds: 10 },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL_ERROR: { status: 500, title: 'The server failed' },
  UNAVAILABLE: { status: 503, title: 'A service that the server needs does not answer', retryAfterSeconds: 5 },
  OVERLOADED: { status: 503, title: 'The server is asked for more than it can do at once', retryAfterSeconds: 2 },
  NOT_BUILT: { status: 503, title: 'The pages of this server are not built' },
} as const satisfies Record<string, ProblemKind>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

export type ProblemCode = keyof typeof PROBLEMS;

export const isProblemCode = (value: unknown): value is ProblemCode =>
  typeof value === 'string' && Object.hasOwn(PROBLEMS, value);

/** Thrown by a route, answered as a problem document. `detail` says what happened, why, and what to do. */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly errors: readonly FieldProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(`${code}: ${detail}`, options);
  }
}

/** Sends an RFC 9457 document, or a page where a person asked for one. */
export function sendProblem(response: Response, { code, detail, errors }: Problem): void {
  const { status, title, retryAfterSeconds }: ProblemKind = PROBLEMS[code];
  if (status === 401) response.set('WWW-Authenticate', 'Bearer realm="Spaceport"');
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
  const { isPage, requestId } = contextOf(response);
  if (isPage) {
    response.status(status).type('html').send(problemPage({ title, detail }).toString());
    return;
  }
  response
    .status(status)
    .type('application/problem+json')
    .json({
      type: problemType(code),
      title,
      status,
      detail,
      code,
      requestId,
      ...(errors.length > 0 && { errors }),
    });
}

export const problemType = (code: ProblemCode): string =>
  `urn:spaceport:problem:${code.toLowerCase().replaceAll('_', '-')}`;

/** For an address that has no other methods than `allowed`, and HEAD where it has GET. */
export const methodNotAllowed =
  (...allowed: readonly string[]): RequestHandler =>
  (request, response) => {
    response.set('Allow', allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', '));
    throw new Problem('METHOD_NOT_ALLOWED', `${request.method} is not possible here; use ${allowed.join(' or ')}`);
  };

/** For an address that nothing answers; a browser is told by a page. */
export const notFound: RequestHandler = (request, response) => {
  contextOf(response).isPage = request.accepts(['json', 'html']) === 'html';
  throw new Problem('NOT_FOUND', `nothing answers ${request.method} ${withoutSecrets(request.path)}`);
};

/** The one place where errors become answers; only what we do not expect is logged with its stack. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = error instanceof Problem ? error : (frameworkProblem(error) ?? unexpected());
    if (PROBLEMS[problem.code].status >= 500) {
      const { requestId } = contextOf(response);
      logger.error(
        { err: problem.cause ?? error, requestId, method: request.method, path: withoutSecrets(request.path) },
        problem.detail,
      );
    }
    if (response.headersSent) next(error);
    else sendProblem(response, problem);
  };
}

const unexpected = (): Problem =>
  new Problem('INTERNAL_ERROR', 'try again; if it happens again, tell the operator the requestId');

/** Errors of Express and its body parser, told apart by their `type` and `status`. */
function frameworkProblem(error: unknown): Problem | null {
  const { type, status, limit } = (error ?? {}) as { type?: unknown; status?: unknown; limit?: unknown };
  if (type === 'entity.parse.failed') return new Problem('INVALID_JSON', 'the body could not be read as a JSON object');
  if (type === 'entity.too.large') return tooLarge(typeof limit === 'number' ? limit : 0);
  if (status === 415)
    return new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      'the body has a Content-Encoding that is not read; send it without one',
    );
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem('INVALID_REQUEST', 'the request could not be read: check its address, headers and length');
  return null;
}

export function tooLarge(maxBytes: number): Problem {
  const kilobytes = maxBytes / 1024;
  const limit = kilobytes < 1024 ? `${kilobytes} KB` : `${kilobytes / 1024} MB`;
  return new Problem('BODY_TOO_LARGE', `this request has ${limit} at most`);
}
