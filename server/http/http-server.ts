import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { SERVER_IDLE_SECONDS } from '../../contracts/deployment/times';

/** How long a connection may do what, in milliseconds. */
export interface ConnectionTimes {
  /** Between two requests. */
  readonly idleMs: number;
  /** For the headers of a request, from its first byte on, or from the connection's start. */
  readonly headersMs: number;
  /** For a whole request, its body included. */
  readonly requestMs: number;
  /** Without a byte in either direction while a request is answered. */
  readonly silenceMs: number;
}

/**
 * - Idle: longer than the load balancer in front (contracts/deployment/times.ts).
 * - Headers: since Node 18 they are timed from the request's own start. An idle connection does not use this time up, so
 *   that it need not be above the idle time, as it had to be before.
 * - Request: bodies have 64 KB at most, manifests of uploads 4 MB.
 * - Silence: above the longest that an answer waits for Temporal or S3; a client that does not read is cut too.
 *   Streams write a comment every 15 s.
 */
const TIMES: ConnectionTimes = {
  idleMs: SERVER_IDLE_SECONDS * 1000,
  headersMs: 10_000,
  requestMs: 20_000,
  silenceMs: 60_000,
};

/**
 * Connections beyond these are closed as they come: 3000 may be streams (server/events/streaming.ts), which hold
 * little; each of the others may hold 16 KB of headers and 64 KB of body, a few of them
 * more (server/uploads/routes.ts).
 */
const MAX_CONNECTIONS = 4000;
/** How often Node looks for connections whose time is over: they end this much late at most. */
const CHECK_INTERVAL_MS = 1000;

/** A server that does not listen yet, and cuts clients that are slow. */
export function createHttpServer(app: RequestListener, times: ConnectionTimes = TIMES): Server {
  const options: ServerOptions = {
    keepAliveTimeout: times.idleMs,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, times.headersMs / 10),
  };
  const server = createServer(options, app);
  server.timeout = times.silenceMs;
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
