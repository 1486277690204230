/** The three paid stages of a job, in order. */
export const STAGES = ['sfm', 'training', 'compression'] as const;
export type Stage = (typeof STAGES)[number];

export const isStage = (value: unknown): value is Stage => STAGES.includes(value as Stage);

/** SageMaker's two kinds of job; each has its own API calls, statuses, log group and quotas. */
export type MachineJobKind = 'processing' | 'training';

export const JOB_KIND: Readonly<Record<Stage, MachineJobKind>> = {
  sfm: 'processing',
  training: 'training',
  compression: 'processing',
};

/** Words for people: activity summaries, pages, mails. */
export const STAGE_TITLE: Readonly<Record<Stage, string>> = {
  sfm: 'Camera reconstruction',
  training: 'Training the 3D model',
  compression: 'Compression for the web',
};
