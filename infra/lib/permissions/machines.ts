import { layout } from '../../../contracts/storage/layout';
import { STAGES } from '../../../contracts/stages/stage';
import {
  arn,
  listsBucket,
  MACHINE_LOG_GROUPS,
  objects,
  readsInputBuckets,
  usesKeyThroughS3,
  type Allowed,
  type Place,
} from './statement';

/**
 * What SageMaker does in the machines' name: brings inputs and takes results, checkpoints, logs and metrics. The programs
 * in the machines do nothing at AWS: they have no network. After the developer guide's "execution role" of
 * CreateProcessingJob and CreateTrainingJob.
 */
export function machineStatements(place: Place): Allowed[] {
  const { cell, keyArn } = place;
  return [
    {
      sid: 'ReadInputs',
      actions: ['s3:GetObject'],
      resources: objects(place, [layout.jobsPrefix, layout.uploadsPrefix]),
    },
    {
      sid: 'WriteResults',
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: objects(place, [layout.jobsPrefix]),
    },
    {
      // What a program removes of its checkpoints is removed from the bucket too.
      sid: 'RemoveCheckpoints',
      actions: ['s3:DeleteObject'],
      resources: objects(place, [`${layout.jobsPrefix}*/checkpoints/`]),
    },
    listsBucket(place),
    usesKeyThroughS3(place),
    ...readsInputBuckets(place),
    {
      // Results that name the key are encrypted by SageMaker itself, and disks by a grant.
      sid: 'EncryptResultsAndDisks',
      actions: ['kms:Encrypt', 'kms:DescribeKey'],
      resources: [keyArn],
    },
    {
      sid: 'EncryptDisks',
      actions: ['kms:CreateGrant'],
      resources: [keyArn],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    { sid: 'LogInToImages', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    {
      sid: 'PullImages',
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: STAGES.map((stage) => arn('ecr', cell, `repository/${cell.names.repository(stage)}`)),
    },
    {
      sid: 'WriteLogs',
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: MACHINE_LOG_GROUPS.map((group) => arn('logs', cell, `log-group:${group}:*`)),
    },
    {
      sid: 'WriteMetrics',
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringLike: { 'cloudwatch:namespace': '/aws/sagemaker/*' } },
    },
  ];
}
