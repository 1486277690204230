/**
 * What a deployment tells CloudWatch of itself, with the units that CloudWatch knows; it has none for money. Servers tell
 * these figures and infra/ sets alarms on them.
 */
export const CLOUDWATCH_METRICS = {
  /** Jobs that failed or were parked within the last hour. */
  RecentJobFailures: 'Count',
  /** What machines cost that ended within the last 24 hours, in USD. */
  RecentMachineCostUsd: 'None',
  /** For how long the first of the jobs that wait for a machine has waited. */
  CapacityWait: 'Seconds',
  /** Since the end of the last round of upkeep. */
  SinceUpkeep: 'Seconds',
  /** Age of the oldest task that no worker has taken, of all queues. */
  TaskQueueBacklogAge: 'Seconds',
  /** How far the list of jobs is behind. */
  IndexAge: 'Seconds',
} as const;

export type CloudWatchMetric = keyof typeof CLOUDWATCH_METRICS;

/** The only dimension: its value is `SPACEPORT_DEPLOYMENT`. */
export const CLOUDWATCH_DIMENSION = 'Deployment';
