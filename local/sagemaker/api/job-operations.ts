import type { FaultPlanFile } from '../../faults/fault-plan-file';
import { ApiError } from '../api-error';
import { checkShape, structure } from './constraints';
import { containerRequest, resolveCommand, type ContainerRunner } from '../containers/container-command';
import { faultsOfNewJob, type SageMakerRule } from '../faults/fault-plan';
import { JobFolder, jobFolderPath } from '../jobs/job-folder';
import { describeJob, summarizeJob } from './job-description';
import { jobArn, JOB_NOUNS, parseJobArn, type JobKind } from '../jobs/job-kind';
import { pageOfJobs } from './job-listing';
import { isTerminal, type MachineJobRecord, type NewJob } from '../jobs/job-record';
import type { Job, JobRegistry } from '../jobs/job-registry';
import { checkQuota, type Quotas } from './quotas';
import { checkProcessingRequest, checkTrainingRequest } from './request-rules';
import { JOB_NAME, LIST_JOBS, LIST_TAGS } from './request-shapes';

export interface JobSettings {
  root: string;
  region: string;
  runner: ContainerRunner;
  quotas: Quotas;
  stopGraceMs: number;
  syncIntervalMs: number;
  keepTrees: boolean;
  /** Faults that tests cause on purpose. */
  faults?: FaultPlanFile<SageMakerRule> | undefined;
}

/**
 * Create, Describe, Stop, List and ListTags for both kinds of job, worded differently where AWS words them differently.
 */
export class JobOperations {
  constructor(
    private readonly registry: JobRegistry,
    private readonly settings: JobSettings,
  ) {}

  async create(kind: JobKind, body: unknown): Promise<object> {
    const requested = newJob(kind, body);
    const { name } = requested;
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
      command,
      stopGraceMs,
      syncIntervalMs,
      keepTree: keepTrees,
    };
    const plan = await faults?.read();
    const created = await this.registry.create(record, (jobs) => {
      checkQuota(quotas, kind, instanceType(record), inUse(jobs, kind, instanceType(record)));
      return plan ? { ...record, faults: faultsOfNewJob(plan, `Create${JOB_NOUNS[kind]}`, name, jobs) } : record;
    });
    if (!created) {
      throw new ApiError(
        'ResourceInUse',
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
    return { [`${JOB_NOUNS[kind]}Arn`]: arn };
  }

  async describe(kind: JobKind, body: unknown): Promise<object> {
    return describeJob(await this.find(kind, body, 'Could not find requested job with name'));
  }

  /** A second stop of a job is accepted without effect; a stop of one at its end is refused, as AWS does. */
  async stop(kind: JobKind, body: unknown): Promise<undefined> {
    const job = await this.find(kind, body, 'Could not find job to update with name');
    if (isTerminal(job.state.status)) {
      throw new ApiError(
        'ValidationException',
        `The request was rejected because the ${kind} job is in status ${job.state.status}.`,
      );
    }
    if (job.stopRequestedAtMs === undefined) await this.registry.stop(job);
  }

  async list(kind: JobKind, body: unknown): Promise<object> {
    const request = checkShape(LIST_JOBS, body);
    const { jobs, nextToken } = pageOfJobs(await this.registry.list(kind), request);
    return { [`${JOB_NOUNS[kind]}Summaries`]: jobs.map(summarizeJob), NextToken: nextToken };
  }

  /** Tags given to Create. All fit on one page, since a job has 50 at most. */
  async listTags(body: unknown): Promise<object> {
    const { ResourceArn } = checkShape(LIST_TAGS, body);
    const named = parseJobArn(ResourceArn);
    const job = named && (await this.registry.current(named.kind, named.name));
    if (job?.record.arn !== ResourceArn) throw new ApiError('ValidationException', 'Requested resource not found.');
    return { Tags: job.record.request.Tags ?? [] };
  }

  private async find(kind: JobKind, body: unknown, processingJobNotFound: string): Promise<Job> {
    const member = `${JOB_NOUNS[kind]}Name` as const;
    const name = checkShape(structure([member], { [member]: JOB_NAME }), body)[member];
    const job = await this.registry.current(kind, name);
    if (job) return job;
    const notFound = kind === 'processing' ? `${processingJobNotFound}: ${name}` : 'Requested resource not found.';
    throw new ApiError('ValidationException', notFound);
  }
}

function newJob(kind: JobKind, body: unknown): NewJob {
  if (kind === 'processing') {
    const request = checkProcessingRequest(body);
    return { kind, name: request.ProcessingJobName, request };
  }
  const request = checkTrainingRequest(body);
  return { kind, name: request.TrainingJobName, request };
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
