import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData, type AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { MetricFilter, FilterPattern } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import type { Database } from '../foundation/database';
import type { FoundationStack } from '../foundation-stack';
import type { TemporalStack } from '../temporal-stack';
import type { Balancer } from './balancer';
import { productAlarms } from './product-alarms';
import type { Services } from './services';

const GIB = 1024 ** 3;

/** What the operators are mailed about. Every alarm says what silence means, and has a paragraph in docs/aws.md. */
export class Alarms extends Construct {
  private readonly topic: Topic;

  constructor(
    scope: Construct,
    private readonly cell: Cell,
    parts: { foundation: FoundationStack; balancer: Balancer; services: Services; temporal: TemporalStack | null },
  ) {
    super(scope, 'Alarms');
    const { foundation, balancer, services, temporal } = parts;
    this.topic = new Topic(this, 'Topic', {
      topicName: cell.names.regional('alarms'),
      masterKey: foundation.encryption.key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const mail of cell.operatorMails) this.topic.addSubscription(new EmailSubscription(mail));

    const balancerName = balancer.balancer.loadBalancerFullName;
    const ofBalancer = (metricName: string, statistic: string, dimensions: Record<string, string> = {}): Metric =>
      new Metric({
        namespace: 'AWS/ApplicationELB',
        metricName,
        statistic,
        period: Duration.minutes(5),
        dimensionsMap: { LoadBalancer: balancerName, ...dimensions },
      });
    this.alarm('server-errors', {
      alarmDescription: 'The servers answer 5xx',
      metric: ofBalancer('HTTPCode_Target_5XX_Count', 'Sum'),
      threshold: 10,
      evaluationPeriods: 2,
      // No request, no error.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.alarm('unreachable', {
      alarmDescription: 'The load balancer finds no server that answers',
      metric: ofBalancer('HealthyHostCount', 'Minimum', { TargetGroup: balancer.servers.targetGroupFullName }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.gone('workers-gone', 'No worker of the current build runs: jobs stand still, machines run on to their end', {
      cluster: services.cluster.ref,
      service: services.workers,
    });
    this.full('database-full', 'Less than 2 GiB are free for the database', foundation.database);
    if (temporal !== null)
      this.gone('temporal-gone', 'No Temporal server runs: jobs stand still, machines run on to their end', {
        cluster: temporal.cluster.ref,
        service: temporal.serviceName,
      });
    if (foundation.ownTemporal !== null)
      this.full(
        'temporal-database-full',
        'Less than 2 GiB are free for the database of Temporal',
        foundation.ownTemporal.database,
      );
    this.alarm('machines-failing', {
      alarmDescription: 'Five machine jobs have failed within an hour',
      metric: this.failedMachines(foundation),
      threshold: 5,
      evaluationPeriods: 1,
      // A line is only there where one failed.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.alarm('mails-coming-back', {
      alarmDescription: 'SES stops accounts at 10 % of mails that come back',
      metric: new Metric({
        namespace: 'AWS/SES',
        metricName: 'Reputation.BounceRate',
        statistic: 'Maximum',
        period: Duration.hours(1),
      }),
      threshold: 0.05,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    for (const [name, props] of productAlarms(cell)) this.alarm(name, props);
  }

  private gone(
    name: string,
    alarmDescription: string,
    { cluster, service }: { cluster: string; service: string },
  ): void {
    this.alarm(name, {
      alarmDescription,
      metric: new Metric({
        namespace: 'ECS/ContainerInsights',
        metricName: 'RunningTaskCount',
        statistic: 'Minimum',
        period: Duration.minutes(5),
        dimensionsMap: { ClusterName: cluster, ServiceName: service },
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  private full(name: string, alarmDescription: string, { instance }: Database): void {
    this.alarm(name, {
      alarmDescription,
      metric: instance.metricFreeStorageSpace({ period: Duration.minutes(5), statistic: 'Minimum' }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 2 * GIB,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.MISSING,
    });
  }

  private alarm(name: string, props: AlarmProps): void {
    const alarm = new Alarm(this, name, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...props,
      alarmName: this.cell.names.regional(name),
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  /** Counted in the log of events, where each failed job stands once or several times. */
  private failedMachines({ events }: FoundationStack): Metric {
    const metric = { metricNamespace: `Spaceport/${this.cell.deployment}`, metricName: 'FailedMachineJobs' };
    const filter = (id: string, field: string): MetricFilter =>
      new MetricFilter(this, id, {
        logGroup: events.log,
        filterPattern: FilterPattern.stringValue(`$.detail.${field}`, '=', 'Failed'),
        metricValue: '1',
        ...metric,
      });
    filter('FailedTraining', 'TrainingJobStatus');
    filter('FailedProcessing', 'ProcessingJobStatus');
    return new Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: 'Sum',
      period: Duration.hours(1),
    });
  }
}
