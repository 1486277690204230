import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CreateProcessingJobCommand, CreateTrainingJobCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { failureClass, type FailureCode } from '../contracts/failures';
import { computeJobName } from '../contracts/job-names';
import { isWatchHeartbeat, type WatchHeartbeat } from '../contracts/progress';
import { layout } from '../contracts/s3-layout';
import type { StageSettings } from '../contracts/stage-settings';
import { JOB_KIND, type Stage } from '../contracts/stages';
import { refuse, wait } from './application-failures';
import { describeJob, jobTagsOf, requestStop, type DescribedJob } from './described-job';
import { readProgress } from './job-log';
import { jobTags, processingJobRequest, trainingJobRequest, type JobEnvironment, type JobSpec } from './job-requests';
import { explainEnd, explainRefusal, isNameTaken } from './sagemaker-errors';

export interface ComputeJobDeps {
  readonly sagemaker: SageMakerClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly environment: JobEnvironment;
}

export interface SubmitInput extends JobSpec {
  readonly settings: StageSettings[Stage];
  readonly capacityRetryMs: number;
}

export interface WatchInput {
  readonly stage: Stage;
  readonly jobName: string;
  readonly pollIntervalMs: number;
}

/** How a job ended. `NotFound`: SageMaker never heard of it. */
export interface JobOutcome {
  readonly status: 'Completed' | 'Failed' | 'Stopped' | 'NotFound';
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly billedSeconds: number;
}

/** Submit, watch and stop SageMaker jobs: three capabilities that know nothing of each other. */
export interface ComputeJobActivities {
  /**
   * Creates the SageMaker job of one attempt, or finds the one that an earlier try of this activity created.
   * Throws codes of contracts/failures; QUOTA_REACHED is tried again after `capacityRetryMs`.
   */
  submitJob(input: SubmitInput): Promise<{ jobName: string }>;
  /**
   * Waits for the end of a job and only that: it never stops one, so neither a deploy nor a crash of this worker does.
   * Heartbeats carry WatchHeartbeat; the next watcher goes on from them.
   */
  watchJob(input: WatchInput): Promise<JobOutcome>;
  /** Asks for the end of a job, now. Idempotent: a job that has ended, or never was, is no error. */
  stopJob(job: { readonly stage: Stage; readonly jobName: string }): Promise<{ stopping: boolean }>;
}

export function createComputeJobActivities({ sagemaker, logs, s3, environment }: ComputeJobDeps): ComputeJobActivities {
  async function create(spec: JobSpec, abortSignal: AbortSignal): Promise<void> {
    if (JOB_KIND[spec.stage] === 'processing')
      await sagemaker.send(new CreateProcessingJobCommand(processingJobRequest(spec, environment)), { abortSignal });
    else await sagemaker.send(new CreateTrainingJobCommand(trainingJobRequest(spec, environment)), { abortSignal });
  }

  /** The name is taken: fine when it was this very attempt, in this run, with these inputs; else never ours to use. */
  async function adopt(spec: JobSpec, abortSignal: AbortSignal): Promise<void> {
    const name = computeJobName(spec);
    const job = await describeJob(sagemaker, JOB_KIND[spec.stage], name, abortSignal);
    if (job === null) throw new Error(`SageMaker says that ${name} exists, and that it does not`);
    const tags = await jobTagsOf(sagemaker, job.arn, abortSignal);
    const config = `s3://${environment.bucket}/${layout.configFolder(spec.jobId, spec.stage, spec.attempt)}`;
    const ours = jobTags(spec).every((tag) => tags.get(tag.Key ?? '') === tag.Value) && job.inputUris.includes(config);
    if (!ours) throw refuse('NOT_OURS', `the SageMaker job ${name} exists and was made by someone else`);
    log.info('adopted a SageMaker job that an earlier try had created', { jobName: name });
  }

  return {
    async submitJob(input) {
      const { settings, capacityRetryMs, ...spec } = input;
      const abortSignal = cancellationSignal();
      await s3.send(
        new PutObjectCommand({
          Bucket: environment.bucket,
          Key: `${layout.configFolder(spec.jobId, spec.stage, spec.attempt)}settings.json`,
          Body: JSON.stringify(settings, null, 1),
          ContentType: 'application/json',
        }),
        { abortSignal },
      );
      try {
        await create(spec, abortSignal);
      } catch (error) {
        if (isNameTaken(error)) await adopt(spec, abortSignal);
        else {
          const refusal = explainRefusal(error);
          if (refusal === null) throw error;
          throw failureClass(refusal.code) === 'capacity'
            ? wait(refusal.code, refusal.message, capacityRetryMs)
            : refuse(refusal.code, refusal.message);
        }
      }
      return { jobName: computeJobName(spec) };
    },

    async watchJob({ stage, jobName, pollIntervalMs }) {
      const kind = JOB_KIND[stage];
      const abortSignal = cancellationSignal();
      const earlier: unknown = activityInfo().heartbeatDetails;
      let seen: WatchHeartbeat =
        isWatchHeartbeat(earlier) && earlier.jobName === jobName
          ? earlier
          : { jobName, status: 'Pending', progress: null, startedAtMs: null, logStream: null, logToken: null };
      for (;;) {
        const job = await describeJob(sagemaker, kind, jobName, abortSignal);
        if (job === null) return { status: 'NotFound', failure: null, startedAtMs: null, endedAtMs: null, billedSeconds: 0 };
        const ended = outcomeOf(job);
        if (ended !== null) return ended;
        seen = { ...seen, status: job.secondaryStatus ?? job.status, startedAtMs: job.startedAtMs };
        heartbeat(seen);
        try {
          const position = { stream: seen.logStream, token: seen.logToken };
          const read = await readProgress(logs, kind, jobName, position, abortSignal);
          seen = { ...seen, progress: read.progress ?? seen.progress, logStream: read.position.stream, logToken: read.position.token };
          heartbeat(seen);
        } catch (error) {
          // A log that cannot be read costs the percentages, not the job.
          if (abortSignal.aborted) throw error;
          log.warn('the log of a SageMaker job could not be read', { jobName, error });
        }
        await sleep(pollIntervalMs);
      }
    },

    async stopJob({ stage, jobName }) {
      return { stopping: await requestStop(sagemaker, JOB_KIND[stage], jobName, cancellationSignal()) };
    },
  };
}

function outcomeOf(job: DescribedJob): JobOutcome | null {
  const { status, startedAtMs, endedAtMs, billedSeconds } = job;
  if (status === 'InProgress' || status === 'Stopping') return null;
  const failure = status === 'Completed' ? null : explainEnd({ ...job, status, ranSeconds: billedSeconds });
  return { status, failure, startedAtMs, endedAtMs, billedSeconds };
}
