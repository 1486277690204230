import type { Estimate } from './estimate';

/** Longer than this nobody waits for a first scene. */
const LONGEST_SECONDS = 2 * 3600;

/** Whether a job is done the same day, and not stopped by the limit of its machine before. */
export const isTolerable = ({
  seconds,
  stages,
}: {
  readonly seconds: Estimate['seconds'];
  readonly stages: readonly Pick<Estimate['stages'][number], 'exceedsLimit'>[];
}): boolean => seconds.high <= LONGEST_SECONDS && !stages.some(({ exceedsLimit }) => exceedsLimit);
