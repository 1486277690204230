import { notifyManager, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import type { JobSnapshot } from '../../contracts/messages/job-snapshot';
import { STAGES } from '../../contracts/stages/stage';
import type { JobList, JobListEntry, JobView } from '../../contracts/job/view';
import { rememberQuality } from './curve';
import { keys } from './keys';

/** Whether what is shown is told by the server as it happens. */
export type Connection = 'connecting' | 'open' | 'closed';

export interface LiveEvents {
  readonly connection: () => Connection;
  /** Calls `changed` whenever the connection is another one; returns the function that ends this. */
  subscribe(changed: () => void): () => void;
  /** Closes the stream, for good. */
  close(): void;
}

interface Surroundings {
  readonly cache: QueryClient;
  readonly openSource: () => EventSource;
  /** Its visibility decides whether anybody listens. */
  readonly page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;
  /** Called where the server does not let the stream begin, to find out why. */
  readonly refused: () => void;
}

const ADDRESS = '/v1/events';
/** A page that nobody looks at for longer gives its connection back: browsers have six to a server (HTTP/1.1). */
export const HIDDEN_MS = 5 * 60_000;
/** After a refusal, which EventSource does not try again by itself; doubled each time. */
const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 60_000;
/** News of so long are shown together; nobody sees them come one by one. */
export const WRITE_MS = 150;
/** What a snapshot does not hold is asked for again this long after news, once for all news of that time. */
export const GATHER_MS = 400;

export const openEvents = (): EventSource => new EventSource(ADDRESS);

/**
 * The one stream of events of this tab (docs/streams.md): writes each snapshot into the cache, so that lists and pages
 * show it without asking. It closes while the page is hidden for long, and begins anew, with snapshots of everything,
 * when somebody looks again.
 */
export function listenToJobs({ cache, openSource, page, refused }: Surroundings): LiveEvents {
  let source: EventSource | null = null;
  let connection: Connection = 'connecting';
  let retryMs = FIRST_RETRY_MS;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const news = gathered(cache);

  const become = (next: Connection): void => {
    if (next === connection) return;
    connection = next;
    listeners.forEach((listener) => listener());
  };
  const stop = (): void => {
    clearTimeout(retryTimer);
    source?.close();
    source = null;
  };
  const begin = (): void => {
    stop();
    become('connecting');
    const opened = openSource();
    source = opened;
    opened.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      become('open');
    };
    opened.onmessage = ({ data }) => {
      const snapshot = readSnapshot(data);
      if (snapshot !== null) news.tell(snapshot);
    };
    opened.onerror = () => {
      become('connecting');
      if (opened.readyState !== 2) return; // the browser comes again by itself
      refused();
      retryTimer = setTimeout(begin, retryMs);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    };
  };
  const looked = (): void => {
    clearTimeout(hiddenTimer);
    if (page.hidden) {
      hiddenTimer = setTimeout(() => {
        stop();
        become('closed');
      }, HIDDEN_MS);
    } else if (source === null) {
      // Jobs that have ended meanwhile may be missing from the stream: what was known is asked for again.
      cache.removeQueries({ queryKey: keys.snapshots });
      void cache.invalidateQueries();
      begin();
    }
  };

  page.addEventListener('visibilitychange', looked);
  begin();
  return {
    connection: () => connection,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    close() {
      page.removeEventListener('visibilitychange', looked);
      clearTimeout(hiddenTimer);
      stop();
      news.end();
    },
  };
}

function readSnapshot(data: unknown): JobSnapshot | null {
  try {
    const read = JSON.parse(String(data)) as Partial<JobSnapshot>;
    return typeof read.jobId === 'string' ? (read as JobSnapshot) : null;
  } catch {
    return null;
  }
}

/**
 * Writes snapshots into the cache, all of a moment at once, the newest of each job: hundreds of jobs may change in a
 * second. What snapshots do not hold is asked for again, not for each of many.
 */
