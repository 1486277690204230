import { currentSecondaryStatus, isTerminal, type MachineJobState } from '../jobs/job-record';
import type { Job } from '../jobs/job-registry';

type Answer = Record<string, unknown>;

/** The answer of DescribeProcessingJob or DescribeTrainingJob: the request as it came, and what became of it. */
export function describeJob(job: Job): Answer {
  return job.record.kind === 'processing' ? describeProcessingJob(job) : describeTrainingJob(job);
}

/** One entry of ListProcessingJobs or ListTrainingJobs. */
export function summarizeJob({ record, state }: Job): Answer {
  const times = { CreationTime: seconds(record.createdAtMs), LastModifiedTime: seconds(state.lastModifiedMs) };
  if (record.kind === 'processing') {
    return {
      ProcessingJobName: record.name,
      ProcessingJobArn: record.arn,
      ProcessingJobStatus: state.status,
      ...times,
      ProcessingEndTime: seconds(state.endedAtMs),
      FailureReason: state.failureReason,
      ExitMessage: state.exitMessage,
    };
  }
  return {
    TrainingJobName: record.name,
    TrainingJobArn: record.arn,
    TrainingJobStatus: state.status,
    SecondaryStatus: currentSecondaryStatus(state),
    ...times,
    TrainingEndTime: seconds(state.endedAtMs),
  };
}

function describeProcessingJob({ record, state }: Job): Answer {
  return {
    ...withoutTags(record.request),
    ProcessingJobArn: record.arn,
    ProcessingJobStatus: state.status,
    CreationTime: seconds(record.createdAtMs),
    LastModifiedTime: seconds(state.lastModifiedMs),
    ProcessingStartTime: seconds(state.startedAtMs),
    ProcessingEndTime: seconds(state.endedAtMs),
    FailureReason: state.failureReason,
    ExitMessage: state.exitMessage,
  };
}

function describeTrainingJob({ record, state }: Job): Answer {
  return {
    ...withoutTags(record.request),
    TrainingJobArn: record.arn,
    TrainingJobStatus: state.status,
    SecondaryStatus: currentSecondaryStatus(state),
    SecondaryStatusTransitions: state.transitions.map(({ status, startedAtMs, endedAtMs, message }) => ({
      Status: status,
      StartTime: seconds(startedAtMs),
      EndTime: seconds(endedAtMs),
      StatusMessage: message,
    })),
    CreationTime: seconds(record.createdAtMs),
    LastModifiedTime: seconds(state.lastModifiedMs),
    TrainingStartTime: seconds(state.startedAtMs),
    TrainingEndTime: seconds(state.endedAtMs),
    ...billedTime(state),
    ModelArtifacts: state.modelArtifacts ? { S3ModelArtifacts: state.modelArtifacts } : undefined,
    FailureReason: state.failureReason,
  };
}

/** Whole seconds from the begin of the download to the end, as AWS bills them; absent until then. */
function billedTime({ status, startedAtMs, endedAtMs }: MachineJobState): Answer {
  if (!isTerminal(status) || startedAtMs === undefined || endedAtMs === undefined) return {};
  const billed = Math.max(1, Math.ceil((endedAtMs - startedAtMs) / 1000));
  return { TrainingTimeInSeconds: billed, BillableTimeInSeconds: billed };
}

function withoutTags(request: object): Answer {
  return Object.fromEntries(Object.entries(request).filter(([name]) => name !== 'Tags'));
}

/** Timestamps of the JSON protocol are seconds with a fraction. */
function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
