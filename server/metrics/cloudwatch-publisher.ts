import type { CloudWatchMetric } from '../../contracts/deployment/cloudwatch';
import type { Logger } from '../../platform/logger';
import { emfLine, type EmfPlace } from './emf';
import type { Metrics, Series } from './metrics';

/** CloudWatch keeps metrics by the minute. */
const EVERY_MS = 60_000;

/** Which of the figures that Prometheus reads goes to CloudWatch under which name. */
const SERIES: Readonly<Record<CloudWatchMetric, Series>> = {
  RecentJobFailures: { metric: 'spaceport_recent_job_failures' },
  RecentMachineCostUsd: { metric: 'spaceport_recent_machine_cost_usd' },
  CapacityWait: { metric: 'spaceport_job_wait_age_seconds', labels: { waits_for: 'capacity' } },
  SinceUpkeep: { metric: 'spaceport_upkeep_last_success_timestamp_seconds', isTimestamp: true },
  TaskQueueBacklogAge: { metric: 'spaceport_task_queue_backlog_age_seconds' },
  IndexAge: { metric: 'spaceport_index_age_seconds' },
};

export interface CloudWatchPublisherDeps {
  readonly place: EmfPlace;
  readonly metrics: Pick<Metrics, 'highest'>;
  /** Whether this is the one server that tells: all would tell the same. */
  readonly isLeader: () => boolean;
  /** Takes a line with its end. */
  readonly write: (line: string) => void;
  readonly logger: Logger;
  readonly now?: () => number;
}

/** Tells CloudWatch of the deployment, by lines on stdout that the log driver of ECS takes there: no call to AWS. */
export interface CloudWatchPublisher {
  /** Writes a line each minute, on the server that leads. */
  start(): void;
  /** Writes one line where this server leads; never rejects. */
  publish(): Promise<void>;
  stop(): void;
}

export function createCloudWatchPublisher(deps: CloudWatchPublisherDeps): CloudWatchPublisher {
  const { place, metrics, isLeader, write, logger, now = Date.now } = deps;
  let timer: NodeJS.Timeout | undefined;
  const publish = async (): Promise<void> => {
    if (!isLeader()) return;
    try {
      write(`${emfLine(place, await metrics.highest(SERIES), now())}\n`);
    } catch (error) {
      logger.warn({ err: error }, 'CloudWatch cannot be told of the deployment');
    }
  };
  return {
    start: () => (timer ??= setInterval(() => void publish(), EVERY_MS).unref()),
    publish,
    stop: () => clearInterval(timer),
  };
}
