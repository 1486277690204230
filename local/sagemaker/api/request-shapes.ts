import { ProcessingInstanceType, TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import { boolean, integer, list, map, oneOf, string, structure, timestamp, type Shape } from './constraints';

/** Limits and patterns as in botocore's model of SageMaker (1.43), for the members that the endpoint reads. */
export const JOB_NAME = string({ min: 1, max: 63, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}' });
const ROLE_ARN = string({
  min: 20,
  max: 2048,
  pattern: 'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
});
const IMAGE = string({ max: 255, pattern: '.*' });
const S3_URI = string({ max: 1024, pattern: '(https|s3)://([^/]+)/?(.*)' });
const KMS_KEY_ID = string({ max: 2048 });
const LOCAL_PATH = string({ max: 256 });
const COMMAND = list(string({ max: 256 }), { min: 1, max: 100 });
const DISTRIBUTION = oneOf('FullyReplicated', 'ShardedByS3Key');
const COMPRESSION = oneOf('None', 'Gzip');
const INPUT_MODE = oneOf('Pipe', 'File', 'FastFile');
const NEXT_TOKEN = string({ max: 8_192 });
const ANY_STRUCTURE = structure([], {});

function environment(maxLength: number): Shape<Record<string, string>> {
  const key = string({ max: maxLength, pattern: '[a-zA-Z_][a-zA-Z0-9_]*' });
  return map(key, string({ max: maxLength }), { max: 100 });
}

const TAG = structure(['Key', 'Value'], { Key: string({ min: 1, max: 128 }), Value: string({ max: 256 }) });
export type Tag = ReturnType<typeof TAG>;
const TAGS = list(TAG, { max: 50 });

const S3_INPUT = structure(['S3Uri', 'S3DataType'], {
  S3Uri: S3_URI,
  LocalPath: LOCAL_PATH,
  S3DataType: oneOf('ManifestFile', 'S3Prefix'),
  S3InputMode: oneOf('Pipe', 'File'),
  S3DataDistributionType: DISTRIBUTION,
  S3CompressionType: COMPRESSION,
});
const S3_OUTPUT = structure(['S3Uri', 'S3UploadMode'], {
  S3Uri: S3_URI,
  LocalPath: LOCAL_PATH,
  S3UploadMode: oneOf('Continuous', 'EndOfJob'),
});
const PROCESSING_INPUT = structure(['InputName'], {
  InputName: string(),
  S3Input: S3_INPUT,
  DatasetDefinition: ANY_STRUCTURE,
  AppManaged: boolean,
});
const PROCESSING_OUTPUT = structure(['OutputName'], {
  OutputName: string(),
  S3Output: S3_OUTPUT,
  FeatureStoreOutput: ANY_STRUCTURE,
  AppManaged: boolean,
});
const CLUSTER = structure(['InstanceCount', 'InstanceType', 'VolumeSizeInGB'], {
  InstanceCount: integer({ min: 1, max: 100 }),
  InstanceType: oneOf(...Object.values(ProcessingInstanceType)),
  VolumeSizeInGB: integer({ min: 1, max: 16_384 }),
  VolumeKmsKeyId: KMS_KEY_ID,
});

export const CREATE_PROCESSING_JOB = structure(
  ['ProcessingJobName', 'ProcessingResources', 'AppSpecification', 'RoleArn'],
  {
    ProcessingJobName: JOB_NAME,
    RoleArn: ROLE_ARN,
    Tags: TAGS,
    AppSpecification: structure(['ImageUri'], {
      ImageUri: IMAGE,
      ContainerEntrypoint: COMMAND,
      ContainerArguments: COMMAND,
    }),
    Environment: environment(256),
    ProcessingResources: structure(['ClusterConfig'], { ClusterConfig: CLUSTER }),
    NetworkConfig: structure([], { EnableNetworkIsolation: boolean }),
    StoppingCondition: structure(['MaxRuntimeInSeconds'], {
      MaxRuntimeInSeconds: integer({ min: 1, max: 777_600 }),
    }),
    ProcessingInputs: list(PROCESSING_INPUT, { max: 10 }),
    ProcessingOutputConfig: structure(['Outputs'], {
      Outputs: list(PROCESSING_OUTPUT, { max: 10 }),
      KmsKeyId: KMS_KEY_ID,
    }),
  },
);

const S3_DATA_SOURCE = structure(['S3DataType', 'S3Uri'], {
  S3Uri: S3_URI,
  S3DataType: oneOf('ManifestFile', 'S3Prefix', 'AugmentedManifestFile', 'Converse'),
  S3DataDistributionType: DISTRIBUTION,
});
const CHANNEL = structure(['ChannelName', 'DataSource'], {
  ChannelName: string({ min: 1, max: 64, pattern: '[A-Za-z0-9\\.\\-_]+' }),
  ContentType: string({ max: 256 }),
  InputMode: INPUT_MODE,
  RecordWrapperType: oneOf('None', 'RecordIO'),
  CompressionType: COMPRESSION,
  DataSource: structure([], { S3DataSource: S3_DATA_SOURCE }),
});

export const CREATE_TRAINING_JOB = structure(
  ['TrainingJobName', 'RoleArn', 'OutputDataConfig', 'AlgorithmSpecification', 'ResourceConfig', 'StoppingCondition'],
  {
    TrainingJobName: JOB_NAME,
    RoleArn: ROLE_ARN,
    Tags: TAGS,
    AlgorithmSpecification: structure(['TrainingInputMode'], {
      TrainingImage: IMAGE,
      TrainingInputMode: INPUT_MODE,
      ContainerEntrypoint: COMMAND,
      ContainerArguments: COMMAND,
    }),
    Environment: environment(512),
    HyperParameters: map(string({ max: 256 }), string({ max: 2500 }), { max: 100 }),
    ResourceConfig: structure([], {
      InstanceCount: integer({ min: 0 }),
      InstanceType: oneOf(...Object.values(TrainingInstanceType)),
      VolumeSizeInGB: integer({ min: 0 }),
      VolumeKmsKeyId: KMS_KEY_ID,
    }),
    StoppingCondition: structure([], {
      MaxRuntimeInSeconds: integer({ min: 1 }),
      MaxWaitTimeInSeconds: integer({ min: 1 }),
      MaxPendingTimeInSeconds: integer({ min: 7_200, max: 2_419_200 }),
    }),
    RetryStrategy: structure(['MaximumRetryAttempts'], { MaximumRetryAttempts: integer({ min: 1, max: 30 }) }),
    EnableManagedSpotTraining: boolean,
    EnableNetworkIsolation: boolean,
    InputDataConfig: list(CHANNEL, { min: 1, max: 20 }),
    OutputDataConfig: structure(['S3OutputPath'], {
      S3OutputPath: S3_URI,
      CompressionType: oneOf('GZIP', 'NONE'),
      KmsKeyId: KMS_KEY_ID,
    }),
    CheckpointConfig: structure(['S3Uri'], { S3Uri: S3_URI, LocalPath: string({ max: 4_096 }) }),
  },
);

type Placed<S extends Shape<unknown>> = ReturnType<S> & { LocalPath: string };

/** A request for a processing job that the endpoint can run: each input and output is S3's and has its folder. */
export type ProcessingRequest = Omit<
  ReturnType<typeof CREATE_PROCESSING_JOB>,
  'ProcessingInputs' | 'ProcessingOutputConfig'
> & {
  ProcessingInputs?: { S3Input: Placed<typeof S3_INPUT> }[];
  ProcessingOutputConfig?: { Outputs: { S3Output: Placed<typeof S3_OUTPUT> }[] };
};

/** A request for a training job that the endpoint can run: it has an image, a type of machine, and channels of S3's. */
export type TrainingRequest = Omit<ReturnType<typeof CREATE_TRAINING_JOB>, 'InputDataConfig'> & {
  AlgorithmSpecification: { TrainingImage: string };
  ResourceConfig: { InstanceType: string };
  InputDataConfig?: (ReturnType<typeof CHANNEL> & {
    DataSource: { S3DataSource: { S3Uri: string; S3DataType: 'S3Prefix' | 'ManifestFile' } };
  })[];
};

/** ListProcessingJobs and ListTrainingJobs take the same parameters; times are in seconds. */
export const LIST_JOBS = structure([], {
  NameContains: string({ max: 63, pattern: '[a-zA-Z0-9\\-]+' }),
  StatusEquals: oneOf('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'),
  CreationTimeAfter: timestamp,
  CreationTimeBefore: timestamp,
  LastModifiedTimeAfter: timestamp,
  LastModifiedTimeBefore: timestamp,
  SortBy: oneOf('Name', 'CreationTime', 'Status'),
  SortOrder: oneOf('Ascending', 'Descending'),
  MaxResults: integer({ min: 1, max: 100 }),
  NextToken: NEXT_TOKEN,
});

export const LIST_TAGS = structure(['ResourceArn'], {
  ResourceArn: string({ max: 256, pattern: 'arn:.*' }),
  MaxResults: integer({ min: 50 }),
  NextToken: NEXT_TOKEN,
});

const LOG_GROUP = string({ min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' });

export const DESCRIBE_LOG_STREAMS = structure(['logGroupName'], {
  logGroupName: LOG_GROUP,
  logStreamNamePrefix: string({ min: 1, max: 512 }),
  orderBy: oneOf('LogStreamName', 'LastEventTime'),
  descending: boolean,
  limit: integer({ min: 1, max: 50 }),
  nextToken: string({ min: 1 }),
});
export const GET_LOG_EVENTS = structure(['logGroupName', 'logStreamName'], {
  logGroupName: LOG_GROUP,
  logStreamName: string({ min: 1, max: 512, pattern: '[^:*]*' }),
  startTime: integer({ min: 0 }),
  endTime: integer({ min: 0 }),
  limit: integer({ min: 1, max: 10_000 }),
  nextToken: string({ min: 1 }),
  startFromHead: boolean,
});
