import type { JobView } from '../job/view';

/** Seconds until a job's result is published, as a range: the estimate's own doubt. */
export interface TimeLeft {
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

const SHOWN = [
  'jobId',
  'name',
  'state',
  'step',
  'preset',
  'stageProgress',
  'costUsd',
  'waiting',
  'failure',
  'parkedUntil',
  'pauseRequested',
  'cancelled',
  'notice',
  'pageUrl',
  'createdAt',
  'updatedAt',
  'endedAt',
] as const satisfies readonly (keyof JobView)[];

/**
 * What an event says of a job: all of what changes while it runs, in the words of `GET /v1/jobs/:id`, so that nobody
 * who has the newest one needs those before. `stageProgress` has stage, phase, fraction and metrics.
 */
export interface JobSnapshot extends Pick<JobView, (typeof SHOWN)[number]> {
  /** Null where there is no estimate. */
  readonly timeLeft: TimeLeft | null;
}

/** @param view of which deliveries may be missing: no snapshot has them */
export const jobSnapshot = (view: Omit<JobView, 'deliveries'>, timeLeft: TimeLeft | null): JobSnapshot => ({
  ...(Object.fromEntries(SHOWN.map((field) => [field, view[field]])) as unknown as Omit<JobSnapshot, 'timeLeft'>),
  timeLeft,
});

/**
 * Equal for two snapshots between which nothing has happened. What ticks by itself counts only when people would see a
 * difference: cost by the cent; time left only by whether there is an estimate.
 */
export const happened = (snapshot: JobSnapshot): string =>
  JSON.stringify({ ...snapshot, costUsd: Math.round(snapshot.costUsd * 100), timeLeft: snapshot.timeLeft !== null });
