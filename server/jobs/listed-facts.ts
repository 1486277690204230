import type { ListedRun } from '../../contracts/job/run';
import { listedFacts, type ListedFacts } from '../../contracts/job/view';
import { bounded } from '../../platform/bounded';
import type { Logger } from '../../platform/logger';
import type { RecordStore } from '../../platform/record-store';

/** Records that are read at once, for all lists together. */
const READS_AT_ONCE = 8;
/** Longest that one record is waited for, so that a storage that hangs gives its place back. */
const READ_TIMEOUT_MS = 5000;
/** Longest that a list waits for its records; those that come later are known to the next list. */
const LIST_WAIT_MS = 2000;
/** How long facts count as true while Temporal says the same of the job: an erasure shows after this. */
const FRESH_MS = 15_000;
const MAX_KNOWN = 1000;

/** What the records of listed jobs say, by job id; one that could not be read in time is left out. */
export type ReadListedFacts = (tenant: string, runs: readonly ListedRun[]) => Promise<ReadonlyMap<string, ListedFacts>>;

interface Known {
  /** What Temporal said of the job when its record was read. */
  readonly situation: string;
  readonly atMs: number;
  /** Null where the record is not there, or another tenant's. */
  readonly facts: ListedFacts | null;
}

/**
 * Reads names, photos and failures for lists from the jobs' records: they are true for runs of every version, and an
 * erasure empties them. Temporal's memo would know them of new runs only, and keep them after an erasure.
 *
 * A list is never held up for long by the storage, nor refused because of it.
 */
export function createListedFacts({
  records,
  logger,
  now,
}: {
  readonly records: Pick<RecordStore, 'read'>;
  readonly logger: Logger;
  readonly now: () => number;
}): ReadListedFacts {
  const known = new Map<string, Known>();
  const read = bounded(READS_AT_ONCE);

  const look = async (tenant: string, run: ListedRun, situation: string): Promise<void> => {
    const { jobId, state } = run;
    const found = await records.read(jobId, AbortSignal.timeout(READ_TIMEOUT_MS));
    const facts = found?.record.request.tenant === tenant ? listedFacts(found.record) : null;
    // Temporal knows a failure a moment before its record is written: looked at again by the next list.
    const isBehind = (state === 'failed' || state === 'parked') && facts?.failure === null;
    known.delete(jobId); // the newest last
    known.set(jobId, { situation, atMs: isBehind ? -Infinity : now(), facts });
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  return async (tenant, runs) => {
    const situations = new Map(runs.map((run) => [run.jobId, situationOf(tenant, run)]));
    const isKnown = ({ jobId }: ListedRun): boolean => {
      const { situation, atMs } = known.get(jobId) ?? {};
      return situation === situations.get(jobId) && atMs !== undefined && now() - atMs < FRESH_MS;
    };
    const looks = runs
      .filter((run) => !isKnown(run))
      .map((run) => read(() => look(tenant, run, situations.get(run.jobId) ?? '')));
    const done = Promise.allSettled(looks);
    await Promise.race([done, waitMs(LIST_WAIT_MS)]);
    void done.then((results) => {
      const failed = results.filter((result) => result.status === 'rejected');
      if (failed.length > 0)
        logger.warn({ err: failed[0]?.reason as unknown, records: failed.length }, 'a list lacks what records say');
    });
    return new Map(
      runs.flatMap(({ jobId }): [string, ListedFacts][] => {
        const { situation, facts = null } = known.get(jobId) ?? {};
        return situation === situations.get(jobId) && facts !== null ? [[jobId, facts]] : [];
      }),
    );
  };
}

const situationOf = (tenant: string, { startedAtMs, status, state, stage }: ListedRun): string =>
  [tenant, startedAtMs, status, state, stage].join(' ');

const waitMs = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
