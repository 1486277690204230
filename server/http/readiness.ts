import type { JobRuns } from '../jobs/runs';
import type { JobStore } from '../jobs/store';
import type { Readiness } from './health';

const DEADLINE_MS = 2000;

/** Asks Temporal and the bucket. Answers at once, with `shutdown`, when `draining` says so. */
export const createReadiness =
  (runs: JobRuns, store: JobStore, draining: () => boolean): Readiness =>
  async () => {
    if (draining()) return ['shutdown'];
    const checks = {
      temporal: runs.check(Date.now() + DEADLINE_MS),
      storage: store.check(AbortSignal.timeout(DEADLINE_MS)),
    };
    const results = await Promise.allSettled(Object.values(checks));
    return Object.keys(checks).filter((_name, index) => results[index]?.status === 'rejected');
  };
