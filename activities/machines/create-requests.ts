import type { CreateProcessingJobCommandInput, CreateTrainingJobCommandInput, Tag } from '@aws-sdk/client-sagemaker';
import { machineJobName, type MachineJobOwner } from '../../contracts/machines/names';
import type { StageMachine } from '../../contracts/stages/presets';
import { layout } from '../../contracts/storage/layout';
import type { Stage } from '../../contracts/stages/stage';

/** One attempt of one stage, with everything that its Create call says. */
export interface MachineJobSpec extends MachineJobOwner {
  /** First run id of the workflow that owns the job: another run never adopts it. */
  readonly runId: string;
  readonly machine: StageMachine;
  /** The earlier attempt whose checkpoints a training goes on from, and adds to; null = it starts anew. */
  readonly resumedFrom: number | null;
  /** What the stages before left, for those that need it: S3 keys of folders. */
  readonly inputs: { readonly sfmFolder?: string | undefined; readonly modelFolder?: string | undefined };
}

/** What an account lends to every job. */
export interface MachineEnvironment {
  readonly bucket: string;
  readonly roleArn: string;
  readonly images: Readonly<Record<Stage, string>>;
}

export const TAG = {
  deployment: 'spaceport:deployment',
  job: 'spaceport:job',
  run: 'spaceport:run',
  attempt: 'spaceport:attempt',
} as const;

export const tagsOf = (spec: Pick<MachineJobSpec, 'deployment' | 'jobId' | 'runId' | 'attempt'>): Tag[] => [
  { Key: TAG.deployment, Value: spec.deployment },
  { Key: TAG.job, Value: spec.jobId },
  { Key: TAG.run, Value: spec.runId },
  { Key: TAG.attempt, Value: String(spec.attempt) },
];

const PROCESSING_ROOT = '/opt/ml/processing';

export function processingJobRequest(
  spec: MachineJobSpec,
  environment: MachineEnvironment,
): CreateProcessingJobCommandInput {
  const uri = (key: string): string => `s3://${environment.bucket}/${key}`;
  const input = (
    name: string,
    key: string,
    type: 'S3Prefix' | 'ManifestFile',
  ): NonNullable<CreateProcessingJobCommandInput['ProcessingInputs']>[number] => ({
    InputName: name,
    S3Input: {
      S3Uri: uri(key),
      LocalPath: `${PROCESSING_ROOT}/input/${name}`,
      S3DataType: type,
      S3InputMode: 'File',
      S3DataDistributionType: 'FullyReplicated',
    },
  });
  const { jobId, stage, attempt, machine, inputs } = spec;
  return {
    ProcessingJobName: machineJobName(spec),
    ProcessingResources: {
      ClusterConfig: {
        InstanceCount: 1,
        InstanceType: machine.instanceType as never,
        VolumeSizeInGB: machine.volumeGb,
      },
    },
    AppSpecification: { ImageUri: environment.images[stage] },
    RoleArn: environment.roleArn,
    ProcessingInputs: [
      input('config', layout.configFolder(jobId, stage, attempt), 'S3Prefix'),
      inputs.modelFolder === undefined
        ? input('photos', layout.photoList(jobId), 'ManifestFile')
        : input('model', inputs.modelFolder, 'S3Prefix'),
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: 'output',
          S3Output: {
            S3Uri: uri(layout.outputFolder(jobId, stage, attempt)),
            LocalPath: `${PROCESSING_ROOT}/output`,
            S3UploadMode: 'EndOfJob',
          },
        },
      ],
    },
    StoppingCondition: { MaxRuntimeInSeconds: machine.maxRuntimeSeconds },
    NetworkConfig: { EnableNetworkIsolation: true },
    Tags: tagsOf(spec),
  };
}

export function trainingJobRequest(
  spec: MachineJobSpec,
  environment: MachineEnvironment,
): CreateTrainingJobCommandInput {
  const uri = (key: string): string => `s3://${environment.bucket}/${key}`;
  const channel = (
    name: string,
    key: string,
  ): NonNullable<CreateTrainingJobCommandInput['InputDataConfig']>[number] => ({
    ChannelName: name,
    InputMode: 'File',
    DataSource: {
      S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri(key), S3DataDistributionType: 'FullyReplicated' },
    },
  });
  const { jobId, stage, attempt, machine, inputs, resumedFrom } = spec;
  if (inputs.sfmFolder === undefined) throw new Error('training needs the output of structure from motion');
  return {
    TrainingJobName: machineJobName(spec),
    AlgorithmSpecification: { TrainingImage: environment.images[stage], TrainingInputMode: 'File' },
    RoleArn: environment.roleArn,
    InputDataConfig: [channel('config', layout.configFolder(jobId, stage, attempt)), channel('sfm', inputs.sfmFolder)],
    // NONE: compression and the result page read single files, without unpacking a model.tar.gz.
    OutputDataConfig: { S3OutputPath: uri(layout.outputFolder(jobId, stage, attempt)), CompressionType: 'NONE' },
    CheckpointConfig: { S3Uri: uri(layout.checkpointFolder(jobId, stage, resumedFrom ?? attempt)) },
    ResourceConfig: { InstanceCount: 1, InstanceType: machine.instanceType as never, VolumeSizeInGB: machine.volumeGb },
    StoppingCondition: { MaxRuntimeInSeconds: machine.maxRuntimeSeconds },
    EnableNetworkIsolation: true,
    Tags: tagsOf(spec),
  };
}
