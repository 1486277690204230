import type { Failure, FailureCode } from './failures';
import type { JobOptions } from './job-options';
import type { JobState, Step } from './job-state';
import type { PresetName } from './presets';
import type { S3Location } from './s3-location';
import type { StageMetrics } from './stage-reports';
import { STAGES, type Stage } from './stages';

/** A start request after validation. */
export interface JobRequest {
  readonly location: S3Location;
  readonly email: string;
  readonly preset: PresetName;
  readonly options: JobOptions;
  /** How long a failed job waits for a `retry`; 0 = it ends at once. */
  readonly retryWindowSeconds: number;
}

export interface PhotoSummary {
  readonly accepted: number;
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
  readonly bytes: number;
}

/** One SageMaker job: a line of the ledger. Times are milliseconds since 1970. */
export interface Attempt {
  readonly stage: Stage;
  readonly attempt: number;
  readonly jobName: string;
  readonly instanceType: string;
  readonly status: 'Running' | 'Completed' | 'Failed' | 'Stopped';
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly billedSeconds: number;
  readonly costUsd: number;
  readonly options: JobOptions;
  /** Rungs of the memory ladder that its settings had gone down; 0 = as asked for. */
  readonly memoryStep: number;
}

export type AcceptedStages = { readonly [S in Stage]?: { readonly attempt: number; readonly jobName: string; readonly metrics: StageMetrics[S] } };

/** `jobs/<id>/job.json`: what outlives Temporal's retention, and what a later run goes on from. */
export interface JobRecord {
  readonly version: 1;
  readonly jobId: string;
  readonly state: JobState;
  readonly step: Step | null;
  readonly request: JobRequest;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly endedAtMs: number | null;
  readonly photos: PhotoSummary | null;
  readonly attempts: readonly Attempt[];
  readonly accepted: AcceptedStages;
  readonly failure: Failure | null;
  /** Until when a parked job waits for a `retry`. */
  readonly parkedUntilMs: number | null;
  readonly cancelled: { readonly reason: string } | null;
  /** A message to the job that could not be followed, and why. */
  readonly notice: string | null;
  /** Files of the result folder, once published. */
  readonly result: { readonly files: readonly { readonly name: string; readonly bytes: number }[] } | null;
}

/** The record that claims a job id before its workflow starts. */
export const newJobRecord = (jobId: string, request: JobRequest, nowMs: number): JobRecord => ({
  version: 1,
  jobId,
  state: 'queued',
  step: null,
  request,
  createdAtMs: nowMs,
  updatedAtMs: nowMs,
  endedAtMs: null,
  photos: null,
  attempts: [],
  accepted: {},
  failure: null,
  parkedUntilMs: null,
  cancelled: null,
  notice: null,
  result: null,
});

export const totalCostUsd = (record: JobRecord): number => record.attempts.reduce((sum, attempt) => sum + attempt.costUsd, 0);

/** Attempt numbers go on from the record, so that a later run never adopts a SageMaker job of an earlier one. */
export const nextAttempt = (record: JobRecord, stage: Stage): number =>
  Math.max(0, ...record.attempts.filter((attempt) => attempt.stage === stage).map((attempt) => attempt.attempt)) + 1;

/** The first stage without an accepted result; null when all three are done. */
export const firstOpenStage = (record: JobRecord): Stage | null => STAGES.find((stage) => record.accepted[stage] === undefined) ?? null;

/** The record with `fromStage` and all after it open again. */
export function reopenFrom(record: JobRecord, fromStage: Stage): JobRecord {
  const kept = STAGES.slice(0, STAGES.indexOf(fromStage));
  const accepted = Object.fromEntries(kept.map((stage) => [stage, record.accepted[stage]] as const)) satisfies AcceptedStages;
  return { ...record, accepted, failure: null, parkedUntilMs: null, endedAtMs: null, cancelled: null, notice: null, result: null };
}
