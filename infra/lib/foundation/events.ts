import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnResourcePolicy, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import { arn } from '../permissions/statement';

/** EventBridge writes to groups of this beginning only. */
export const eventsLogGroup = ({ names }: Cell): string => `/aws/events/${names.regional('events')}`;

/**
 * What AWS says by itself of our machines and mails, kept as a log: what each machine job went through, also where no
 * worker was there to see it, and which mails came back, which the server marks on their jobs. Nothing else depends on
 * it: workers ask SageMaker.
 */
export class Events extends Construct {
  readonly log: LogGroup;

  constructor(scope: Construct, cell: Cell, key: IKey) {
    super(scope, 'Events');
    const name = eventsLogGroup(cell);
    this.log = new LogGroup(this, 'Log', {
      logGroupName: name,
      retention: cell.size.logDays as RetentionDays,
      encryptionKey: key,
      removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    new CfnResourcePolicy(this, 'Access', {
      policyName: cell.names.regional('events'),
      policyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Events',
            Effect: 'Allow',
            Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: arn('logs', cell, `log-group:${name}:*`),
            Condition: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
          },
        ],
      }),
    });
    const own = [{ prefix: `${cell.deployment}-` }];
    // The log group's own policy lets a rule in, so that none needs a role.
    const rule = (id: string, eventPattern: Record<string, unknown>, description: string): CfnRule =>
      new CfnRule(this, id, {
        name: cell.names.regional(id.toLowerCase()),
        description,
        eventPattern,
        targets: [{ id: 'log', arn: arn('logs', cell, `log-group:${name}`) }],
      });
    rule(
      'Training',
      {
        source: ['aws.sagemaker'],
        'detail-type': ['SageMaker Training Job State Change'],
        detail: { TrainingJobName: own },
      },
      'What training jobs go through',
    );
    rule(
      'Processing',
      {
        source: ['aws.sagemaker'],
        'detail-type': ['SageMaker Processing Job State Change'],
        detail: { ProcessingJobName: own },
      },
      'What processing jobs go through',
    );
    rule(
      'Mails',
      {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [cell.names.regional('mails')] } } },
      },
      'Mails that came back or were refused',
    );
  }
}
