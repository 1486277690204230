import { failureTitle } from './failures';
import type { AttemptView, JobView, PhotoFitView, StageProgress, TimeLeft } from './view-schema';
import type { ComparedEstimate } from '../estimates/estimate';
import { secondsLeft } from '../estimates/time-left';
import { isStage, type Stage } from '../stages/stage';
import type { PreviewFile } from '../storage/layout';
import { previewKey } from '../storage/preview';
import { fittedAttempt } from '../photos/fit';
import { tookSeconds, totalBilledSeconds, totalCostUsd, type Attempt, type JobRecord } from './record';
import { isBeforeReset, STATE_OF_CLOSED, endedFromOutside, type JobRun } from './run';
import { isFinal, isJobState, type JobState } from './state';
import { jobName } from './words';
import { parseMachineJobName, workflowId } from '../machines/names';
import { costUsd } from '../machines/prices';
import type { WatchHeartbeat } from '../stages/progress';
import { qualityCurve } from '../stages/quality';
import { s3Uri } from '../storage/location';

/** What the API shows, without the schemas: workflows, which must not load zod, use these types. */
export type * from './view-schema';

/** Addresses that people and programs follow. */
export interface JobLinks {
  status(jobId: string): string;
  page(jobId: string): string;
  artifact(jobId: string, file: string): string;
  preview(jobId: string): string;
  previewScene(jobId: string): string;
  /** Null where there is no Temporal Web UI. */
  workflow(jobId: string): string | null;
}

/** Links below a deployment's public URL and Temporal's Web UI; neither has a slash at its end. */
export const jobLinks = ({
  publicUrl,
  temporalUiUrl = null,
  temporalNamespace = 'default',
}: {
  readonly publicUrl: string;
  readonly temporalUiUrl?: string | null;
  readonly temporalNamespace?: string;
}): JobLinks => ({
  status: (jobId) => `${publicUrl}/v1/jobs/${jobId}`,
  page: (jobId) => `${publicUrl}/jobs/${jobId}`,
  preview: (jobId) => `${publicUrl}/v1/jobs/${jobId}/preview`,
  previewScene: (jobId) => `${publicUrl}/v1/jobs/${jobId}/preview/scene.sog`,
  artifact: (jobId, file) =>
    `${publicUrl}/v1/jobs/${jobId}/artifacts/${file.split('/').map(encodeURIComponent).join('/')}`,
  workflow: (jobId) =>
    temporalUiUrl === null
      ? null
      : `${temporalUiUrl}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${workflowId(jobId)}`,
});

/**
 * A job's state: the record's, so that it agrees with everything else that is shown; unless the run ended without
 * writing one, or a new run has begun since. That one is queued, or where it is a reset what its search attribute says.
 */
export function jobState(record: JobRecord, run: JobRun | null): JobState {
  if (run === null) return record.state;
  const recordIsOfThisRun = record.updatedAtMs >= run.startedAtMs;
  if (isFinal(record.state) && recordIsOfThisRun) return record.state;
  if (run.status !== 'RUNNING') return STATE_OF_CLOSED[run.status];
  if (recordIsOfThisRun) return record.state;
  return isBeforeReset(record, run) && isJobState(run.state) ? run.state : 'queued';
}

/** What people may change of a job, as they see it. */
export type SettingsView = Pick<JobView, 'name' | 'priority' | 'startAt'>;

export const settingsView = (request: JobRecord['request']): SettingsView => ({
  name: jobName(request),
  priority: request.priority,
  startAt: isoOrNull(request.startAtMs),
});

/** The part of a view that follows from the record alone, whatever became of the job's run. */
export type RecordView = Pick<
  JobView,
  'jobId' | 'state' | 'step' | 'costUsd' | 'failure' | 'parkedUntil' | 'waiting' | 'result' | 'pageUrl'
>;

export const recordView = (record: JobRecord, links: JobLinks): RecordView => ({
  jobId: record.jobId,
  state: record.state,
  step: record.step,
  costUsd: totalCostUsd(record),
  failure: record.failure,
  parkedUntil: isoOrNull(record.parkedUntilMs),
  waiting: record.waiting && {
    for: record.waiting.for,
    message: record.waiting.message,
    since: iso(record.waiting.sinceMs),
    until: isoOrNull(record.waiting.untilMs),
  },
  result: resultView(record, links),
  pageUrl: links.page(record.jobId),
});

/**
 * A job as the API shows it, without its deliveries, which are files of their own. Never holds the mail address.
 * `nowMs` is for the seconds of a machine that still runs.
 */
