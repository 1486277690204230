import { parseComputeJobName, workflowId } from '../../contracts/machines/names';
import type { Attempt, JobRecord } from '../../contracts/job/record';
import { isFinal, isJobState, type JobState } from '../../contracts/job/state';
import type { AttemptView, JobListEntry, JobView, StageProgress } from '../../contracts/job/view';
import { costUsd } from '../../contracts/machines/prices';
import type { WatchHeartbeat } from '../../contracts/stages/progress';
import { STATE_OF_CLOSED, endedFromOutside, type JobRun, type ListedRun } from '../../contracts/job/run';
import { s3Uri } from '../../contracts/storage/location';
import type { Links } from './links';

/**
 * A job's state: the record's, so that what is shown beside it agrees with it; unless the run ended without writing
 * one, or a new run has begun since.
 */
export function jobState(record: JobRecord, run: JobRun | null): JobState {
  if (run === null) return record.state;
  const recordIsOfThisRun = record.updatedAtMs >= run.startedAtMs;
  if (isFinal(record.state) && recordIsOfThisRun) return record.state;
  if (run.status !== 'RUNNING') return STATE_OF_CLOSED[run.status];
  return recordIsOfThisRun ? record.state : 'queued';
}

/**
 * What the API shows of a job, but for its deliveries, which lie beside its record: never the mail address.
 * `nowMs` is for the seconds of what still runs.
 */
export function jobView(
  record: JobRecord,
  run: JobRun | null,
  links: Links,
  nowMs: number,
): Omit<JobView, 'deliveries'> {
  const { jobId } = record;
  const state = jobState(record, run);
  const heartbeat = isFinal(state) ? null : (run?.heartbeat ?? null);
  const attempts = record.attempts.map((attempt) =>
    attemptView(attempt, heartbeat, isFinal(state) ? (run?.closedAtMs ?? nowMs) : nowMs),
  );
  const endedAtMs = isFinal(state) ? (record.endedAtMs ?? run?.closedAtMs ?? null) : null;
  return {
    jobId,
    workflowId: workflowId(jobId),
    state,
    step: state === 'queued' ? null : record.step,
    preset: record.request.preset,
    input: s3Uri(record.request.location),
    stageProgress: heartbeat === null ? null : stageProgress(heartbeat),
    photos: record.photos === null ? null : { accepted: record.photos.accepted, rejected: record.photos.rejected },
    attempts,
    costUsd: attempts.reduce((sum, attempt) => sum + attempt.costUsd, 0),
    stages: acceptedMetrics(record),
    failure:
      state === 'failed' || state === 'parked'
        ? (record.failure ?? (run === null ? null : endedFromOutside(run.status)))
        : null,
    parkedUntil: state === 'parked' ? isoOrNull(record.parkedUntilMs) : null,
    waiting: state === 'waiting' ? waitingView(record) : null,
    pauseRequested: !isFinal(state) && record.pauseRequested,
    budget: { budgetUsd: record.request.budgetUsd, maxHours: record.request.maxHours },
    cancelled: state === 'cancelled' || state === 'cancelling' ? cancelledView(record) : null,
    notice: record.notice,
    result: state === 'succeeded' ? resultView(record, links) : null,
    pageUrl: links.page(jobId),
    workflowUrl: links.workflow(jobId),
    createdAt: iso(record.createdAtMs),
    updatedAt: iso(record.updatedAtMs),
    filesDeleted: filesDeletedView(record),
    endedAt: isoOrNull(endedAtMs),
  };
}

/** A line of the list, from Temporal's visibility alone. */
export const listEntry = (run: ListedRun, links: Links): JobListEntry => ({
  jobId: run.jobId,
  workflowId: workflowId(run.jobId),
  state: listedState(run),
  stage: run.stage,
  preset: run.preset,
  startedAt: new Date(run.startedAtMs).toISOString(),
  pageUrl: links.page(run.jobId),
});

function listedState({ state, status }: ListedRun): JobState {
  if (isJobState(state) && (status === 'RUNNING' || isFinal(state))) return state;
  return status === 'RUNNING' ? 'queued' : STATE_OF_CLOSED[status];
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | null): string | null => (milliseconds === null ? null : iso(milliseconds));

function waitingView({ waiting }: JobRecord): JobView['waiting'] {
  return waiting === null
    ? null
    : { for: waiting.for, message: waiting.message, since: iso(waiting.sinceMs), until: isoOrNull(waiting.untilMs) };
}

function cancelledView({ cancelled }: JobRecord): JobView['cancelled'] {
  return cancelled === null ? null : { reason: cancelled.reason, by: cancelled.by, at: iso(cancelled.atMs) };
}

function filesDeletedView({ expiredAtMs }: JobRecord): JobView['filesDeleted'] {
  return expiredAtMs === undefined
    ? null
    : { intermediates: isoOrNull(expiredAtMs.intermediates), results: isoOrNull(expiredAtMs.results) };
}

/** Of the stages that are done for the whole scene at once. */
const acceptedMetrics = ({ accepted }: JobRecord): JobView['stages'] =>
  Object.fromEntries(
    accepted.filter(({ part }) => part === null).map(({ stage, metrics }) => [stage, metrics] as const),
  );

/** Heartbeats come from whatever version of a worker runs: beyond its name and status, anything may be missing. */
function stageProgress({ jobName, status, ...heartbeat }: WatchHeartbeat): StageProgress | null {
  const owner = parseComputeJobName(jobName);
  if (owner === null) return null;
  const progress = heartbeat.progress ?? null;
  const startedAtMs = heartbeat.startedAtMs ?? null;
  return {
    stage: owner.stage,
    phase: progress?.phase ?? null,
    done: progress?.done ?? null,
    total: progress?.total ?? null,
    fraction: progress !== null && progress.total > 0 ? Math.min(1, Math.max(0, progress.done / progress.total)) : null,
    metrics: progress?.metrics ?? {},
    status,
    startedAt: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
  };
}

/** A ledger line; of a machine that still runs, what it has cost until `untilMs`. */
function attemptView(attempt: Attempt, heartbeat: WatchHeartbeat | null, untilMs: number): AttemptView {
  const { stage, jobName, instanceType, status, failure: why } = attempt;
  const startedAtMs = attempt.startedAtMs ?? (heartbeat?.jobName === jobName ? (heartbeat.startedAtMs ?? null) : null);
  const ticking = status === 'Running' && startedAtMs !== null;
  const seconds = ticking ? Math.max(0, (untilMs - startedAtMs) / 1000) : attempt.billedSeconds;
  const cost = ticking ? costSoFar(instanceType, seconds) : attempt.costUsd;
  return { stage, attempt: attempt.attempt, jobName, instanceType, status, seconds, costUsd: cost, failure: why };
}

function costSoFar(instanceType: string, seconds: number): number {
  try {
    return costUsd(instanceType, seconds);
  } catch {
    return 0; // a machine without a price in the table: the ledger will have the same gap
  }
}

function resultView({ jobId, result }: JobRecord, links: Links): JobView['result'] {
  if (result === null) return null;
  const files = result.files.map(({ name, bytes }) => ({ name, bytes, url: links.artifact(jobId, name) }));
  const urlOf = (name: string): string | null => files.find((file) => file.name === name)?.url ?? null;
  return { pageUrl: links.page(jobId), sogUrl: urlOf('scene.sog'), plyUrl: urlOf('model.ply'), files };
}
