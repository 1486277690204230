import type { Logger } from '../../platform/logger';
import type { JobLinks } from '../../contracts/job/view';
import type { Caller } from '../http/context';
import type { JobLookup } from '../jobs/lookup';
import type { JobRuns } from '../jobs/runs';
import { JobFeeds } from './job-feeds';
import type { Streaming } from './streaming';
import { JobListener, marksOf } from './job-listener';
import { TenantFeeds } from './tenant-feeds';

/** What listeners hear of jobs. Calls throw Problem where a caller may not listen, or where there is no such job. */
export interface Events {
  /**
   * Listens to one job until after its end; null where the listener has heard all that there is, and need not come
   * again.
   */
  ofJob(caller: Caller, jobId: string, lastEventId: string | undefined): Promise<JobListener | null>;
  /** Listens to the jobs of the caller's tenant: to these, or where none is named to all. */
  ofTenant(caller: Caller, jobIds: readonly string[], lastEventId: string | undefined): Promise<JobListener>;
}

export interface EventsDeps {
  readonly runs: Pick<JobRuns, 'describe' | 'recent'>;
  readonly lookup: Pick<JobLookup, 'record' | 'recordBeside'>;
  readonly links: JobLinks;
  readonly logger: Logger;
  readonly now: () => number;
  readonly streaming: Streaming;
}

/** Longest wait for the first look at a job before its stream is opened without. */
const FIRST_LOOK_MS = 3000;

export function createEvents(deps: EventsDeps): Events {
  const feeds = new JobFeeds(deps);
  const tenants = new TenantFeeds({ ...deps, feeds });

  /** Throws JOB_NOT_FOUND, or JOB_ERASED, unless it is the caller's. */
  const checkIsOwn = async (caller: Caller, jobId: string): Promise<void> => {
    if (!feeds.isWatched({ tenant: caller.tenant, jobId })) await deps.lookup.record(caller, jobId);
  };
  const watch = (
    { tenant }: Caller,
    jobIds: readonly string[],
    listener: JobListener,
    afterEnd: boolean,
  ): (() => void) => {
    const leaves = jobIds.map((jobId) => feeds.watch({ tenant, jobId }, listener, afterEnd));
    for (const jobId of jobIds) if (feeds.told(jobId) !== null) listener.changed(jobId);
    return () => leaves.forEach((leave) => leave());
  };

  return {
    async ofJob(caller, jobId, lastEventId) {
      await checkIsOwn(caller, jobId);
      const had = marksOf(lastEventId);
      const listener = new JobListener(feeds, had, true);
      listener.join(watch(caller, [jobId], listener, false));
      if (had.size === 0) return listener;
      // Only a listener that comes again may have heard everything.
      await firstLook(listener);
      const told = feeds.told(jobId);
      if (told === null || told === 'gone' || !told.isLast || !had.has(told.mark)) return listener;
      listener.close();
      return null;
    },

    async ofTenant(caller, jobIds, lastEventId) {
      const listener = new JobListener(feeds, marksOf(lastEventId), false);
      if (jobIds.length === 0) return listener.join(tenants.watch(caller.tenant, listener));
      await Promise.all(jobIds.map((jobId) => checkIsOwn(caller, jobId)));
      return listener.join(watch(caller, jobIds, listener, true));
    },
  };
}

/** Waits until something can be told. */
function firstLook(listener: JobListener): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FIRST_LOOK_MS);
    listener.onReady(() => {
      clearTimeout(timer);
      resolve();
    });
    if (listener.hasNews) {
      clearTimeout(timer);
      resolve();
    }
  });
}
