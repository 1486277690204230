import type { QueryClient } from '@tanstack/react-query';
import { qualityCurve, withQuality, type GatheredQuality, type QualityPoint } from '../../contracts/stages/quality';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { keys } from './keys';

/** A curve with what an event tells; the same where that is nothing of training. An earlier share begins a new curve. */
export function withEvent(
  curve: readonly GatheredQuality[],
  { stageProgress }: Pick<JobSnapshot, 'stageProgress'>,
  nowMs: number,
): readonly GatheredQuality[] {
  if (stageProgress?.stage !== 'training') return curve;
  const { done, total, metrics, startedAt } = stageProgress;
  if (done === null || total === null) return curve;
  const seconds = startedAt === null ? 0 : Math.max(0, nowMs - Date.parse(startedAt)) / 1000;
  const line = { done, total, metrics };
  const next = withQuality(curve, line, seconds);
  if (next !== curve) return next;
  const begun = withQuality([], line, seconds);
  return begun.length === 0 ? curve : begun;
}

/** The curve of a job's answer, and what events have told since. */
export function joined(answered: readonly QualityPoint[], told: readonly GatheredQuality[]): readonly QualityPoint[] {
  const last = answered.at(-1)?.iteration ?? -1;
  return [...answered, ...qualityCurve(told).filter(({ iteration }) => iteration > last)];
}

/** Keeps what an event tells of quality, for the page of the job. */
export function rememberQuality(cache: QueryClient, job: Pick<JobSnapshot, 'jobId' | 'stageProgress'>): void {
  const before = cache.getQueryData<readonly GatheredQuality[]>(keys.curve(job.jobId)) ?? [];
  const after = withEvent(before, job, Date.now());
  if (after !== before) cache.setQueryData(keys.curve(job.jobId), after);
}
