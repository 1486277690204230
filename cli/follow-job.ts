import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../contracts/job/state';
import type { JobView } from '../contracts/job/view';
import { ApiError, type SpaceportApi } from './spaceport-api';

const LOOK_EVERY_MS = 500;
/** A restarted server is away for seconds. */
const FAILURES_IN_A_ROW = 60;

/** Looks at a job until it has ended and returns its last view. Rejects when `signal` aborts or the server stays away. */
export async function followJob(
  api: SpaceportApi,
  jobId: string,
  onView: (job: JobView) => void,
  signal: AbortSignal,
): Promise<JobView> {
  for (let failures = 0; ;) {
    try {
      const job = await api.job(jobId, signal);
      failures = 0;
      onView(job);
      if (isFinal(job.state)) return job;
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof ApiError && error.status < 500;
      if (refused || (failures += 1) > FAILURES_IN_A_ROW) throw error;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
