import type { Failure, FailureCode } from './failures';
import type { JobOptions } from '../stages/options';
import type { JobState, Step, WaitsFor } from './state';
import type { PresetName } from '../stages/presets';
import type { S3Location } from '../storage/location';
import type { StageMetrics } from '../generated/reports';
import { STAGES, type Part, type Stage } from '../stages/stage';

/** Without logins there is one tenant; its uploads lie under `uploads/local/`. */
export const LOCAL_TENANT = 'local';

/** A start request after validation. */
export interface JobRequest {
  /** Whose job it is. */
  readonly tenant: string;
  readonly location: S3Location;
  readonly email: string;
  readonly preset: PresetName;
  readonly options: JobOptions;
  /** How long a failed job waits for a `retry`; 0 = it ends at once. */
  readonly retryWindowSeconds: number;
  /** Most that all machines of the job may cost together; null = no limit. */
  readonly budgetUsd: number | null;
  /** Most hours that machines may be billed for, all attempts together; null = no limit. */
  readonly maxHours: number | null;
  /** Where events of this job are posted to; null = nowhere. */
  readonly webhookUrl: string | null;
}

export interface PhotoSummary {
  readonly accepted: number;
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
  readonly bytes: number;
  /** S3 key of the manifest that says of every file whether it is used, and why not. */
  readonly manifest: string;
}

/** One machine job: a line of the ledger. Times are milliseconds since 1970. */
export interface Attempt {
  readonly stage: Stage;
  readonly part: Part;
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
  /** MaxRuntimeInSeconds of its Create: the stage's cap, or what the budget left. */
  readonly maxRuntimeSeconds: number;
  /** The earlier attempt whose checkpoint it resumed from. */
  readonly resumedFrom: number | null;
}

/** Verdict of a gate on an attempt's result, and of a person where the gate asked. */
export interface GateResult {
  readonly stage: Stage;
  readonly part: Part;
  readonly attempt: number;
  readonly verdict: 'accepted' | 'rejected' | 'undecided';
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  readonly atMs: number;
  /** The person who accepted a result that the gate left open, and when. */
  readonly acceptedBy: { readonly by: string; readonly atMs: number } | null;
}

/** The event that a `waiting` job waits for. */
export interface Waiting {
  readonly for: WaitsFor;
  readonly message: string;
  readonly sinceMs: number;
  /** When the waiting ends by itself; null = when it is told to. */
  readonly untilMs: number | null;
}

/** An attempt whose result the next stage builds on. */
export interface AcceptedAttempt<S extends Stage = Stage> {
  readonly stage: S;
  readonly part: Part;
  readonly attempt: number;
  readonly jobName: string;
  readonly metrics: StageMetrics[S];
}

/** `jobs/<id>/job.json`: outlives Temporal's retention; a later run resumes from it. */
export interface JobRecord {
  readonly version: 1;
  readonly jobId: string;
  readonly state: JobState;
  readonly step: Step | null;
  readonly request: JobRequest;
  /** Digest of the request before retries changed it: compared with that of a repeated Idempotency-Key. */
  readonly requestDigest?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly endedAtMs: number | null;
  readonly photos: PhotoSummary | null;
  readonly attempts: readonly Attempt[];
  /** The parts of each stage that is not done for the whole scene at once. */
  readonly parts: { readonly [S in Stage]?: readonly number[] };
  /** One attempt for each stage and part that is done. */
  readonly accepted: readonly AcceptedAttempt[];
  readonly failure: Failure | null;
  /** Set while the state is `waiting`. */
  readonly waiting: Waiting | null;
  /** A pause was asked for: the next stage does not start before `resume`. */
  readonly pauseRequested: boolean;
  readonly gates: readonly GateResult[];
  /** Until when a parked job waits for a `retry`. */
  readonly parkedUntilMs: number | null;
  readonly cancelled: { readonly reason: string; readonly by: string; readonly atMs: number } | null;
  /** A message to the job that could not be followed, and why. */
  readonly notice: string | null;
  /** Files of the result folder, once published. */
  readonly result: { readonly files: readonly { readonly name: string; readonly bytes: number }[] } | null;
  /** When files were given up because the time that they are kept for was over (contracts/storage/retention). */
  readonly expiredAtMs: { readonly intermediates: number | null; readonly results: number | null };
  /** Expired files are being deleted; upkeep resumes this where it was interrupted. */
  readonly deleting: boolean;
  /** When the job was erased: only a tombstone is left (contracts/storage/retention). */
  readonly erasedAtMs: number | null;
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
  parts: {},
  accepted: [],
  failure: null,
  waiting: null,
  pauseRequested: false,
  gates: [],
  parkedUntilMs: null,
  cancelled: null,
  notice: null,
  result: null,
  expiredAtMs: { intermediates: null, results: null },
  deleting: false,
  erasedAtMs: null,
});

