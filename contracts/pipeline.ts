import type { JobRecord } from './job-record';
import type { S3Location } from './s3-location';
import type { Policy } from './policy';

/** Task queues, each with slots of its own, so that a full one never delays another. */
export const TASK_QUEUE = { control: 'control', watch: 'watch', photos: 'photos', delivery: 'delivery' } as const;
export type TaskQueue = keyof typeof TASK_QUEUE;

/** Task queues of one deployment: several may share a Temporal namespace. */
export const taskQueue = (deployment: string, queue: TaskQueue): string => `${deployment}-${TASK_QUEUE[queue]}`;

/** Workflow types, by name: servers and CLIs start them without importing workflow code. */
export const WORKFLOW_TYPE = {
  pipeline: 'pipeline',
  delivery: 'delivery',
  upkeep: 'upkeep',
  erasure: 'erasure',
} as const;

/** Search attributes of a pipeline, all keywords. Never a person's address: they are not encrypted. */
export const SEARCH_ATTRIBUTE = { state: 'JobState', stage: 'Stage', preset: 'Preset' } as const;

export interface PipelineInput {
  readonly deployment: string;
  /** A new job's record, or the last one of an ended run that a retry goes on from. */
  readonly record: JobRecord;
  readonly policy: Policy;
  /** Base of the links in pages and mails, without a slash at the end. */
  readonly publicUrl: string;
}

/** Input of the workflow `erasure`, whose id is `erase-<jobId>`: it deletes what an ended job has left. */
export interface ErasureInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly jobId: string;
  /** Where its photos came from: deleted too where they were uploaded to us. */
  readonly location: S3Location;
}

/** Type of the failure that an erasure ends with while the job's workflow is open. */
export const ERASURE_REFUSED = 'JOB_NOT_ENDED';

export const erasureWorkflowId = (jobId: string): string => `erase-${jobId}`;