export function jobView(
  record: JobRecord,
  run: JobRun | null,
  links: JobLinks,
  nowMs: number,
): Omit<JobView, 'deliveries'> {
  const { jobId, request, photos, cancelled } = record;
  const view = recordView(record, links);
  const state = jobState(record, run);
  const heartbeats = isFinal(state) ? [] : (run?.heartbeats ?? []);
  const attempts = record.attempts.map((attempt) =>
    attemptView(attempt, heartbeats, isFinal(state) ? (run?.closedAtMs ?? nowMs) : nowMs),
  );
  const endedAtMs = isFinal(state) ? (record.endedAtMs ?? run?.closedAtMs ?? null) : null;
  const progress = heartbeats[0] === undefined ? null : stageProgress(heartbeats[0]);
  return {
    ...view,
    ...settingsView(request),
    workflowId: workflowId(jobId),
    batchId: request.batch?.id ?? null,
    state,
    step: state === 'queued' ? null : view.step,
    preset: request.preset,
    input: s3Uri(request.location),
    stageProgress: progress,
    photos: photos && { accepted: photos.accepted, rejected: photos.rejected, leftOut: photos.leftOut },
    estimate: comparedEstimate(record, endedAtMs),
    timeLeft: state === 'queued' || state === 'running' ? timeLeft(record, progress, attempts) : null,
    attempts,
    quality: qualityOf(record, heartbeats),
    previewUrl: isTrained(record, 'picture.jpg') ? links.preview(jobId) : null,
    previewSceneUrl: isTrained(record, 'scene.sog') ? links.previewScene(jobId) : null,
    costUsd: attempts.reduce((sum, attempt) => sum + attempt.costUsd, 0),
    stages: acceptedMetrics(record),
    fit: fitView(record, links),
    failure:
      state === 'failed' || state === 'parked'
        ? (view.failure ?? (run === null ? null : endedFromOutside(run.status)))
        : null,
    parkedUntil: state === 'parked' ? view.parkedUntil : null,
    waiting: state === 'waiting' ? view.waiting : null,
    pauseRequested: !isFinal(state) && record.pauseRequested,
    budget: { budgetUsd: request.budgetUsd, maxHours: request.maxHours },
    capacity: request.capacity,
    cancelled:
      cancelled && (state === 'cancelled' || state === 'cancelling')
        ? { reason: cancelled.reason, by: cancelled.by, at: iso(cancelled.atMs) }
        : null,
    notice: noticeOf(record, run),
    filesDeleted: filesDeletedView(record),
    workflowUrl: links.workflow(jobId),
    createdAt: iso(record.createdAtMs),
    updatedAt: iso(record.updatedAtMs),
    endedAt: isoOrNull(endedAtMs),
    tookSeconds: endedAtMs === null ? null : tookSeconds(record, endedAtMs),
  };
}

/** Whether training may have left such a file, and nothing better is published. */
const isTrained = (record: JobRecord, file: PreviewFile): boolean =>
  record.result === null && previewKey(record, file) !== null;

export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | null): string | null => (milliseconds === null ? null : iso(milliseconds));

function noticeOf({ notice }: JobRecord, run: JobRun | null): string | null {
  if (run?.status !== 'RUNNING' || run.obstacle === null) return notice;
  const { code, message } = run.obstacle;
  return `${failureTitle(code)}: ${message}. The job continues by itself once that is mended.`;
}

function filesDeletedView({ expiredAtMs: { intermediates, results } }: JobRecord): JobView['filesDeleted'] {
  return intermediates === null && results === null
    ? null
    : { intermediates: isoOrNull(intermediates), results: isoOrNull(results) };
}

/** What was expected of a job, beside what came where it has ended by `endedAtMs`; null where nothing was expected. */
export function comparedEstimate(record: JobRecord, endedAtMs: number | null): ComparedEstimate | null {
  if (record.estimate === undefined) return null;
  const actual = endedAtMs !== null && {
    seconds: tookSeconds(record, endedAtMs),
    machineSeconds: totalBilledSeconds(record),
    usd: totalCostUsd(record),
  };
  return { ...record.estimate, actual: actual || null };
}

/** Of a job that nothing keeps waiting. */
function timeLeft(
  record: JobRecord,
  progress: StageProgress | null,
  attempts: readonly AttemptView[],
): TimeLeft | null {
  const { estimate, step, request } = record;
  if (estimate === undefined) return null;
  const running = attempts.findLast(({ status, stage }) => status === 'Running' && stage === step);
  const line = record.attempts.find(({ jobName }) => jobName === running?.jobName);
  const live = progress?.stage === running?.stage ? progress : null;
  const { low, high } = secondsLeft({
    preset: request.preset,
    estimate,
    done: Object.keys(acceptedMetrics(record)).filter((stage): stage is Stage => isStage(stage)),
    machine:
      running === undefined
        ? null
        : {
            stage: running.stage,
            seconds: running.seconds,
            resumed: line !== undefined && line.resumedFrom !== null,
            phase: live?.phase ?? null,
            fraction: live?.fraction ?? null,
          },
  });
  return { lowSeconds: low, highSeconds: high };
}

