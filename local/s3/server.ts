import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isDiskFull } from '../../contracts/machines/disk-full';
import { authenticate, type Credentials } from './protocol/authentication';
import { corsHeaders, preflightHeaders } from './protocol/cors';
import { sendEmpty, type Exchange } from './protocol/exchange';
import { ObjectStore } from './storage/object-store';
import { parseRequest, type S3Request } from './protocol/request';
import { operationOf, OPERATIONS, type OperationName } from './operations/routing';
import { S3Error } from './s3-error';
import { XML_DECLARATION, xmlElements } from './protocol/xml';

export interface S3ServerOptions {
  /** Folder of the buckets; created when missing. One process at a time may use it. */
  root: string;
  credentials: readonly Credentials[];
  /** The one region that signatures must name. */
  region: string;
  /**
   * Host headers to accept besides 127.0.0.1, localhost and [::1] with the own port, such as a compose service name with port.
   */
  allowedHosts?: readonly string[];
  /** Origins whose pages may use every bucket. */
  corsOrigins?: readonly string[];
  logger: Logger;
  /**
   * Runs around every authenticated operation: the place for faults. It may throw an S3Error, wait, or add body
   * filters.
   */
  around?: OperationWrapper | undefined;
}

export type OperationWrapper = (name: OperationName, exchange: Exchange, proceed: () => Promise<void>) => Promise<void>;

export interface S3Server {
  /** Not listening yet. */
  server: Server;
  /** Stops accepting, ends idle connections, and waits for running requests; after `graceMs` those are cut off. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Longer than the SDK keeps a socket for reuse, so that the client closes first and no request meets a closing socket.
 */
const KEEP_ALIVE_MS = 75_000;
const IDLE_SOCKET_MS = 300_000;
const DEFAULT_GRACE_MS = 5_000;

/**
 * An S3 endpoint over a folder, for one machine: path style, SigV4 always required, the operations of `OPERATIONS`.
 * Whatever is not served is refused with NotImplemented, never ignored. Reads the index from disk before it resolves.
 */
export async function createS3Server(options: S3ServerOptions): Promise<S3Server> {
  const store = await ObjectStore.open(options.root);
  // Uploads of gigabytes take longer than Node's default of five minutes; a stalled socket is ended by IDLE_SOCKET_MS.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
  server.setTimeout(IDLE_SOCKET_MS);
  const listener =
    (expectsContinue: boolean) =>
    (incoming: IncomingMessage, response: ServerResponse): void => {
      void answer({ incoming, response, expectsContinue }, store, options);
    };
  server.on('request', listener(false));
  server.on('checkContinue', listener(true));
  return { server, close: (graceMs = DEFAULT_GRACE_MS) => closeServer(server, graceMs) };
}

type Connection = Pick<Exchange, 'incoming' | 'response' | 'expectsContinue'>;

/** Never rejects: whatever goes wrong becomes an answer or a closed connection, and a line in the log. */
async function answer(connection: Connection, store: ObjectStore, options: S3ServerOptions): Promise<void> {
  const { incoming, response } = connection;
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  let bucket = '';
  try {
    requireHost(incoming, options.allowedHosts ?? []);
    const request = parseRequest(incoming);
    bucket = request.bucket;
    const { method, headers } = request;
    if (method === 'OPTIONS') {
      answerPreflight(connection, request, options);
      return;
    }
    for (const [name, value] of Object.entries(corsHeaders(headers.origin, options.corsOrigins ?? [])))
      response.setHeader(name, value);
    const payload = authenticate(request, options);
    const exchange: Exchange = { ...connection, request, payload, store, region: options.region, bodyFilters: [] };
    const name = operationOf(request);
    const proceed = (): Promise<void> => OPERATIONS[name](exchange);
    await (options.around ? options.around(name, exchange, proceed) : proceed());
    options.logger.debug(
      { requestId, operation: name, bucket: request.bucket, key: request.key, status: response.statusCode },
      'answered',
    );
  } catch (error) {
    answerError(connection, error, { requestId, bucket, ...options });
  } finally {
    // An unread body would block the connection, and closing it could hide the answer from a client still sending.
    if (!incoming.complete) incoming.resume();
  }
}

/** DNS rebinding: a page of another site must not reach this server through a name of its own. */
function requireHost(incoming: IncomingMessage, allowedHosts: readonly string[]): void {
  const host = incoming.headers.host ?? '';
  const port = incoming.socket.localPort;
  if (![`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...allowedHosts].includes(host)) {
    throw new S3Error('AccessDenied', `The Host "${host.slice(0, 100)}" is not served here.`);
  }
}

function answerPreflight(connection: Connection, { headers }: S3Request, options: S3ServerOptions): void {
  const allowed = preflightHeaders(headers, options.corsOrigins ?? []);
  if (!allowed) throw new S3Error('AccessDenied', 'CORSResponse: This CORS request is not allowed.');
  sendEmpty(connection, 200, allowed);
}

function answerError(
  { incoming, response, expectsContinue }: Connection,
  error: unknown,
  { requestId, bucket, region, logger }: { requestId: string; bucket: string; region: string; logger: Logger },
): void {
  const path = incoming.url?.split('?')[0];
  if (isDisconnect(error) || response.headersSent) {
    logger.info({ requestId, error, url: path }, 'connection ended before the answer was complete');
    response.destroy();
    return;
  }
  const failure = failureOf(error);
  if (failure.status >= 500) logger.error({ requestId, error, method: incoming.method, url: path }, 'request failed');
  const fields = {
    Code: failure.code,
    Message: failure.message,
    ...failure.details,
    Resource: path ?? '',
    RequestId: requestId,
  };
  const body = XML_DECLARATION + xmlElements({ Error: fields });
  // A client that waits for 100 Continue may or may not send its body after a refusal: only a new connection is safe.
  if (expectsContinue) response.setHeader('connection', 'close');
  // Tools find the region to sign for in it, also where the request was not signed or the answer has no body.
  if (bucket !== '' && failure.code !== 'NoSuchBucket') response.setHeader('x-amz-bucket-region', region);
  response.writeHead(failure.status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

function failureOf(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  return new S3Error(isDiskFull(error) ? 'InsufficientStorage' : 'InternalError');
}

/** The client went away in the middle of its body or of our answer. */
function isDisconnect(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(deadline);
}
