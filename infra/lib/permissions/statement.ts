import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { layout } from '../../../contracts/storage/layout';
import type { Cell } from '../cell';

/**
 * What an identity may do, written by hand: CDK's `grant…()` give whole families (`s3:GetObject*`), which the test of
 * permissions would refuse.
 */
export interface Allowed {
  /** What it is for, as letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const documentOf = (statements: readonly Allowed[]): PolicyDocument =>
  new PolicyDocument({
    // As they are written, so that a reader finds each one in the template.
    minimize: false,
    statements: statements.map(
      ({ sid, actions, resources, conditions }) =>
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          actions: [...actions],
          resources: [...resources],
          ...(conditions !== undefined && { conditions }),
        }),
    ),
  });

/** The things of a cell that identities are allowed to touch, as ARNs. */
export interface Place {
  readonly cell: Cell;
  readonly bucketArn: string;
  readonly keyArn: string;
}

/** ARN of something in this cell's account and region. */
export const arn = (service: string, { region }: Cell, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${region}:${Aws.ACCOUNT_ID}:${resource}`;

/** Objects of the cell's bucket, by what their keys begin with. */
export const objects = ({ bucketArn }: Place, prefixes: readonly string[]): string[] =>
  prefixes.map((prefix) => `${bucketArn}/${prefix}*`);

/** Beginnings of all keys that the product keeps anything under. */
export const KEPT_PREFIXES: readonly string[] = [
  layout.jobsPrefix,
  layout.uploadsPrefix,
  layout.registryPrefix,
  layout.batchesPrefix,
  layout.webhooksPrefix,
  layout.budgetsPrefix,
];

const bucketArnOf = (name: string): string => `arn:${Aws.PARTITION}:s3:::${name}`;

/** Photos in buckets of other people, which the operator has named. */
export function readsInputBuckets({ cell }: Place): Allowed[] {
  const buckets = cell.settings.inputBuckets.map(bucketArnOf);
  if (buckets.length === 0) return [];
  return [
    { sid: 'ReadInputBuckets', actions: ['s3:GetObject'], resources: buckets.map((bucket) => `${bucket}/*`) },
    { sid: 'ListInputBuckets', actions: ['s3:ListBucket'], resources: buckets },
  ];
}

/**
 * The key, only for what S3 does with it: objects that are encrypted with it are read, and written in parts, by Decrypt,
 * and written by GenerateDataKey.
 */
export const usesKeyThroughS3 = ({ keyArn, cell }: Place): Allowed => ({
  sid: 'EncryptedObjects',
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: [keyArn],
  conditions: { StringEquals: { 'kms:ViaService': `s3.${cell.region}.amazonaws.com` } },
});

/**
 * Without a condition on prefixes: where an object is not there, S3 says so only to those who may list the bucket, and
 * that question has no prefix. Others hear AccessDenied, which the product would not take for "not there".
 */
export const listsBucket = ({ bucketArn }: Place): Allowed => ({
  sid: 'ListBucket',
  actions: ['s3:ListBucket'],
  resources: [bucketArn],
});

/** SageMaker's log groups have the same names in every account. */
export const MACHINE_LOG_GROUPS = ['/aws/sagemaker/ProcessingJobs', '/aws/sagemaker/TrainingJobs'] as const;

/** Logs of this deployment's machines, which begin with their names. */
export const readsMachineLogs = ({ cell }: Place): Allowed[] => [
  {
    sid: 'FindMachineLogs',
    actions: ['logs:DescribeLogStreams'],
    resources: MACHINE_LOG_GROUPS.map((group) => arn('logs', cell, `log-group:${group}:*`)),
  },
  {
    sid: 'ReadMachineLogs',
    actions: ['logs:GetLogEvents'],
    resources: MACHINE_LOG_GROUPS.map((group) =>
      arn('logs', cell, `log-group:${group}:log-stream:${cell.deployment}-*`),
    ),
  },
];
