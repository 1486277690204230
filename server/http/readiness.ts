import type { JobRuns } from '../jobs/runs';
import type { JobStore } from '../jobs/store';
import type { Database } from '../storage/database';
import type { Readiness } from './health';

const DEADLINE_MS = 2000;

/** Asks Temporal, the bucket and the database. Answers at once, with `shutdown`, when `draining` says so. */
export const createReadiness =
  (runs: JobRuns, store: JobStore, database: Pick<Database, 'check'>, draining: () => boolean): Readiness =>
  async () => {
    if (draining()) return ['shutdown'];
    const checks = {
      temporal: runs.check(Date.now() + DEADLINE_MS),
      storage: store.check(AbortSignal.timeout(DEADLINE_MS)),
      database: inTime(database.check()),
    };
    const results = await Promise.allSettled(Object.values(checks));
    return Object.keys(checks).filter((_name, index) => results[index]?.status === 'rejected');
  };

/** A database that swallows questions is as good as none. */
const inTime = (answer: Promise<void>): Promise<void> =>
  Promise.race([
    answer,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('the database does not answer in time')), DEADLINE_MS).unref();
    }),
  ]);
