import { RemovalPolicy, Stack, type App } from 'aws-cdk-lib';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { MACHINE_LOG_GROUPS } from './permissions/statement';

const MACHINE_LOG_DAYS = 30;

/** What a region has once for all stages: SageMaker's own log groups, which never expire by themselves. */
export class RegionStack extends Stack {
  constructor(app: App, prefix: string, region: string) {
    super(app, `${prefix}-${region}-logs`, {
      env: { region },
      description: 'Spaceport: how long SageMaker keeps logs of machines',
    });
    for (const logGroupName of MACHINE_LOG_GROUPS)
      new LogGroup(this, logGroupName.replace(/^.*\//, ''), {
        logGroupName,
        retention: MACHINE_LOG_DAYS as RetentionDays,
        removalPolicy: RemovalPolicy.RETAIN,
      });
  }
}
