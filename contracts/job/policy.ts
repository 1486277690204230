/**
 * Every duration and limit that decides something in the workflow. It comes in the workflow's input, so that tests
 * pass milliseconds: the development server cannot skip time. Durations are milliseconds.
 */
export interface Policy {
  /** Between two Describe calls of a watched job. */
  readonly pollIntervalMs: number;
  /** A watch that is silent for so long is given to another worker. */
  readonly heartbeatTimeoutMs: number;
  /** Longest that one call may be tried, and that one machine may be watched. */
  readonly stageTimeoutMs: number;
  /** Between two Creates while a quota is reached or AWS has no machine. */
  readonly capacityRetryMs: number;
  /** Longest that a stage waits for a machine before the job fails with what it waited for. */
  readonly capacityWaitMs: number;
  /** Billed time that a machine may still take from Stop to its end: a budget stops it so much before the limit. */
  readonly stopMarginMs: number;
  /** Longest single try of a short call to SageMaker or S3: then a call that died with its worker is made again. */
  readonly callTimeoutMs: number;
  /** First wait after throttling or a lost connection; doubles up to `retryMaximumMs`. */
  readonly retryInitialMs: number;
  readonly retryMaximumMs: number;
  /** SageMaker jobs of one stage that may end in an error of the platform before the job fails. */
  readonly maxPlatformAttempts: number;
  /** Longest that a mail is tried. */
  readonly mailTimeoutMs: number;
  /** Longest that a webhook is tried. */
  readonly webhookTimeoutMs: number;
  /** How long the last lines of a program's log may be under way to CloudWatch after its end. */
  readonly logSettleMs: number;
  /** Between two rounds of upkeep. */
  readonly upkeepIntervalMs: number;
  /** Upkeep leaves machines, records and closed runs alone that are younger: their owner may be about to act. */
  readonly upkeepAgeMs: number;
  /** A job that was claimed so long ago and has never been started never will be. */
  readonly unstartedAgeMs: number;
  /** Between two looks at the jobs of a batch. */
  readonly batchPollMs: number;
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
  capacityWaitMs: 72 * HOUR,
  stopMarginMs: 2 * MINUTE,
  callTimeoutMs: 30 * SECOND,
  retryInitialMs: 2 * SECOND,
  retryMaximumMs: MINUTE,
  maxPlatformAttempts: 3,
  mailTimeoutMs: 3 * 24 * HOUR,
  webhookTimeoutMs: 3 * 24 * HOUR,
  logSettleMs: 3 * SECOND,
  upkeepIntervalMs: 10 * MINUTE,
  upkeepAgeMs: 10 * MINUTE,
  unstartedAgeMs: HOUR,
  batchPollMs: 10 * SECOND,
  minPhotos: 5,
};

/** The policy of a workflow that began when there were fewer values: those that it lacks are the defaults. */
export const completePolicy = (policy: Partial<Policy>): Policy => ({ ...DEFAULT_POLICY, ...policy });

/** How long a failed job waits for a `retry` where the request does not say. */
export const DEFAULT_RETRY_WINDOW_SECONDS = 24 * 3600;
