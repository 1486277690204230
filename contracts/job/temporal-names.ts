/** Task queues, each with slots of its own, so that a full one never delays another. */
export const TASK_QUEUE = { control: 'control', watch: 'watch', photos: 'photos', delivery: 'delivery' } as const;
export type TaskQueue = keyof typeof TASK_QUEUE;

/** Task queues of one deployment: several may share a Temporal namespace. */
export const taskQueue = (deployment: string, queue: TaskQueue): string => `${deployment}-${TASK_QUEUE[queue]}`;

/** Workflow types, by name: servers and CLIs start them without importing workflow code. */
export const WORKFLOW_TYPE = {
  pipeline: 'pipeline',
  delivery: 'delivery',
  endpointDelivery: 'endpointDelivery',
  upkeep: 'upkeep',
  erasure: 'erasure',
  scheduledJob: 'scheduledJob',
  batch: 'batch',
  budgetAlert: 'budgetAlert',
} as const;

/**
 * Signal to a job that waits: its run ends, and a new one waits on, in the workers' version that is current then. No
 * command of people, so not among SIGNAL.
 */
export const MOVE_SIGNAL = 'moveToCurrentVersion';

/** Queries that a pipeline answers. */
export const QUERY = { record: 'record' } as const;

/** Search attributes of a pipeline, all keywords. Never a person's address: they are not encrypted. */
export const SEARCH_ATTRIBUTE = { state: 'JobState', stage: 'Stage', preset: 'Preset', tenant: 'Tenant' } as const;

export const erasureWorkflowId = (jobId: string): string => `erase-${jobId}`;

/** One for each tenant, month and percentage. */
export const budgetAlertWorkflowId = (
  deployment: string,
  { tenant, month, percent }: { readonly tenant: string; readonly month: string; readonly percent: number },
): string => `budget-${deployment}-${tenant}-${month}-${percent}`;

/** Schedules of jobs, and the workflows that these start; `scheduleId` is that of the API. */
export const jobScheduleId = (deployment: string, scheduleId: string): string => `${deployment}-schedule-${scheduleId}`;

/** One schedule a deployment; the workflows that it starts have this id and their time. */
export const upkeepScheduleId = (deployment: string): string => `${deployment}-upkeep`;
