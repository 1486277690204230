import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { ApiError, type SpaceportApi } from './spaceport-api';

/** What is known of a job whenever something has happened to it. */
export type FollowedJob = Omit<JobSnapshot, 'timeLeft'>;

const LOOK_EVERY_MS = 500;
/** A restarted server is away for seconds. */
const FAILURES_IN_A_ROW = 60;

/**
 * Listens to a job until it has ended, or stands as `isEnough` says, and returns its last view; looks at it again and
 * again where the server does not let it listen. Rejects when `signal` aborts or the server stays away.
 */
export async function followJob(
  api: Pick<SpaceportApi, 'job' | 'events'>,
  jobId: string,
  onNews: (job: FollowedJob) => void,
  signal: AbortSignal,
  isEnough: (job: FollowedJob) => boolean = () => false,
): Promise<JobView> {
  let mayListen = true;
  for (let failures = 0; ;) {
    try {
      if (mayListen) {
        for await (const snapshot of api.events(jobId, signal)) {
          failures = 0;
          onNews(snapshot);
          if (isEnough(snapshot)) break;
        }
      }
    } catch (error) {
      // Such as a server from before there were streams, or one that has too many; the look says what else is wrong.
      mayListen = !(error instanceof ApiError);
    }
    try {
      const job = await api.job(jobId, signal);
      failures = 0;
      onNews(job);
      if (isFinal(job.state) || isEnough(job)) return job;
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof ApiError && error.status < 500;
      if (refused || (failures += 1) > FAILURES_IN_A_ROW) throw error;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