/** Metrics of the stages that are done for the whole scene at once. */
export const acceptedMetrics = ({ accepted }: JobRecord): JobView['stages'] =>
  Object.fromEntries(
    accepted.filter(({ part }) => part === null).map(({ stage, metrics }) => [stage, metrics] as const),
  );

/** Heartbeats come from whatever version of a worker runs: beyond its name and status, anything may be missing. */
function stageProgress({ jobName, status, ...heartbeat }: WatchHeartbeat): StageProgress | null {
  const owner = parseMachineJobName(jobName);
  if (owner === null) return null;
  const progress = heartbeat.progress ?? null;
  return {
    stage: owner.stage,
    phase: progress?.phase ?? null,
    done: progress?.done ?? null,
    total: progress?.total ?? null,
    fraction: progress !== null && progress.total > 0 ? Math.min(1, Math.max(0, progress.done / progress.total)) : null,
    metrics: progress?.metrics ?? {},
    status,
    startedAt: isoOrNull(heartbeat.startedAtMs ?? null),
  };
}

/** The curve of the training that runs or ran last, with those of the attempts whose checkpoints it resumed from. */
function qualityOf({ attempts }: JobRecord, heartbeats: readonly WatchHeartbeat[]): JobView['quality'] {
  const trainings = attempts.filter(({ stage, part }) => stage === 'training' && part === null);
  const last = trainings.at(-1);
  const first = last?.resumedFrom ?? last?.attempt;
  return trainings
    .filter(({ attempt, resumedFrom }) => (resumedFrom ?? attempt) === first)
    .map(({ quality, jobName }) => {
      const live = heartbeats.find((beat) => beat.jobName === jobName)?.quality;
      return quality ?? qualityCurve(live ?? []);
    })
    .reduce((before, curve) => {
      const begins = curve[0]?.iteration ?? Infinity;
      return [...before.filter(({ iteration }) => iteration < begins), ...curve];
    }, []);
}

/** A line of the ledger; the cost of a machine that still runs is what it has cost until `untilMs`. */
function attemptView(attempt: Attempt, heartbeats: readonly WatchHeartbeat[], untilMs: number): AttemptView {
  const { stage, jobName, instanceType, status, failure: why, capacity, savedUsd } = attempt;
  const startedAtMs = attempt.startedAtMs ?? heartbeats.find((beat) => beat.jobName === jobName)?.startedAtMs ?? null;
  const ticking = status === 'Running' && startedAtMs !== null;
  const seconds = ticking ? Math.max(0, (untilMs - startedAtMs) / 1000) : attempt.billedSeconds;
  const cost = ticking ? costSoFar(instanceType, seconds) : attempt.costUsd;
  const line = { stage, attempt: attempt.attempt, jobName, instanceType, capacity, status, failure: why };
  return { ...line, seconds, costUsd: cost, savedUsd };
}

function costSoFar(instanceType: string, seconds: number): number {
  try {
    return costUsd(instanceType, seconds);
  } catch {
    return 0; // a machine without a price in the table: the ledger will have the same gap
  }
}

/** Thumbnails lie in the result, else among the intermediates: with both gone, only the names are left. */
function fitView(record: JobRecord, links: JobLinks): PhotoFitView | null {
  const shown = fittedAttempt(record);
  if (shown === null) return null;
  const { fit, advice } = shown;
  const areKept = record.result !== null || record.expiredAtMs.intermediates === null;
  const unfitted = fit.unfitted.map(({ thumbnail, ...photo }) => ({
    ...photo,
    thumbnailUrl: thumbnail === null || !areKept ? null : links.artifact(record.jobId, thumbnail),
  }));
  return { ...fit, unfitted, advice };
}

function resultView({ jobId, result }: JobRecord, links: JobLinks): JobView['result'] {
  if (result === null) return null;
  const files = result.files.map(({ name, bytes }) => ({ name, bytes, url: links.artifact(jobId, name) }));
  const urlOf = (name: string): string | null => files.find((file) => file.name === name)?.url ?? null;
  return { pageUrl: links.page(jobId), sogUrl: urlOf('scene.sog'), plyUrl: urlOf('model.ply'), files };
}
