import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Cell } from '../cell';
import { arn } from '../permissions/statement';

/** One key for all that the cell keeps: objects, database, images, secrets, logs. */
export class EncryptionKey extends Construct {
  /** As something that others use and cannot change: CDK would let services in by wildcards. */
  readonly key: IKey;

  constructor(scope: Construct, cell: Cell) {
    super(scope, 'EncryptionKey');
    const { keyArn } = new Key(this, 'Key', {
      alias: `alias/${cell.deployment}`,
      description: `All that ${cell.deployment} keeps in ${cell.region}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: cell.size.isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      policy: keyPolicy(cell),
    });
    this.key = Key.fromKeyArn(this, 'Unchanged', keyArn);
  }
}

/** Who may use the key by this policy alone. All others need a statement of their own, which root's makes possible. */
const keyPolicy = (cell: Cell): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'Account',
        principals: [new AccountRootPrincipal()],
        actions: ['kms:*'],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'Logs',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(`logs.${cell.region}.amazonaws.com`)],
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arn('logs', cell, 'log-group:*') } },
      }),
      new PolicyStatement({
        sid: 'Alarms',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    ],
  });
