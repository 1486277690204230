import { s3Uri, type S3Location } from '../../../contracts/storage/location';
import type { ProcessingRequest, TrainingRequest } from '../api/request-shapes';
import type { MachineJobRecord } from './job-record';
import { below, parseS3Uri } from '../transfer/s3-location';

/** Objects to fetch before the container starts. Folders here and below are relative to the job's tree (/opt/ml). */
export interface InputPlan {
  folder: string;
  source: S3Location;
  dataType: 'S3Prefix' | 'ManifestFile';
}

/** A folder to upload. */
export interface OutputPlan {
  folder: string;
  /** The prefix of the files, or the key of the archive. */
  target: S3Location;
  form: 'files' | 'archive';
  /** An empty folder leaves no archive. */
  skipEmpty: boolean;
}

/** A folder kept equal with a prefix while the container runs. */
export interface MirrorPlan {
  folder: string;
  target: S3Location;
  /** The prefix is restored before the container starts, and loses the files that are deleted from the folder. */
  checkpoints: boolean;
}

/** Everything a supervisor has to do for a job, so that it need not know which kind it runs. */
export interface JobPlan {
  /** Folders that exist before the container starts. */
  folders: string[];
  /** Path to JSON content. */
  configFiles: Record<string, unknown>;
  inputs: InputPlan[];
  mirrors: MirrorPlan[];
  outputs: OutputPlan[];
  /** Whether the outputs are uploaded after a stop or MaxRuntime too: the docs say so of training only. */
  uploadsWhenStopped: boolean;
  maxRuntimeSeconds: number;
  /** S3ModelArtifacts of a training job. */
  modelArtifacts?: string;
  /** Where the program explains itself: a failure file becomes the FailureReason, a message the ExitMessage. */
  explanation: { file: string; becomes: 'failureReason' | 'exitMessage' };
}

const RESOURCE_CONFIG = { current_host: 'algo-1', hosts: ['algo-1'] };

/** MaxRuntimeInSeconds where a request names none: 1 day. */
export const DEFAULT_MAX_RUNTIME_SECONDS = 86_400;

/** Derives the plan from the request, which must have passed the checks of Create. */
export function planJob(record: MachineJobRecord): JobPlan {
  return record.kind === 'processing'
    ? planProcessingJob(record.request, record.arn)
    : planTrainingJob(record.request, record.name);
}

/** Turns `/opt/ml/a/b` into `a/b`; undefined for a path elsewhere or one that climbs. */
export function folderInTree(localPath: string): string | undefined {
  if (!localPath.startsWith('/opt/ml/')) return undefined;
  const segments = localPath
    .slice('/opt/ml/'.length)
    .split('/')
    .filter((segment) => segment !== '');
  return segments.length > 0 && segments.every((segment) => segment !== '.' && segment !== '..')
    ? segments.join('/')
    : undefined;
}

/** Parses a folder or address that Create has checked already. */
function checked<T>(parse: (text: string) => T | undefined, text: string): T {
  const parsed = parse(text);
  if (parsed === undefined) throw new Error(`not checked by Create: ${text}`);
  return parsed;
}

function planProcessingJob(request: ProcessingRequest, arn: string): JobPlan {
  const inputs = (request.ProcessingInputs ?? []).map(({ S3Input }): InputPlan => ({
    folder: checked(folderInTree, S3Input.LocalPath),
    source: checked(parseS3Uri, S3Input.S3Uri),
    dataType: S3Input.S3DataType,
  }));
  const outputs = (request.ProcessingOutputConfig?.Outputs ?? []).map(({ S3Output }) => ({
    folder: checked(folderInTree, S3Output.LocalPath),
    target: checked(parseS3Uri, S3Output.S3Uri),
    continuous: S3Output.S3UploadMode === 'Continuous',
  }));
  const { Tags: _, ...echo } = request;
  return {
    folders: [...inputs, ...outputs].map(({ folder }) => folder).concat('output'),
    configFiles: {
      'config/processingjobconfig.json': { ProcessingJobArn: arn, ...echo },
      'config/resourceconfig.json': RESOURCE_CONFIG,
    },
    inputs,
    mirrors: outputs
      .filter(({ continuous }) => continuous)
      .map(({ folder, target }) => ({ folder, target, checkpoints: false })),
    outputs: outputs
      .filter(({ continuous }) => !continuous)
      .map(({ folder, target }) => ({ folder, target, form: 'files', skipEmpty: true })),
    uploadsWhenStopped: false,
    maxRuntimeSeconds: request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME_SECONDS,
    explanation: { file: 'output/message', becomes: 'exitMessage' },
  };
}

function planTrainingJob(request: TrainingRequest, name: string): JobPlan {
  const channels = request.InputDataConfig ?? [];
  const inputs = channels.map((channel): InputPlan => ({
    folder: `input/data/${channel.ChannelName}`,
    source: checked(parseS3Uri, channel.DataSource.S3DataSource.S3Uri),
    dataType: channel.DataSource.S3DataSource.S3DataType,
  }));
  const output = below(checked(parseS3Uri, request.OutputDataConfig.S3OutputPath), `${name}/output`);
  const compressed = request.OutputDataConfig.CompressionType !== 'NONE';
  const form = compressed ? 'archive' : 'files';
  const modelTarget = below(output, compressed ? 'model.tar.gz' : 'model/');
  const dataTarget = below(output, compressed ? 'output.tar.gz' : 'data/');
  const mirrors: MirrorPlan[] = [];
  if (request.CheckpointConfig) {
    const { LocalPath = '/opt/ml/checkpoints', S3Uri } = request.CheckpointConfig;
    mirrors.push({ folder: checked(folderInTree, LocalPath), target: checked(parseS3Uri, S3Uri), checkpoints: true });
  }
  return {
    folders: ['model', 'output/data', 'input/data', ...[...inputs, ...mirrors].map(({ folder }) => folder)],
    configFiles: {
      'input/config/hyperparameters.json': request.HyperParameters ?? {},
      'input/config/inputdataconfig.json': Object.fromEntries(
        channels.map((channel) => [
          channel.ChannelName,
          {
            ...(channel.ContentType ? { ContentType: channel.ContentType } : {}),
            TrainingInputMode: channel.InputMode ?? request.AlgorithmSpecification.TrainingInputMode,
            S3DistributionType: channel.DataSource.S3DataSource.S3DataDistributionType ?? 'FullyReplicated',
            RecordWrapperType: channel.RecordWrapperType ?? 'None',
          },
        ]),
      ),
      'input/config/resourceconfig.json': {
        ...RESOURCE_CONFIG,
        current_instance_type: request.ResourceConfig.InstanceType,
        network_interface_name: 'eth0',
      },
    },
    inputs,
    mirrors,
    outputs: [
      { folder: 'model', target: modelTarget, form, skipEmpty: !compressed },
      { folder: 'output/data', target: dataTarget, form, skipEmpty: true },
    ],
    uploadsWhenStopped: true,
    maxRuntimeSeconds: request.StoppingCondition.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME_SECONDS,
    modelArtifacts: s3Uri(modelTarget),
    explanation: { file: 'output/failure', becomes: 'failureReason' },
  };
}
