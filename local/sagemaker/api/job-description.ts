import { JOB_NOUNS } from '../jobs/job-kind';
import { billedFromMs, currentSecondaryStatus, isTerminal } from '../jobs/job-record';
import type { Job } from '../jobs/job-registry';

type Answer = Record<string, unknown>;

/** Of spot machines AWS bills so much less time as they cost less: "up to 90 %"; of GPUs often about 70. */
const SPOT_PRICE_SHARE = 0.3;

/**
 * The answer of DescribeProcessingJob or DescribeTrainingJob: the request as it came, and what became of it. From its
 * start time to its end time, or to this moment, lies what is billed: time in which this machine slept moves the start.
 */
export function describeJob(job: Job): Answer {
  const { record, state } = job;
  const startTime = seconds(billedFromMs(state, job.tickedAtMs, Date.now()));
  const { Tags: _, ...request } = record.request;
  const answer = { ...request, ...outline(job), FailureReason: state.failureReason };
  if (record.kind === 'processing')
    return { ...answer, ProcessingStartTime: startTime, ExitMessage: state.exitMessage };
  return {
    ...answer,
    SecondaryStatusTransitions: state.transitions.map(({ status, startedAtMs, endedAtMs, message }) => ({
      Status: status,
      StartTime: seconds(startedAtMs),
      EndTime: seconds(endedAtMs),
      StatusMessage: message,
    })),
    TrainingStartTime: startTime,
    ...billedTime(job),
    ModelArtifacts: state.modelArtifacts ? { S3ModelArtifacts: state.modelArtifacts } : undefined,
  };
}

/** One entry of ListProcessingJobs or ListTrainingJobs. */
export function summarizeJob(job: Job): Answer {
  const { record, state } = job;
  if (record.kind === 'training') return { TrainingJobName: record.name, ...outline(job) };
  const { failureReason: FailureReason, exitMessage: ExitMessage } = state;
  return { ProcessingJobName: record.name, ...outline(job), FailureReason, ExitMessage };
}

/** The members that Describe and List share. */
function outline({ record: { kind, arn, createdAtMs }, state }: Job): Answer {
  const noun = JOB_NOUNS[kind];
  const endedAt = seconds(state.endedAtMs);
  return {
    [`${noun}Arn`]: arn,
    [`${noun}Status`]: state.status,
    CreationTime: seconds(createdAtMs),
    LastModifiedTime: seconds(state.lastModifiedMs),
    ...(kind === 'processing'
      ? { ProcessingEndTime: endedAt }
      : { TrainingEndTime: endedAt, SecondaryStatus: currentSecondaryStatus(state) }),
  };
}

/** Whole seconds from the begin of the download to the end, and how many of them AWS bills; absent until then. */
function billedTime({ record, state, tickedAtMs }: Job): Answer {
  const { status, endedAtMs } = state;
  const fromMs = billedFromMs(state, tickedAtMs, Date.now());
  if (!isTerminal(status) || fromMs === undefined || endedAtMs === undefined) return {};
  const billed = Math.max(1, Math.ceil((endedAtMs - fromMs) / 1000));
  const isSpot = record.kind === 'training' && record.request.EnableManagedSpotTraining === true;
  const share = isSpot ? SPOT_PRICE_SHARE : 1;
  return { TrainingTimeInSeconds: billed, BillableTimeInSeconds: Math.ceil(billed * share) };
}

/** Timestamps of the JSON protocol are seconds with a fraction. */
function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
