import type { Call } from '../iam/policy';

/** A command of the AWS SDK, with what it is about. */
export type Command =
  | { readonly name: S3ObjectCommand; readonly bucket?: string; readonly key: string }
  | { readonly name: 'CopyObject'; readonly bucket?: string; readonly key: string; readonly to: string }
  | { readonly name: S3BucketCommand; readonly bucket?: string }
  | { readonly name: SageMakerJobCommand; readonly job: string }
  | { readonly name: SageMakerListCommand }
  | { readonly name: LogCommand; readonly group: string; readonly stream: string };

type S3ObjectCommand =
  | 'GetObject'
  | 'HeadObject'
  | 'PutObject'
  | 'DeleteObjects'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts';
type S3BucketCommand = 'ListObjectsV2' | 'HeadBucket' | 'ListMultipartUploads';
type SageMakerJobCommand =
  | 'CreateProcessingJob'
  | 'CreateTrainingJob'
  | 'DescribeProcessingJob'
  | 'DescribeTrainingJob'
  | 'StopProcessingJob'
  | 'StopTrainingJob'
  | 'ListTags';
type SageMakerListCommand = 'ListProcessingJobs' | 'ListTrainingJobs';
type LogCommand = 'DescribeLogStreams' | 'GetLogEvents' | 'FilterLogEvents';
export type CommandName = Command['name'];

/** The things of a cell, as ARNs. */
export interface CellThings {
  readonly region: string;
  readonly account: string;
  readonly bucket: string;
  readonly keyArn: string;
  readonly machineRoleArn: string;
}

type Implied = Omit<Call, 'principal'>;

/**
 * What AWS asks permission for when it is given a command, after the Service Authorization Reference and, for keys, "Using
 * server-side encryption with KMS keys": also what nobody writes down in code, such as the key, the role that is passed
 * on, the tags, and the question whether the bucket may be listed when an object is not there.
 */
export function impliedCalls(command: Command, cell: CellThings): Implied[] {
  const { region, account, keyArn } = cell;
  const s3 = (action: string, resource: string): Implied => ({
    action: `s3:${action}`,
    resource: `arn:aws:s3:::${resource}`,
  });
  const key = (action: string, service = 's3', context: Record<string, string> = {}): Implied => ({
    action: `kms:${action}`,
    resource: keyArn,
    context: { 'kms:ViaService': `${service}.${region}.amazonaws.com`, ...context },
  });
  const bucket = 'bucket' in command ? (command.bucket ?? cell.bucket) : cell.bucket;
  const isOwn = bucket === cell.bucket;
  const reads = (object: string): Implied[] => [
    s3('GetObject', `${bucket}/${object}`),
    s3('ListBucket', bucket),
    ...(isOwn ? [key('Decrypt')] : []),
  ];
  const arn = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;

  switch (command.name) {
    case 'GetObject':
    case 'HeadObject':
      return reads(command.key);
    case 'PutObject':
    case 'CreateMultipartUpload':
      return [s3('PutObject', `${bucket}/${command.key}`), key('GenerateDataKey')];
    case 'UploadPart':
    case 'CompleteMultipartUpload':
      return [s3('PutObject', `${bucket}/${command.key}`), key('GenerateDataKey'), key('Decrypt')];
    case 'CopyObject':
      return [
        ...reads(command.key),
        s3('PutObject', `${cell.bucket}/${command.to}`),
        key('GenerateDataKey'),
        key('Decrypt'),
      ];
    case 'DeleteObjects':
      return [s3('DeleteObject', `${bucket}/${command.key}`)];
    case 'AbortMultipartUpload':
      return [s3('AbortMultipartUpload', `${bucket}/${command.key}`)];
    case 'ListParts':
      return [s3('ListMultipartUploadParts', `${bucket}/${command.key}`)];
    case 'ListObjectsV2':
    case 'HeadBucket':
      return [s3('ListBucket', bucket)];
    case 'ListMultipartUploads':
      return [s3('ListBucketMultipartUploads', bucket)];
    case 'CreateProcessingJob':
    case 'CreateTrainingJob': {
      const kind = command.name === 'CreateTrainingJob' ? 'training-job' : 'processing-job';
      const resource = arn('sagemaker', `${kind}/${command.job}`);
      return [
        {
          action: `sagemaker:${command.name}`,
          resource,
          context: { 'sagemaker:NetworkIsolation': 'true', 'sagemaker:OutputKmsKey': keyArn },
        },
        { action: 'sagemaker:AddTags', resource },
        {
          action: 'iam:PassRole',
          resource: cell.machineRoleArn,
          context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
        },
        key('CreateGrant', 'sagemaker', { 'kms:GrantIsForAWSResource': 'true' }),
      ];
    }
    case 'DescribeProcessingJob':
    case 'StopProcessingJob':
      return [{ action: `sagemaker:${command.name}`, resource: arn('sagemaker', `processing-job/${command.job}`) }];
    case 'DescribeTrainingJob':
    case 'StopTrainingJob':
      return [{ action: `sagemaker:${command.name}`, resource: arn('sagemaker', `training-job/${command.job}`) }];
    case 'ListTags':
      return ['processing-job', 'training-job'].map((kind) => ({
        action: 'sagemaker:ListTags',
        resource: arn('sagemaker', `${kind}/${command.job}`),
      }));
    case 'ListProcessingJobs':
    case 'ListTrainingJobs':
      return [{ action: `sagemaker:${command.name}`, resource: '*' }];
    case 'DescribeLogStreams':
    case 'FilterLogEvents':
      return [{ action: `logs:${command.name}`, resource: arn('logs', `log-group:${command.group}:*`) }];
    case 'GetLogEvents':
      return [
        {
          action: 'logs:GetLogEvents',
          resource: arn('logs', `log-group:${command.group}:log-stream:${command.stream}`),
        },
      ];
  }
}
