import { ProcessingInstanceType, TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import type { Checked, Shape } from './constraints';

/** Limits and patterns as in botocore's model of SageMaker (1.43), for the members that the endpoint reads. */
const JOB_NAME = {
  type: 'string',
  min: 1,
  max: 63,
  pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}',
} as const satisfies Shape;
const ROLE_ARN = {
  type: 'string',
  min: 20,
  max: 2048,
  pattern: 'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
} as const satisfies Shape;
const IMAGE = { type: 'string', max: 255, pattern: '.*' } as const satisfies Shape;
const S3_URI = { type: 'string', max: 1024, pattern: '(https|s3)://([^/]+)/?(.*)' } as const satisfies Shape;
const KMS_KEY_ID = { type: 'string', max: 2048 } as const satisfies Shape;
const LOCAL_PATH = { type: 'string', max: 256 } as const satisfies Shape;
const COMMAND = { type: 'list', min: 1, max: 100, member: { type: 'string', max: 256 } } as const satisfies Shape;
const STATUSES = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;

const TAG = {
  type: 'structure',
  required: ['Key', 'Value'],
  members: { Key: { type: 'string', min: 1, max: 128 }, Value: { type: 'string', max: 256 } },
} as const satisfies Shape;
export type Tag = Checked<typeof TAG>;
export const MAX_TAGS = 50;
const TAGS = { type: 'list', max: MAX_TAGS, member: TAG } as const satisfies Shape;
const RESOURCE_ARN = { type: 'string', max: 256, pattern: 'arn:.*' } as const satisfies Shape;

const ENVIRONMENT_KEY = '[a-zA-Z_][a-zA-Z0-9_]*';

const ANY_STRUCTURE = { type: 'structure', members: {} } as const satisfies Shape;

const S3_INPUT = {
  type: 'structure',
  required: ['S3Uri', 'S3DataType'],
  members: {
    S3Uri: S3_URI,
    LocalPath: LOCAL_PATH,
    S3DataType: { type: 'string', enum: ['ManifestFile', 'S3Prefix'] },
    S3InputMode: { type: 'string', enum: ['Pipe', 'File'] },
    S3DataDistributionType: { type: 'string', enum: ['FullyReplicated', 'ShardedByS3Key'] },
    S3CompressionType: { type: 'string', enum: ['None', 'Gzip'] },
  },
} as const satisfies Shape;

const S3_OUTPUT = {
  type: 'structure',
  required: ['S3Uri', 'S3UploadMode'],
  members: {
    S3Uri: S3_URI,
    LocalPath: LOCAL_PATH,
    S3UploadMode: { type: 'string', enum: ['Continuous', 'EndOfJob'] },
  },
} as const satisfies Shape;

export const CREATE_PROCESSING_JOB = {
  type: 'structure',
  required: ['ProcessingJobName', 'ProcessingResources', 'AppSpecification', 'RoleArn'],
  members: {
    ProcessingJobName: JOB_NAME,
    RoleArn: ROLE_ARN,
    Tags: TAGS,
    AppSpecification: {
      type: 'structure',
      required: ['ImageUri'],
      members: { ImageUri: IMAGE, ContainerEntrypoint: COMMAND, ContainerArguments: COMMAND },
    },
    Environment: {
      type: 'map',
      max: 100,
      key: { type: 'string', max: 256, pattern: ENVIRONMENT_KEY },
      value: { type: 'string', max: 256 },
    },
    ProcessingResources: {
      type: 'structure',
      required: ['ClusterConfig'],
      members: {
        ClusterConfig: {
          type: 'structure',
          required: ['InstanceCount', 'InstanceType', 'VolumeSizeInGB'],
          members: {
            InstanceCount: { type: 'integer', min: 1, max: 100 },
            InstanceType: { type: 'string', enum: Object.values(ProcessingInstanceType) },
            VolumeSizeInGB: { type: 'integer', min: 1, max: 16_384 },
            VolumeKmsKeyId: KMS_KEY_ID,
          },
        },
      },
    },
    NetworkConfig: { type: 'structure', members: { EnableNetworkIsolation: { type: 'boolean' } } },
    StoppingCondition: {
      type: 'structure',
      required: ['MaxRuntimeInSeconds'],
      members: { MaxRuntimeInSeconds: { type: 'integer', min: 1, max: 777_600 } },
    },
    ProcessingInputs: {
      type: 'list',
      max: 10,
      member: {
        type: 'structure',
        required: ['InputName'],
        members: {
          InputName: { type: 'string' },
          S3Input: S3_INPUT,
          DatasetDefinition: ANY_STRUCTURE,
          AppManaged: { type: 'boolean' },
        },
      },
    },
    ProcessingOutputConfig: {
      type: 'structure',
      required: ['Outputs'],
      members: {
        Outputs: {
          type: 'list',
          max: 10,
          member: {
            type: 'structure',
            required: ['OutputName'],
            members: {
              OutputName: { type: 'string' },
              S3Output: S3_OUTPUT,
              FeatureStoreOutput: ANY_STRUCTURE,
              AppManaged: { type: 'boolean' },
            },
          },
        },
      },
    },
  },
} as const satisfies Shape;

