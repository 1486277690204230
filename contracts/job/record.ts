import type { AcceptedAttempt, JobRecord, JobRequest } from './record-schema';
import { STAGES, type Part, type Stage } from '../stages/stage';

/** What a record holds, without the schema: workflows, which must not load zod, use these types. */
export type * from './record-schema';

/** Without logins there is one tenant; its uploads lie under `uploads/local/`. */
export const LOCAL_TENANT = 'local';

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

/** From the start of a job to an end of it, without the time between an earlier end and a retry. */
export const tookSeconds = (
  { createdAtMs, restedMs = 0 }: Pick<JobRecord, 'createdAtMs' | 'restedMs'>,
  endedAtMs: number,
): number => Math.max(0, endedAtMs - createdAtMs - restedMs) / 1000;

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
 * intake too. Parts that are done stay so in a stage of which others are not. What is published stays until other files
 * of the same model take its place.
 */
export function reopenFrom(record: JobRecord, fromStage: Stage): JobRecord {
  const startOver = intermediatesExpired(record);
  const isUnfinished = acceptedParts(record, fromStage) === null;
  const kept: readonly Stage[] = startOver ? [] : STAGES.slice(0, STAGES.indexOf(fromStage) + (isUnfinished ? 1 : 0));
  const isSameModel = !startOver && fromStage === STAGES.at(-1) && record.expiredAtMs.results === null;
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
    result: isSameModel ? record.result : null,
    expiredAtMs: { intermediates: null, results: null },
    deleting: false,
  };
}