function gathered(cache: QueryClient): { tell(snapshot: JobSnapshot): void; end(): void } {
  const told = new Map<string, JobSnapshot>();
  const stale = new Map<string, readonly unknown[]>();
  let writeTimer: ReturnType<typeof setTimeout> | undefined;
  let askTimer: ReturnType<typeof setTimeout> | undefined;
  const askAgain = (key: readonly unknown[]): void => {
    stale.set(JSON.stringify(key), key);
    askTimer ??= setTimeout(() => {
      askTimer = undefined;
      for (const queryKey of stale.values()) void cache.invalidateQueries({ queryKey });
      stale.clear();
    }, GATHER_MS);
  };
  const write = (): void => {
    writeTimer = undefined;
    const unlisted = updateLists(cache, told);
    for (const snapshot of told.values()) {
      const { jobId } = snapshot;
      const before = cache.getQueryData<JobSnapshot>(keys.snapshot(jobId));
      cache.setQueryData(keys.snapshot(jobId), snapshot);
      rememberQuality(cache, snapshot);
      const view = cache.getQueryData<JobView>(keys.job(jobId));
      if (view !== undefined) {
        cache.setQueryData(keys.job(jobId), { ...view, ...snapshot });
        if (hasMore(view, snapshot)) askAgain(keys.job(jobId));
      }
      if (unlisted.has(jobId) && before?.state !== snapshot.state) askAgain(keys.jobs);
    }
    told.clear();
  };
  return {
    tell(snapshot) {
      told.set(snapshot.jobId, snapshot);
      writeTimer ??= setTimeout(() => notifyManager.batch(write), WRITE_MS);
    },
    end() {
      clearTimeout(writeTimer);
      clearTimeout(askTimer);
    },
  };
}

/** Whether something has changed that only the job itself tells, such as its attempts and results. */
const hasMore = (view: JobView, { state, step, updatedAt, stageProgress }: JobSnapshot): boolean =>
  view.state !== state ||
  view.step !== step ||
  view.updatedAt !== updatedAt ||
  view.stageProgress?.status !== stageProgress?.status;

/** Writes snapshots into every list that has their jobs; returns the ids of those that none has. */
function updateLists(cache: QueryClient, told: ReadonlyMap<string, JobSnapshot>): ReadonlySet<string> {
  const unlisted = new Set(told.keys());
  cache.setQueriesData<InfiniteData<JobList>>({ queryKey: keys.jobs }, (list) => {
    if (list === undefined) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      jobs: page.jobs.map((entry) => {
        const snapshot = told.get(entry.jobId);
        if (snapshot === undefined) return entry;
        unlisted.delete(entry.jobId);
        const next = listed(entry, snapshot);
        return JSON.stringify(next) === JSON.stringify(entry) ? entry : next;
      }),
    }));
    const isNew = pages.some(({ jobs }, at) => jobs.some((entry, line) => entry !== list.pages[at]?.jobs[line]));
    return isNew ? { ...list, pages } : list;
  });
  return unlisted;
}

/** A line of a list with what an event says of its job. */
export function listed(entry: JobListEntry, snapshot: JobSnapshot): JobListEntry {
  const { name, priority, startAt, state, step, costUsd, failure, waiting, endedAt, tookSeconds } = snapshot;
  const isNew = state === 'succeeded' && entry.state !== 'succeeded';
  const hasResult = isNew || (entry.hasResult && !makesModel(step));
  const told = { name, priority, startAt, state, costUsd, failure, endedAt, tookSeconds, hasResult };
  const waitsFor = waiting?.for ?? null;
  return { ...entry, ...told, waitsFor, stage: step ?? entry.stage };
}

/** Whether a job at this step makes a model, and has no scene; at the later ones it makes files of one. */
const makesModel = (step: JobSnapshot['step']): boolean =>
  step !== null && step !== 'publish' && step !== STAGES.at(-1);
