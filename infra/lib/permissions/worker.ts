import { layout } from '../../../contracts/storage/layout';
import {
  arn,
  KEPT_PREFIXES,
  listsBucket,
  objects,
  readsInputBuckets,
  readsMachineLogs,
  usesKeyThroughS3,
  type Allowed,
  type Place,
} from './statement';

/** What the workers' own code asks AWS for. */
export function workerStatements(place: Place, machineRoleArn: string): Allowed[] {
  const { cell, bucketArn, keyArn } = place;
  const processingJobs = arn('sagemaker', cell, `processing-job/${cell.deployment}-*`);
  const trainingJobs = arn('sagemaker', cell, `training-job/${cell.deployment}-*`);
  /** A machine job with network access, or with results under another key, is not one of ours. */
  const isolatedUnderOurKey = {
    Bool: { 'sagemaker:NetworkIsolation': 'true' },
    StringEquals: { 'sagemaker:OutputKmsKey': keyArn },
  };
  return [
    {
      sid: 'ReadObjects',
      actions: ['s3:GetObject'],
      resources: objects(place, KEPT_PREFIXES),
    },
    {
      sid: 'WriteObjects',
      actions: ['s3:PutObject'],
      resources: objects(place, [layout.jobsPrefix, layout.batchesPrefix, layout.webhooksPrefix]),
    },
    {
      sid: 'DeleteObjects',
      actions: ['s3:DeleteObject'],
      resources: objects(place, [layout.jobsPrefix, layout.uploadsPrefix, layout.webhooksPrefix]),
    },
    {
      sid: 'AbortUploads',
      actions: ['s3:AbortMultipartUpload'],
      resources: objects(place, [layout.jobsPrefix, layout.uploadsPrefix]),
    },
    listsBucket(place),
    { sid: 'ListUploads', actions: ['s3:ListBucketMultipartUploads'], resources: [bucketArn] },
    usesKeyThroughS3(place),
    ...readsInputBuckets(place),
    {
      sid: 'RentProcessingMachines',
      actions: ['sagemaker:CreateProcessingJob'],
      resources: [processingJobs],
      conditions: isolatedUnderOurKey,
    },
    {
      sid: 'RentTrainingMachines',
      actions: ['sagemaker:CreateTrainingJob'],
      resources: [trainingJobs],
      conditions: isolatedUnderOurKey,
    },
    {
      sid: 'ProcessingMachines',
      actions: ['sagemaker:DescribeProcessingJob', 'sagemaker:StopProcessingJob'],
      resources: [processingJobs],
    },
    {
      sid: 'TrainingMachines',
      actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob'],
      resources: [trainingJobs],
    },
    {
      sid: 'TagMachines',
      actions: ['sagemaker:AddTags', 'sagemaker:ListTags'],
      resources: [processingJobs, trainingJobs],
    },
    {
      sid: 'ListMachines',
      actions: ['sagemaker:ListProcessingJobs', 'sagemaker:ListTrainingJobs'],
      resources: ['*'],
    },
    {
      sid: 'HandMachinesTheirRole',
      actions: ['iam:PassRole'],
      resources: [machineRoleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
    {
      // For the disks of machines, which SageMaker encrypts with the key by a grant.
      sid: 'EncryptMachineDisks',
      actions: ['kms:CreateGrant'],
      resources: [keyArn],
      conditions: {
        StringEquals: { 'kms:ViaService': `sagemaker.${cell.region}.amazonaws.com` },
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
      },
    },
    ...readsMachineLogs(place),
  ];
}
