import { STREAM_COMMENT_SECONDS } from '../../contracts/deployment/times';

/** Every duration and limit of streams; durations are milliseconds. */
export interface Streaming {
  /** Between two comments: what shows proxies, and this server, that a connection lives. */
  readonly commentMs: number;
  /** A listener that has not taken what was sent for so long is cut. */
  readonly stallMs: number;
  /**
   * After this long a listener has to come again, with whatever then says who it is: a key that was revoked ends here.
   * Up to a fifth is added at random, so that those who came at once do not come again at once.
   */
  readonly lifeMs: number;
  /** Between two looks at the same job. */
  readonly lookEveryMs: number;
  /** Between two looks at any of them: what bounds the looks over all. */
  readonly looksApartMs: number;
  /** Between the end of one list of jobs and the next. */
  readonly listEveryMs: number;
  /** Listeners at once: each costs some 40 KB, and server/http/http-server.ts allows for their connections. */
  readonly perTenant: number;
  readonly all: number;
}

/** Staleness is under two seconds while 20 jobs or fewer are watched; more take turns. */
export const STREAMING: Streaming = {
  commentMs: STREAM_COMMENT_SECONDS * 1000,
  stallMs: 30_000,
  lifeMs: 5 * 60_000,
  lookEveryMs: 1000,
  looksApartMs: 50,
  listEveryMs: 1000,
  perTenant: 2000,
  all: 3000,
};
