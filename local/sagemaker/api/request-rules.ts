import { hasNvme } from '../../../contracts/machines/local-storage';
import { ApiError } from '../api-error';
import { checkShape } from './constraints';
import { DEFAULT_MAX_RUNTIME_SECONDS, folderInTree } from '../jobs/job-plan';
import {
  CREATE_PROCESSING_JOB,
  CREATE_TRAINING_JOB,
  type ProcessingRequest,
  type Tag,
  type TrainingRequest,
} from './request-shapes';
import { parseS3Uri } from '../transfer/s3-location';

/** Checks a CreateProcessingJob request, and that it asks for nothing the endpoint lacks. Throws ApiError. */
export function checkProcessingRequest(body: unknown): ProcessingRequest {
  const request = checkShape(CREATE_PROCESSING_JOB, body);
  checkMachines(request.ProcessingResources.ClusterConfig);
  const { ProcessingInputs: inputs = [], ProcessingOutputConfig: { Outputs: outputs } = { Outputs: [] } } = request;
  refuseRepeated('InputName', inputs, ({ InputName }) => InputName);
  refuseRepeated('OutputName', outputs, ({ OutputName }) => OutputName);
  for (const { InputName, S3Input, DatasetDefinition, AppManaged } of inputs) {
    if (!S3Input || DatasetDefinition)
      throw refusal(`Input '${InputName}': the local endpoint takes exactly one source, S3Input.`);
    refuseIf(AppManaged, `Input '${InputName}': AppManaged is not supported by the local endpoint.`);
    const pipes = S3Input.S3InputMode === 'Pipe' || S3Input.S3CompressionType === 'Gzip';
    refuseIf(pipes, `Input '${InputName}': Pipe mode is not supported by the local endpoint.`);
    checkProcessingPath(`input '${InputName}'`, S3Input.LocalPath);
    checkS3Uri(S3Input.S3Uri);
  }
  for (const { OutputName, S3Output, FeatureStoreOutput, AppManaged } of outputs) {
    if (!S3Output || FeatureStoreOutput)
      throw refusal(`Output '${OutputName}': the local endpoint takes exactly one target, S3Output.`);
    refuseIf(AppManaged, `Output '${OutputName}': AppManaged is not supported by the local endpoint.`);
    checkProcessingPath(`output '${OutputName}'`, S3Output.LocalPath);
    checkS3Uri(S3Output.S3Uri);
  }
  checkTags(request.Tags);
  return request as ProcessingRequest;
}

/** Checks a CreateTrainingJob request, and that it asks for nothing the endpoint lacks. Throws ApiError. */
export function checkTrainingRequest(body: unknown): TrainingRequest {
  const request = checkShape(CREATE_TRAINING_JOB, body);
  const resources = request.ResourceConfig;
  refuseIf(
    !request.AlgorithmSpecification.TrainingImage,
    'The local endpoint needs AlgorithmSpecification.TrainingImage.',
  );
  refuseIf(!resources.InstanceType, 'The local endpoint needs ResourceConfig.InstanceType.');
  checkMachines(resources);
  const { MaxRuntimeInSeconds: maxRuntime, MaxWaitTimeInSeconds: maxWait } = request.StoppingCondition;
  refuseIf(maxRuntime && maxRuntime > 28 * 86_400, 'MaxRuntimeInSeconds must not exceed 28 days.');
  refuseIf(
    maxWait && !request.EnableManagedSpotTraining,
    'MaxWaitTimeInSeconds is only allowed with EnableManagedSpotTraining.',
  );
  const waitsLongEnough = maxWait !== undefined && maxWait >= (maxRuntime ?? DEFAULT_MAX_RUNTIME_SECONDS);
  refuseIf(
    request.EnableManagedSpotTraining && !waitsLongEnough,
    'MaxWaitTimeInSeconds must be at least MaxRuntimeInSeconds for managed spot training.',
  );
  const channels = request.InputDataConfig ?? [];
  refuseRepeated('ChannelName', channels, ({ ChannelName }) => ChannelName);
  for (const { ChannelName, DataSource, InputMode, CompressionType } of channels) {
    const source = DataSource.S3DataSource;
    refuseIf(ChannelName === '.' || ChannelName === '..', `Channel '${ChannelName}': not a folder name.`);
    if (!source) throw refusal(`Channel '${ChannelName}': the local endpoint reads S3DataSource only.`);
    const dataType = source.S3DataType;
    refuseIf(
      !['S3Prefix', 'ManifestFile'].includes(dataType),
      `Channel '${ChannelName}': S3DataType ${dataType} is not supported by the local endpoint.`,
    );
    const mode = InputMode ?? request.AlgorithmSpecification.TrainingInputMode;
    refuseIf(
      mode === 'Pipe' || CompressionType === 'Gzip',
      `Channel '${ChannelName}': Pipe mode is not supported by the local endpoint.`,
    );
    refuseIf(
      mode === 'FastFile' && dataType !== 'S3Prefix',
      `Channel '${ChannelName}': FastFile mode is for S3DataType S3Prefix only.`,
    );
    checkS3Uri(source.S3Uri);
  }
  checkS3Uri(request.OutputDataConfig.S3OutputPath);
  if (request.CheckpointConfig) {
    const { LocalPath, S3Uri } = request.CheckpointConfig;
    const elsewhere = LocalPath !== undefined && !folderInTree(LocalPath);
    refuseIf(elsewhere, `CheckpointConfig.LocalPath must be below /opt/ml on the local endpoint: ${LocalPath}`);
    checkS3Uri(S3Uri);
  }
  checkTags(request.Tags);
  return request as TrainingRequest;
}

/** Checks the rules for tag keys that no shape expresses. */
function checkTags(tags: readonly Tag[] | undefined): void {
  refuseRepeated('Tag key', tags ?? [], ({ Key }) => Key);
  const reserved = tags?.find(({ Key }) => Key.toLowerCase().startsWith('aws:'));
  refuseIf(reserved, `Tag keys beginning with aws: are reserved: ${reserved?.Key}`);
}

function checkProcessingPath(where: string, localPath: string | undefined): void {
  const folder = localPath === undefined ? undefined : folderInTree(localPath);
  refuseIf(!folder?.startsWith('processing/'), `LocalPath of ${where} must be below /opt/ml/processing/: ${localPath}`);
}

function checkS3Uri(uri: string): void {
  refuseIf(!parseS3Uri(uri), `The local endpoint reads and writes s3:// URIs only: ${uri}`);
}

function checkMachines(asked: { InstanceCount?: number; InstanceType?: string; VolumeKmsKeyId?: string }): void {
  const { InstanceCount, InstanceType, VolumeKmsKeyId } = asked;
  refuseIf((InstanceCount ?? 1) !== 1, 'The local endpoint runs one instance a job: InstanceCount must be 1.');
  const refused = VolumeKmsKeyId && hasNvme(InstanceType ?? '');
  refuseIf(refused, `VolumeKmsKeyId is not supported for instance type ${InstanceType}: its storage is local NVMe.`);
}

function refuseRepeated<T>(what: string, items: readonly T[], nameOf: (item: T) => string): void {
  const names = items.map(nameOf);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  refuseIf(repeated !== undefined, `${what} must be unique: ${repeated}`);
}

function refuseIf(condition: unknown, message: string): void {
  if (condition) throw refusal(message);
}

const refusal = (message: string): ApiError => new ApiError('ValidationException', message);
