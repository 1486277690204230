import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  StopProcessingJobCommand,
  StopTrainingJobCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { MachineJobKind } from '../../contracts/stages/stage';
import { isAlreadyEnded, isUnknownJob } from './sagemaker-errors';

export type MachineJobStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

/** A processing or training job as both Describe calls tell it, in one shape. */
export interface DescribedMachineJob {
  readonly arn: string;
  readonly status: MachineJobStatus;
  readonly secondaryStatus: string | null;
  readonly failureReason: string;
  readonly exitMessage: string;
  readonly instanceType: string;
  readonly maxRuntimeSeconds: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Seconds that AWS bills: download, run and upload; 0 where the machine never started. */
  readonly billedSeconds: number;
  /** Seconds for which the machine was there: more than are billed where it was a spot one. */
  readonly machineSeconds: number;
  /** S3 addresses of all inputs. */
  readonly inputUris: readonly string[];
}

/** The job of this name, or null where SageMaker does not know it. */
export async function describeMachineJob(
  client: SageMakerClient,
  kind: MachineJobKind,
  name: string,
  signal: AbortSignal,
): Promise<DescribedMachineJob | null> {
  try {
    return kind === 'processing'
      ? await describeProcessing(client, name, signal)
      : await describeTraining(client, name, signal);
  } catch (error) {
    if (isUnknownJob(error)) return null;
    throw error;
  }
}

async function describeProcessing(
  client: SageMakerClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<DescribedMachineJob> {
  const job = await client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }), { abortSignal });
  const startedAtMs = job.ProcessingStartTime?.getTime() ?? null;
  const endedAtMs = job.ProcessingEndTime?.getTime() ?? null;
  const billedSeconds = secondsBetween(startedAtMs, endedAtMs);
  return {
    arn: job.ProcessingJobArn ?? '',
    status: job.ProcessingJobStatus as MachineJobStatus,
    secondaryStatus: null,
    failureReason: job.FailureReason ?? '',
    exitMessage: job.ExitMessage ?? '',
    instanceType: job.ProcessingResources?.ClusterConfig?.InstanceType ?? '',
    maxRuntimeSeconds: job.StoppingCondition?.MaxRuntimeInSeconds ?? Infinity,
    startedAtMs,
    endedAtMs,
    billedSeconds,
    machineSeconds: billedSeconds,
    inputUris: (job.ProcessingInputs ?? []).map((input) => input.S3Input?.S3Uri ?? ''),
  };
}

async function describeTraining(
  client: SageMakerClient,
  name: string,
  abortSignal: AbortSignal,
): Promise<DescribedMachineJob> {
  const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }), { abortSignal });
  const startedAtMs = job.TrainingStartTime?.getTime() ?? null;
  const endedAtMs = job.TrainingEndTime?.getTime() ?? null;
  const billedSeconds = job.BillableTimeInSeconds ?? secondsBetween(startedAtMs, endedAtMs);
  return {
    arn: job.TrainingJobArn ?? '',
    status: job.TrainingJobStatus as MachineJobStatus,
    secondaryStatus: job.SecondaryStatus ?? null,
    failureReason: job.FailureReason ?? '',
    exitMessage: '',
    instanceType: job.ResourceConfig?.InstanceType ?? '',
    maxRuntimeSeconds: job.StoppingCondition?.MaxRuntimeInSeconds ?? Infinity,
    startedAtMs,
    endedAtMs,
    billedSeconds,
    machineSeconds: job.TrainingTimeInSeconds ?? billedSeconds,
    inputUris: (job.InputDataConfig ?? []).map((channel) => channel.DataSource?.S3DataSource?.S3Uri ?? ''),
  };
}

const secondsBetween = (startMs: number | null, endMs: number | null): number =>
  startMs === null || endMs === null ? 0 : Math.max(0, (endMs - startMs) / 1000);

/** Tags of a job by key. */
export async function machineJobTags(
  client: SageMakerClient,
  arn: string,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { Tags = [] } = await client.send(new ListTagsCommand({ ResourceArn: arn, MaxResults: 50 }), { abortSignal });
  return new Map(Tags.map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** Asks SageMaker to stop a job. True when there was one to stop; one that has ended or never was is no error. */
export async function requestStop(
  client: SageMakerClient,
  kind: MachineJobKind,
  name: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    if (kind === 'processing')
      await client.send(new StopProcessingJobCommand({ ProcessingJobName: name }), { abortSignal });
    else await client.send(new StopTrainingJobCommand({ TrainingJobName: name }), { abortSignal });
    return true;
  } catch (error) {
    if (isAlreadyEnded(error) || isUnknownJob(error)) return false;
    throw error;
  }
}
