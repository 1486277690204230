import { paginateListProcessingJobs, paginateListTrainingJobs, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { JOB_ID_PATTERN, parseMachineJobName, workflowId } from '../../contracts/machines/names';
import type { MachineJobKind } from '../../contracts/stages/stage';
import { describeRun } from '../../platform/job-run';
import { BY_UPKEEP, type NoteDeed } from '../deeds';
import { machineJobTags, requestStop } from '../machines/described-machine-job';
import { TAG } from '../machines/create-requests';

export interface StrayDeps {
  readonly sagemaker: SageMakerClient;
  readonly client: Client;
  readonly note: NoteDeed;
}

export interface StrayInput {
  readonly deployment: string;
  /** Younger machine jobs are left alone. */
  readonly minAgeMs: number;
}

export interface StrayReport {
  /** Running machine jobs of this deployment that are old enough. */
  readonly examined: number;
  readonly stopped: readonly { readonly jobName: string; readonly why: string }[];
  /** Machine jobs that could not be judged or stopped: they are logged, and judged again in the next round. */
  readonly leftAlone: readonly string[];
}

/** Machine jobs that no workflow waits for any more. */
export interface StrayActivities {
  /**
   * Stops the running machine jobs of this deployment, by their tags, whose workflow run has closed or is gone. A
   * machine job is left running where SageMaker or Temporal does not answer.
   */
  stopStrays(input: StrayInput): Promise<StrayReport>;
}

interface RunningMachineJob {
  readonly kind: MachineJobKind;
  readonly name: string;
  readonly arn: string;
}

export function createStrayActivities({ sagemaker, client, note }: StrayDeps): StrayActivities {
  /** Whose machine job it is, and why no workflow waits for it; null where one does, or where it is not ours. */
  async function whyStray(
    { arn }: RunningMachineJob,
    deployment: string,
    abortSignal: AbortSignal,
  ): Promise<{ readonly jobId: string; readonly why: string } | null> {
    const tags = await machineJobTags(sagemaker, arn, abortSignal);
    const jobId = tags.get(TAG.job);
    const ownerRunId = tags.get(TAG.run);
    if (
      tags.get(TAG.deployment) !== deployment ||
      jobId === undefined ||
      ownerRunId === undefined ||
      !JOB_ID_PATTERN.test(jobId)
    )
      return null;
    const run = await describeRun(client, workflowId(jobId));
    const stray = (why: string): { jobId: string; why: string } => ({ jobId, why });
    if (run === null) return stray('Temporal does not know its workflow any more');
    if (run.status !== 'RUNNING') return stray(`its workflow has closed (${run.status})`);
    // Only one run of a job is open: when that is another one, the owner has closed.
    if (run.firstRunId !== null && run.firstRunId !== ownerRunId)
      return stray('it belongs to an earlier run of its job');
    return null;
  }

  return {
    async stopStrays({ deployment, minAgeMs }) {
      const abortSignal = cancellationSignal();
      const stopped: { jobName: string; why: string }[] = [];
      const leftAlone: string[] = [];
      let examined = 0;
      for await (const job of runningJobs(sagemaker, deployment, Date.now() - minAgeMs, abortSignal)) {
        examined += 1;
        try {
          const stray = await whyStray(job, deployment, abortSignal);
          if (stray !== null && (await requestStop(sagemaker, job.kind, job.name, abortSignal))) {
            const { jobId, why } = stray;
            log.warn('stopped a SageMaker job that nobody waits for', { jobName: job.name, why });
            stopped.push({ jobName: job.name, why });
            const details = { jobName: job.name, why };
            await note(jobId, { operation: 'stopStray', by: BY_UPKEEP, atMs: Date.now(), details });
          }
        } catch (error) {
          if (abortSignal.aborted) throw error;
          log.warn('a SageMaker job was left alone, since it could not be judged or stopped', {
            jobName: job.name,
            error,
          });
          leftAlone.push(job.name);
        }
        heartbeat();
      }
      return { examined, stopped, leftAlone };
    },
  };
}

/** Machine jobs in progress whose name begins as this deployment's do, created before `beforeMs`. */
async function* runningJobs(
  client: SageMakerClient,
  deployment: string,
  beforeMs: number,
  abortSignal: AbortSignal,
): AsyncGenerator<RunningMachineJob> {
  const isOurs = ({ name }: RunningMachineJob): boolean => parseMachineJobName(name)?.deployment === deployment;
  const filter = {
    NameContains: `${deployment}-`,
    StatusEquals: 'InProgress',
    CreationTimeBefore: new Date(beforeMs),
  } as const;
  const paging = { client, pageSize: 100 };
  for await (const { TrainingJobSummaries = [] } of paginateListTrainingJobs(paging, { ...filter }, { abortSignal }))
    yield* TrainingJobSummaries.map(({ TrainingJobName: name = '', TrainingJobArn: arn = '' }) => ({
      kind: 'training' as const,
      name,
      arn,
    })).filter(isOurs);
  for await (const { ProcessingJobSummaries = [] } of paginateListProcessingJobs(
    paging,
    { ...filter },
    { abortSignal },
  ))
    yield* ProcessingJobSummaries.map(({ ProcessingJobName: name = '', ProcessingJobArn: arn = '' }) => ({
      kind: 'processing' as const,
      name,
      arn,
    })).filter(isOurs);
}
