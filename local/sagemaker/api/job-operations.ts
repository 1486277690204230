import type { FaultPlanFile } from '../../faults/fault-plan-file';
import { ApiError } from '../api-error';
import { checkShape } from './constraints';
import { containerRequest, resolveCommand, type ContainerRunner } from '../containers/container-command';
import { faultsOfNewJob, type SageMakerRule } from '../faults/fault-plan';
import { JobFolder, jobFolderPath } from '../jobs/job-folder';
import { describeJob, summarizeJob } from './job-description';
import { JOB_KINDS, jobArn, type JobKind } from '../jobs/job-kind';
import { pageOfJobs } from './job-listing';
import { isTerminal, type MachineJobRecord, type NewJob } from '../jobs/job-record';
import type { Job, JobRegistry } from '../jobs/job-registry';
import { checkQuota, type Quotas } from './quotas';
import { checkProcessingRequest, checkTrainingRequest } from './request-rules';
import { LIST_JOBS, NAMED_PROCESSING_JOB, NAMED_TRAINING_JOB } from './request-shapes';

export interface JobSettings {
  root: string;
  region: string;
  runner: ContainerRunner;
  quotas: Quotas;
  stopGraceMs: number;
  syncIntervalMs: number;
  keepTrees: boolean;
  /** What goes wrong on purpose. */
  faults?: FaultPlanFile<SageMakerRule> | undefined;
}

/**
 * Create, Describe, Stop and List for both kinds of job. Where AWS's two kinds answer in different words, so does this.
 */
export class JobOperations {
  constructor(
    private readonly registry: JobRegistry,
    private readonly settings: JobSettings,
  ) {}

  async createProcessingJob(body: unknown): Promise<object> {
    const request = checkProcessingRequest(body);
    const arn = await this.create({ kind: 'processing', name: request.ProcessingJobName, request });
    return { ProcessingJobArn: arn };
  }

  async createTrainingJob(body: unknown): Promise<object> {
    const request = checkTrainingRequest(body);
    const arn = await this.create({ kind: 'training', name: request.TrainingJobName, request });
    return { TrainingJobArn: arn };
  }

  async describeProcessingJob(body: unknown): Promise<object> {
    const { ProcessingJobName: name } = checkShape(NAMED_PROCESSING_JOB, body);
    return describeJob(await this.find('processing', name, `Could not find requested job with name: ${name}`));
  }

  async describeTrainingJob(body: unknown): Promise<object> {
    const { TrainingJobName: name } = checkShape(NAMED_TRAINING_JOB, body);
    return describeJob(await this.find('training', name, 'Requested resource not found.'));
  }

  async stopProcessingJob(body: unknown): Promise<undefined> {
    const { ProcessingJobName: name } = checkShape(NAMED_PROCESSING_JOB, body);
    await this.stop(await this.find('processing', name, `Could not find job to update with name: ${name}`));
  }

  async stopTrainingJob(body: unknown): Promise<undefined> {
    const { TrainingJobName: name } = checkShape(NAMED_TRAINING_JOB, body);
    await this.stop(await this.find('training', name, 'Requested resource not found.'));
  }

  async listProcessingJobs(body: unknown): Promise<object> {
    const { jobs, nextToken } = await this.list('processing', body);
    return { ProcessingJobSummaries: jobs.map(summarizeJob), NextToken: nextToken };
  }

  async listTrainingJobs(body: unknown): Promise<object> {
    const { jobs, nextToken } = await this.list('training', body);
    return { TrainingJobSummaries: jobs.map(summarizeJob), NextToken: nextToken };
  }

  private async create(requested: NewJob): Promise<string> {
    const { kind, name } = requested;
    const { root, region, runner, quotas, stopGraceMs, syncIntervalMs, keepTrees, faults } = this.settings;
    const arn = jobArn(kind, name, region);
    const container = containerRequest({ ...requested, arn });
    const { tree } = new JobFolder(jobFolderPath(root, kind, name));
    const command = resolveCommand(runner, container, tree, `spaceport-${kind}-${name}`);
    if (!command) {
      throw new ApiError(
        'ValidationException',
        `The image ${container.image} is not in the image manifest of the local endpoint.`,
      );
    }
    const record: MachineJobRecord = {
      ...requested,
      arn,
      createdAtMs: Date.now(),
      tags: requested.request.Tags ?? [],
      command,
      stopGraceMs,
      syncIntervalMs,
      keepTree: keepTrees,
    };
    const plan = await faults?.read();
    const created = await this.registry.create(record, (jobs) => {
      checkQuota(quotas, kind, instanceType(record), inUse(jobs, kind, instanceType(record)));
      if (!plan) return record;
      return {
        ...record,
        faults: faultsOfNewJob(
          plan,
          `Create${JOB_KINDS[kind].operationNoun}`,
          name,
          jobs.map((job) => job.record),
        ),
      };
    });
    if (!created) {
      throw new ApiError(
        'ResourceInUse',
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
    return arn;
  }

  /** A job that is being stopped already is left to it; one at its end is refused, as AWS does. */
  private async stop(job: Job): Promise<void> {
    const { kind } = job.record;
    if (isTerminal(job.state.status)) {
      throw new ApiError(
        'ValidationException',
        `The request was rejected because the ${JOB_KINDS[kind].noun} is in status ${job.state.status}.`,
      );
    }
    if (job.stopRequestedAtMs === undefined) await this.registry.stop(job);
  }

  private async list(kind: JobKind, body: unknown): Promise<ReturnType<typeof pageOfJobs>> {
    const request = checkShape(LIST_JOBS, body);
    return pageOfJobs(await this.registry.list(kind), request);
  }

  private async find(kind: JobKind, name: string, notFound: string): Promise<Job> {
    const job = await this.registry.current(kind, name);
    if (!job) throw new ApiError('ValidationException', notFound);
    return job;
  }
}

function inUse(jobs: readonly Job[], kind: JobKind, type: string): number {
  return jobs.filter(
    ({ record, state }) => record.kind === kind && !isTerminal(state.status) && instanceType(record) === type,
  ).length;
}

function instanceType(record: MachineJobRecord): string {
  return record.kind === 'processing'
    ? record.request.ProcessingResources.ClusterConfig.InstanceType
    : record.request.ResourceConfig.InstanceType;
}
