import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  paginateListProcessingJobs,
  paginateListTrainingJobs,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { Machine } from './evidence';

/** Every job that SageMaker knows, as Describe tells it. */
export async function machinesOf(client: SageMakerClient): Promise<Machine[]> {
  const machines: Machine[] = [];
  for await (const { ProcessingJobSummaries = [] } of paginateListProcessingJobs({ client, pageSize: 100 }, {}))
    for (const { ProcessingJobName = '' } of ProcessingJobSummaries)
      machines.push(await processing(client, ProcessingJobName));
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs({ client, pageSize: 100 }, {}))
    for (const { TrainingJobName = '' } of TrainingJobSummaries) machines.push(await training(client, TrainingJobName));
  return machines;
}

async function processing(client: SageMakerClient, name: string): Promise<Machine> {
  const job = await client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
  const [startedAtMs, endedAtMs] = [
    job.ProcessingStartTime?.getTime() ?? null,
    job.ProcessingEndTime?.getTime() ?? null,
  ];
  return {
    name,
    status: job.ProcessingJobStatus ?? '',
    instanceType: job.ProcessingResources?.ClusterConfig?.InstanceType ?? '',
    failureReason: job.FailureReason ?? '',
    createdAtMs: job.CreationTime?.getTime() ?? 0,
    startedAtMs,
    endedAtMs,
    billedSeconds: startedAtMs === null || endedAtMs === null ? 0 : (endedAtMs - startedAtMs) / 1000,
  };
}

async function training(client: SageMakerClient, name: string): Promise<Machine> {
  const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  return {
    name,
    status: job.TrainingJobStatus ?? '',
    instanceType: job.ResourceConfig?.InstanceType ?? '',
    failureReason: job.FailureReason ?? '',
    createdAtMs: job.CreationTime?.getTime() ?? 0,
    startedAtMs: job.TrainingStartTime?.getTime() ?? null,
    endedAtMs: job.TrainingEndTime?.getTime() ?? null,
    billedSeconds: job.BillableTimeInSeconds ?? 0,
  };
}
