import type { JobView } from '../job/view';

const SHOWN = [
  'jobId',
  'name',
  'priority',
  'startAt',
  'state',
  'step',
  'preset',
  'stageProgress',
  'costUsd',
  'timeLeft',
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
  'tookSeconds',
] as const satisfies readonly (keyof JobView)[];

/**
 * What an event says of a job: all of what changes while it runs, in the words of `GET /v1/jobs/:id`, so that nobody
 * who has the newest one needs those before. `stageProgress` has stage, phase, fraction and metrics.
 */
export type JobSnapshot = Pick<JobView, (typeof SHOWN)[number]>;

/** @param view of which deliveries may be missing: no snapshot has them */
export const jobSnapshot = (view: Omit<JobView, 'deliveries'>): JobSnapshot =>
  Object.fromEntries(SHOWN.map((field) => [field, view[field]])) as unknown as JobSnapshot;

/**
 * Equal for two snapshots between which nothing has happened. What ticks by itself counts only when people would see a
 * difference: cost by the cent; time left only by whether there is an estimate.
 */
export const happened = (snapshot: JobSnapshot): string =>
  JSON.stringify({ ...snapshot, costUsd: Math.round(snapshot.costUsd * 100), timeLeft: snapshot.timeLeft !== null });
