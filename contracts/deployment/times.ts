/** Times on which our programs and what stands around them in a deployment have to agree, in seconds. */

/** A load balancer in front of the server keeps a connection so long for reuse. */
export const LOAD_BALANCER_IDLE_SECONDS = 120;

/**
 * The server keeps one longer, so that no request meets a connection that is being closed: a POST that is lost this way
 * is not repeated by anybody.
 */
export const SERVER_IDLE_SECONDS = 130;

/** Between two comments in a stream that has nothing to say. */
export const STREAM_COMMENT_SECONDS = 15;

/** From SIGTERM to the end of a server at the latest. */
export const SERVER_SHUTDOWN_SECONDS = 10;

/** From SIGTERM to the end of a worker at the latest. */
export const WORKER_SHUTDOWN_SECONDS = 30;