const S3_DATA_SOURCE = {
  type: 'structure',
  required: ['S3DataType', 'S3Uri'],
  members: {
    S3Uri: S3_URI,
    S3DataType: { type: 'string', enum: ['ManifestFile', 'S3Prefix', 'AugmentedManifestFile', 'Converse'] },
    S3DataDistributionType: { type: 'string', enum: ['FullyReplicated', 'ShardedByS3Key'] },
  },
} as const satisfies Shape;

export const CREATE_TRAINING_JOB = {
  type: 'structure',
  required: [
    'TrainingJobName',
    'RoleArn',
    'OutputDataConfig',
    'AlgorithmSpecification',
    'ResourceConfig',
    'StoppingCondition',
  ],
  members: {
    TrainingJobName: JOB_NAME,
    RoleArn: ROLE_ARN,
    Tags: TAGS,
    AlgorithmSpecification: {
      type: 'structure',
      required: ['TrainingInputMode'],
      members: {
        TrainingImage: IMAGE,
        TrainingInputMode: { type: 'string', enum: ['Pipe', 'File', 'FastFile'] },
        ContainerEntrypoint: COMMAND,
        ContainerArguments: COMMAND,
      },
    },
    Environment: {
      type: 'map',
      max: 100,
      key: { type: 'string', max: 512, pattern: ENVIRONMENT_KEY },
      value: { type: 'string', max: 512 },
    },
    HyperParameters: { type: 'map', max: 100, key: { type: 'string', max: 256 }, value: { type: 'string', max: 2500 } },
    ResourceConfig: {
      type: 'structure',
      members: {
        InstanceCount: { type: 'integer', min: 0 },
        InstanceType: { type: 'string', enum: Object.values(TrainingInstanceType) },
        VolumeSizeInGB: { type: 'integer', min: 0 },
        VolumeKmsKeyId: KMS_KEY_ID,
      },
    },
    StoppingCondition: {
      type: 'structure',
      members: {
        MaxRuntimeInSeconds: { type: 'integer', min: 1 },
        MaxWaitTimeInSeconds: { type: 'integer', min: 1 },
        MaxPendingTimeInSeconds: { type: 'integer', min: 7_200, max: 2_419_200 },
      },
    },
    RetryStrategy: {
      type: 'structure',
      required: ['MaximumRetryAttempts'],
      members: { MaximumRetryAttempts: { type: 'integer', min: 1, max: 30 } },
    },
    EnableManagedSpotTraining: { type: 'boolean' },
    EnableNetworkIsolation: { type: 'boolean' },
    InputDataConfig: {
      type: 'list',
      min: 1,
      max: 20,
      member: {
        type: 'structure',
        required: ['ChannelName', 'DataSource'],
        members: {
          ChannelName: { type: 'string', min: 1, max: 64, pattern: '[A-Za-z0-9\\.\\-_]+' },
          ContentType: { type: 'string', max: 256 },
          InputMode: { type: 'string', enum: ['Pipe', 'File', 'FastFile'] },
          RecordWrapperType: { type: 'string', enum: ['None', 'RecordIO'] },
          CompressionType: { type: 'string', enum: ['None', 'Gzip'] },
          DataSource: {
            type: 'structure',
            members: {
              S3DataSource: S3_DATA_SOURCE,
            },
          },
        },
      },
    },
    OutputDataConfig: {
      type: 'structure',
      required: ['S3OutputPath'],
      members: { S3OutputPath: S3_URI, CompressionType: { type: 'string', enum: ['GZIP', 'NONE'] } },
    },
    CheckpointConfig: {
      type: 'structure',
      required: ['S3Uri'],
      members: { S3Uri: S3_URI, LocalPath: { type: 'string', max: 4_096 } },
    },
  },
} as const satisfies Shape;

/** A request for a processing job that the endpoint can run: each input and output is S3's and has its folder. */
export type ProcessingRequest = Omit<
  Checked<typeof CREATE_PROCESSING_JOB>,
  'ProcessingInputs' | 'ProcessingOutputConfig'
