import type { CreateProcessingJobCommandInput, CreateTrainingJobCommandInput, Tag } from '@aws-sdk/client-sagemaker';
import { LOCAL_TENANT } from '../../contracts/job/record';
import { machineJobName, partSuffix, type MachineJobOwner } from '../../contracts/machines/names';
import type { StageMachine } from '../../contracts/machines/choice';
import { hasNvme } from '../../contracts/machines/local-storage';
import { layout } from '../../contracts/storage/layout';
import type { Part, Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';

/** One attempt of one stage, with everything that its Create call says. */
export interface MachineJobSpec extends MachineJobOwner {
  /** First run id of the workflow that owns the job: another run never adopts it. */
  readonly runId: string;
  /** Missing where an earlier version of the workflow asked: then it is the local one. */
  readonly tenant?: string;
  readonly machine: StageMachine;
  /** A spot machine, and how long one is waited for in all; not set = on demand. */
  readonly spot?: { readonly waitSeconds: number };
  /** The earlier attempt whose checkpoints it resumes from, and adds to; null = it starts anew. */
  readonly resumedFrom: number | null;
  /** Artefacts of earlier stages, by input channel. */
  readonly inputs: Readonly<Record<string, readonly InputFolder[]>>;
}

/** S3 key of the folder that a stage, or one of its parts, has left. */
export interface InputFolder {
  readonly part: Part;
  readonly folder: string;
}

/** Facts of the account that every machine job shares. */
export interface MachineEnvironment {
  readonly bucket: string;
  readonly roleArn: string;
  readonly images: Readonly<Record<Stage, string>>;
  /** Key that results and disks are encrypted with; not set = the bucket's own, and SageMaker's for disks. */
  readonly kmsKeyArn?: string | null;
}

export const TAG = {
  deployment: 'spaceport:deployment',
  job: 'spaceport:job',
  run: 'spaceport:run',
  attempt: 'spaceport:attempt',
  part: 'spaceport:part',
  tenant: 'spaceport:tenant',
} as const;

export const tagsOf = (
  spec: Pick<MachineJobSpec, 'deployment' | 'tenant' | 'jobId' | 'runId' | 'attempt' | 'part'>,
): Tag[] => [
  { Key: TAG.deployment, Value: spec.deployment },
  { Key: TAG.job, Value: spec.jobId },
  { Key: TAG.run, Value: spec.runId },
  { Key: TAG.attempt, Value: String(spec.attempt) },
  ...((spec.part ?? null) === null ? [] : [{ Key: TAG.part, Value: String(spec.part) }]),
  { Key: TAG.tenant, Value: spec.tenant ?? LOCAL_TENANT },
];

/** An input of a machine job: `config`, then the channels of the stage's definition, one for each part. */
interface Channel {
  readonly name: string;
  readonly uri: string;
  readonly type: 'S3Prefix' | 'ManifestFile';
}

function channelsOf(spec: MachineJobSpec, bucket: string): Channel[] {
  const { jobId, stage, attempt, part } = spec;
  const channel = (name: string, key: string, type: Channel['type'] = 'S3Prefix'): Channel => ({
    name,
    uri: `s3://${bucket}/${key}`,
    type,
  });
  return [
    channel('config', layout.configFolder(jobId, stage, attempt, part)),
    ...Object.entries(STAGE[stage].inputs).flatMap(([name, source]) =>
      source === 'photos'
        ? [channel(name, layout.photoList(jobId), 'ManifestFile')]
        : inputFolders(spec, name).map((input) => channel(name + partSuffix(input.part), input.folder)),
    ),
  ];
}

/** The folders of a channel, also where an earlier version has scheduled the call: it had one, under another name. */
function inputFolders({ stage, inputs }: MachineJobSpec, channel: string): readonly InputFolder[] {
  const earlier = (inputs as Readonly<Record<string, unknown>>)[`${channel}Folder`];
  const folders = typeof earlier === 'string' ? [{ part: null, folder: earlier }] : (inputs[channel] ?? []);
  if (folders.length === 0) throw new Error(`${stage} needs ${channel}, and nothing was named for it`);
  return folders;
}

const PROCESSING_ROOT = '/opt/ml/processing';

/** Fields that both kinds of Create have. */
const common = (spec: MachineJobSpec, { roleArn }: MachineEnvironment) => ({
  RoleArn: roleArn,
  StoppingCondition: { MaxRuntimeInSeconds: spec.machine.maxRuntimeSeconds },
  Tags: tagsOf(spec),
});

const rented = ({ machine }: MachineJobSpec, { kmsKeyArn = null }: MachineEnvironment) => ({
  InstanceCount: 1,
  InstanceType: machine.instanceType as never,
  VolumeSizeInGB: machine.volumeGb,
  ...(kmsKeyArn !== null && !hasNvme(machine.instanceType) && { VolumeKmsKeyId: kmsKeyArn }),
});

const encrypted = ({ kmsKeyArn = null }: MachineEnvironment) => kmsKeyArn !== null && { KmsKeyId: kmsKeyArn };

export function processingJobRequest(
  spec: MachineJobSpec,
  environment: MachineEnvironment,
): CreateProcessingJobCommandInput {
  const { jobId, stage, attempt, part } = spec;
  return {
    ...common(spec, environment),
    ProcessingJobName: machineJobName(spec),
    ProcessingResources: { ClusterConfig: rented(spec, environment) },
    AppSpecification: { ImageUri: environment.images[stage] },
    ProcessingInputs: channelsOf(spec, environment.bucket).map(({ name, uri, type }) => ({
      InputName: name,
      S3Input: {
        S3Uri: uri,
        LocalPath: `${PROCESSING_ROOT}/input/${name}`,
        S3DataType: type,
        S3InputMode: 'File',
        S3DataDistributionType: 'FullyReplicated',
      },
    })),
    ProcessingOutputConfig: {
      ...encrypted(environment),
      Outputs: [
        {
          OutputName: 'output',
          S3Output: {
            S3Uri: `s3://${environment.bucket}/${layout.outputFolder(jobId, stage, attempt, part)}`,
            LocalPath: `${PROCESSING_ROOT}/output`,
            S3UploadMode: 'EndOfJob',
          },
        },
      ],
    },
    NetworkConfig: { EnableNetworkIsolation: true },
  };
}

/** What a spot machine adds. The time that it may take in all is that of its work, and that of waiting for machines. */
const spotFields = ({ spot, machine: { maxRuntimeSeconds } }: MachineJobSpec) =>
  spot && {
    EnableManagedSpotTraining: true,
    StoppingCondition: {
      MaxRuntimeInSeconds: maxRuntimeSeconds,
      MaxWaitTimeInSeconds: maxRuntimeSeconds + spot.waitSeconds,
    },
  };

export function trainingJobRequest(
  spec: MachineJobSpec,
  environment: MachineEnvironment,
): CreateTrainingJobCommandInput {
  const { jobId, stage, attempt, part, resumedFrom } = spec;
  const uri = (key: string): string => `s3://${environment.bucket}/${key}`;
  return {
    ...common(spec, environment),
    TrainingJobName: machineJobName(spec),
    AlgorithmSpecification: { TrainingImage: environment.images[stage], TrainingInputMode: 'File' },
    InputDataConfig: channelsOf(spec, environment.bucket).map((channel) => ({
      ChannelName: channel.name,
      InputMode: 'File',
      DataSource: {
        S3DataSource: { S3DataType: channel.type, S3Uri: channel.uri, S3DataDistributionType: 'FullyReplicated' },
      },
    })),
    // NONE: compression and the result page read single files, without unpacking a model.tar.gz.
    OutputDataConfig: {
      S3OutputPath: uri(layout.outputFolder(jobId, stage, attempt, part)),
      CompressionType: 'NONE',
      ...encrypted(environment),
    },
    CheckpointConfig: { S3Uri: uri(layout.checkpointFolder(jobId, stage, resumedFrom ?? attempt, part)) },
    ResourceConfig: rented(spec, environment),
    ...spotFields(spec),
    EnableNetworkIsolation: true,
  };
}