export const totalCostUsd = (record: JobRecord): number =>
  record.attempts.reduce((sum, attempt) => sum + attempt.costUsd, 0);

export const totalBilledSeconds = (record: JobRecord): number =>
  record.attempts.reduce((sum, attempt) => sum + attempt.billedSeconds, 0);

/** Attempt numbers continue those of the record, so that a later run never adopts a SageMaker job of an earlier one. */
export const nextAttempt = ({ attempts }: JobRecord, stage: Stage, part: Part): number =>
  Math.max(0, ...attempts.filter((line) => line.stage === stage && line.part === part).map(({ attempt }) => attempt)) +
  1;

/** Whether what the stages left, and the photos that intake unpacked, are deleted: nothing can be built on them. */
const intermediatesExpired = ({ expiredAtMs }: JobRecord): boolean => expiredAtMs.intermediates !== null;

/** The parts of a stage: the whole scene where the record names none. */
export const partsOf = ({ parts }: JobRecord, stage: Stage): readonly Part[] => parts[stage] ?? [null];

/** The accepted attempt of a stage and part. */
export const acceptedAttempt = <S extends Stage>(
  { accepted }: Pick<JobRecord, 'accepted'>,
  stage: S,
  part: Part = null,
): AcceptedAttempt<S> | undefined =>
  accepted.find((done) => done.stage === stage && done.part === part) as AcceptedAttempt<S> | undefined;

/** The accepted attempts of all parts of a stage, in the order of the parts; null while one is missing. */
export function acceptedParts<S extends Stage>(record: JobRecord, stage: S): readonly AcceptedAttempt<S>[] | null {
  const done = partsOf(record, stage).map((part) => acceptedAttempt(record, stage, part));
  return done.every((attempt) => attempt !== undefined) ? done : null;
}

/** The first stage without an accepted result that is still there; null when all are done. */
export const firstOpenStage = (record: JobRecord): Stage | null =>
  intermediatesExpired(record) ? STAGES[0] : (STAGES.find((stage) => acceptedParts(record, stage) === null) ?? null);

/**
 * The record with `fromStage` and all after it open again; where the intermediates have expired, with everything,
 * intake too. Parts that are done stay so in a stage of which others are not.
 */
export function reopenFrom(record: JobRecord, fromStage: Stage): JobRecord {
  const startOver = intermediatesExpired(record);
  const isUnfinished = acceptedParts(record, fromStage) === null;
  const kept: readonly Stage[] = startOver ? [] : STAGES.slice(0, STAGES.indexOf(fromStage) + (isUnfinished ? 1 : 0));
  return {
    ...record,
    photos: startOver ? null : record.photos,
    accepted: record.accepted.filter(({ stage }) => kept.includes(stage)),
    failure: null,
    waiting: null,
    pauseRequested: false,
    parkedUntilMs: null,
    endedAtMs: null,
    cancelled: null,
    notice: null,
    result: null,
    expiredAtMs: { intermediates: null, results: null },
    deleting: false,
  };
}