> & {
  ProcessingInputs?: { S3Input: Placed<typeof S3_INPUT> }[];
  ProcessingOutputConfig?: { Outputs: { S3Output: Placed<typeof S3_OUTPUT> }[] };
};
type Placed<S> = Checked<S> & { LocalPath: string };

type AnyTrainingRequest = Checked<typeof CREATE_TRAINING_JOB>;
type AnyChannel = NonNullable<AnyTrainingRequest['InputDataConfig']>[number];

/** A request for a training job that the endpoint can run: it has an image, a type of machine, and channels of S3's. */
export type TrainingRequest = Omit<AnyTrainingRequest, 'InputDataConfig'> & {
  AlgorithmSpecification: { TrainingImage: string };
  ResourceConfig: { InstanceType: string };
  InputDataConfig?: (AnyChannel & {
    DataSource: { S3DataSource: { S3Uri: string; S3DataType: 'S3Prefix' | 'ManifestFile' } };
  })[];
};

export const NAMED_PROCESSING_JOB = {
  type: 'structure',
  required: ['ProcessingJobName'],
  members: { ProcessingJobName: JOB_NAME },
} as const satisfies Shape;
export const NAMED_TRAINING_JOB = {
  type: 'structure',
  required: ['TrainingJobName'],
  members: { TrainingJobName: JOB_NAME },
} as const satisfies Shape;

export const LIST_JOBS = {
  type: 'structure',
  members: {
    NameContains: { type: 'string', max: 63, pattern: '[a-zA-Z0-9\\-]+' },
    StatusEquals: { type: 'string', enum: STATUSES },
    CreationTimeAfter: { type: 'timestamp' },
    CreationTimeBefore: { type: 'timestamp' },
    LastModifiedTimeAfter: { type: 'timestamp' },
    LastModifiedTimeBefore: { type: 'timestamp' },
    SortBy: { type: 'string', enum: ['Name', 'CreationTime', 'Status'] },
    SortOrder: { type: 'string', enum: ['Ascending', 'Descending'] },
    MaxResults: { type: 'integer', min: 1, max: 100 },
    NextToken: { type: 'string', max: 8_192 },
  },
} as const satisfies Shape;

/** ListProcessingJobs and ListTrainingJobs take the same parameters; times are in seconds. */
export type ListJobsRequest = Checked<typeof LIST_JOBS>;

export const ADD_TAGS = {
  type: 'structure',
  required: ['ResourceArn', 'Tags'],
  members: { ResourceArn: RESOURCE_ARN, Tags: TAGS },
} as const satisfies Shape;
export const LIST_TAGS = {
  type: 'structure',
  required: ['ResourceArn'],
  members: {
    ResourceArn: RESOURCE_ARN,
    MaxResults: { type: 'integer', min: 50 },
    NextToken: { type: 'string', max: 8_192 },
  },
} as const satisfies Shape;
export const DELETE_TAGS = {
  type: 'structure',
  required: ['ResourceArn', 'TagKeys'],
  members: {
    ResourceArn: RESOURCE_ARN,
    TagKeys: { type: 'list', min: 1, max: MAX_TAGS, member: { type: 'string', min: 1, max: 128 } },
  },
} as const satisfies Shape;

const LOG_GROUP = { type: 'string', min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' } as const satisfies Shape;

export const DESCRIBE_LOG_STREAMS = {
  type: 'structure',
  required: ['logGroupName'],
  members: {
    logGroupName: LOG_GROUP,
    logStreamNamePrefix: { type: 'string', min: 1, max: 512 },
    orderBy: { type: 'string', enum: ['LogStreamName', 'LastEventTime'] },
    descending: { type: 'boolean' },
    limit: { type: 'integer', min: 1, max: 50 },
    nextToken: { type: 'string', min: 1 },
  },
} as const satisfies Shape;

export const GET_LOG_EVENTS = {
  type: 'structure',
  required: ['logGroupName', 'logStreamName'],
  members: {
    logGroupName: LOG_GROUP,
    logStreamName: { type: 'string', min: 1, max: 512, pattern: '[^:*]*' },
    startTime: { type: 'integer', min: 0 },
    endTime: { type: 'integer', min: 0 },
    limit: { type: 'integer', min: 1, max: 10_000 },
    nextToken: { type: 'string', min: 1 },
    startFromHead: { type: 'boolean' },
  },
} as const satisfies Shape;

export type GetLogEventsRequest = Checked<typeof GET_LOG_EVENTS>;
