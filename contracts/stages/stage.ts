/** The paid stages of a job, in order. */
export const STAGES = ['sfm', 'training', 'compression'] as const;
export type Stage = (typeof STAGES)[number];

/** A part of the scene that a stage works on by itself; null = the whole scene. */
export type Part = number | null;

export const byStage = <T>(valueOf: (stage: Stage) => T): Readonly<Record<Stage, T>> =>
  Object.fromEntries(STAGES.map((stage) => [stage, valueOf(stage)])) as Readonly<Record<Stage, T>>;

export const isStage = (value: unknown): value is Stage => STAGES.includes(value as Stage);

/** SageMaker's two kinds of job; each has its own API calls, statuses, log group and quotas. */
export type MachineJobKind = 'processing' | 'training';
