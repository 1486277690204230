/**
 * Every duration and limit that decides something in the workflow. It comes in the workflow's input, so that tests
 * pass milliseconds: the development server cannot skip time. Durations are milliseconds.
 */
export interface Policy {
  /** Between two Describe calls of a watched job. */
  readonly pollIntervalMs: number;
  /** A watch that is silent for so long is given to another worker. */
  readonly heartbeatTimeoutMs: number;
  /** Longest that one stage may wait for capacity and run, all its attempts together. */
  readonly stageTimeoutMs: number;
  /** Between two Creates while a quota is reached. */
  readonly capacityRetryMs: number;
  /** First wait after throttling or a lost connection; doubles up to `retryMaximumMs`. */
  readonly retryInitialMs: number;
  readonly retryMaximumMs: number;
  /** SageMaker jobs of one stage that may end in an error of the platform before the job fails. */
  readonly maxPlatformAttempts: number;
  /** Longest that a mail is tried. */
  readonly mailTimeoutMs: number;
  /** Fewest usable photos. */
  readonly minPhotos: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_POLICY: Policy = {
  pollIntervalMs: 20 * SECOND,
  heartbeatTimeoutMs: 45 * SECOND,
  stageTimeoutMs: 24 * HOUR,
  capacityRetryMs: MINUTE,
  retryInitialMs: 2 * SECOND,
  retryMaximumMs: MINUTE,
  maxPlatformAttempts: 3,
  mailTimeoutMs: 3 * 24 * HOUR,
  minPhotos: 5,
};

/** How long a failed job waits for a `retry` where the request does not say. */
export const DEFAULT_RETRY_WINDOW_SECONDS = 24 * 3600;
