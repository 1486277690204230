import type { QueryClient } from '@tanstack/react-query';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { keys } from './keys';

/** Quality at a moment of training. */
export interface CurvePoint {
  readonly iteration: number;
  /** dB, as the program prints it while it trains. */
  readonly psnr: number;
}

/** More would not be seen. */
const MAX_POINTS = 2000;

/** A curve with what a job tells; the same where that is nothing new. An earlier iteration begins a new curve. */
export function withPoint(
  points: readonly CurvePoint[],
  { stageProgress }: Pick<JobSnapshot, 'stageProgress'>,
): readonly CurvePoint[] {
  const psnr = stageProgress?.metrics.psnr;
  const iteration = stageProgress?.done ?? null;
  if (stageProgress?.stage !== 'training' || typeof psnr !== 'number' || iteration === null) return points;
  const last = points.at(-1);
  if (last?.iteration === iteration) return points;
  const before = last !== undefined && last.iteration > iteration ? [] : points;
  return [...before, { iteration, psnr }].slice(-MAX_POINTS);
}

/** Keeps the points that events and answers bring, for the page of the job. */
export const rememberPoint = (cache: QueryClient, job: Pick<JobSnapshot, 'jobId' | 'stageProgress'>): void =>
  void cache.setQueryData<readonly CurvePoint[]>(keys.curve(job.jobId), (points = []) => withPoint(points, job));
