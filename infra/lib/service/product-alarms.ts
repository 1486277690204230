import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { CLOUDWATCH_DIMENSION, type CloudWatchMetric } from '../../../contracts/deployment/cloudwatch';
import type { Cell } from '../cell';

/** Where the product's metrics are in CloudWatch; deployments differ by their dimension. */
export const METRICS_NAMESPACE = 'Spaceport';

const PERIOD_MINUTES = 5;

interface ProductAlarm {
  readonly description: string;
  readonly metric: CloudWatchMetric;
  /** Alarm above that, in the metric's unit. */
  readonly above: number;
  /** For how long all of the time, a multiple of five; not set = once is enough. */
  readonly minutes?: number;
  /**
   * Breaching where the silence is what is told of. Elsewhere the state stays as it is, since silence has alarms of its
   * own: one that nothing is known of is neither over nor new.
   */
  readonly silence: TreatMissingData.BREACHING | TreatMissingData.IGNORE;
}

/**
 * Alarms on what the product tells of itself, by name. Figures and times are those of the alerts for Prometheus
 * (docker/observe/alerts.yml).
 */
const PRODUCT_ALARMS = ({ spendUsdPerDay }: Cell): Readonly<Record<string, ProductAlarm>> => ({
  'jobs-failing': {
    description: 'More than five jobs have failed or were parked within an hour',
    metric: 'RecentJobFailures',
    above: 5,
    silence: TreatMissingData.IGNORE,
  },
  'capacity-missing': {
    description: 'A job has waited for a machine for more than an hour',
    metric: 'CapacityWait',
    above: 3600,
    minutes: 5,
    silence: TreatMissingData.IGNORE,
  },
  'upkeep-stopped': {
    description: 'No round of upkeep was done for more than an hour: machines that nobody waits for run on',
    metric: 'SinceUpkeep',
    above: 3600,
    minutes: 30,
    silence: TreatMissingData.BREACHING,
  },
  'spend-high': {
    description: `Machines have cost more than ${spendUsdPerDay} USD within 24 hours`,
    metric: 'RecentMachineCostUsd',
    above: spendUsdPerDay,
    silence: TreatMissingData.IGNORE,
  },
  'queue-behind': {
    description: 'Tasks wait for a worker for more than a minute',
    metric: 'TaskQueueBacklogAge',
    above: 60,
    minutes: 5,
    silence: TreatMissingData.IGNORE,
  },
  'index-behind': {
    description: 'Lists of jobs are behind, or no server tells anything of the deployment',
    metric: 'IndexAge',
    above: 60,
    minutes: 5,
    silence: TreatMissingData.BREACHING,
  },
});

/** The alarms of a cell on its product's own metrics, by name. */
export const productAlarms = (cell: Cell): [name: string, AlarmProps][] =>
  Object.entries(PRODUCT_ALARMS(cell)).map(([name, { description, metric, above, minutes, silence }]) => [
    name,
    {
      alarmDescription: description,
      metric: new Metric({
        namespace: METRICS_NAMESPACE,
        metricName: metric,
        dimensionsMap: { [CLOUDWATCH_DIMENSION]: cell.deployment },
        // Above all of a period's time where its lowest value is.
        statistic: minutes === undefined ? 'Maximum' : 'Minimum',
        period: Duration.minutes(PERIOD_MINUTES),
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: above,
      evaluationPeriods: (minutes ?? PERIOD_MINUTES) / PERIOD_MINUTES,
      treatMissingData: silence,
    },
  ]);
