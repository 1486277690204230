import type { JobRecord } from '../../contracts/job/record';
import { endedFromOutside, type JobRun } from '../../contracts/job/run';
import { isFinal } from '../../contracts/job/state';
import { jobState } from '../../contracts/job/view';
import { bounded } from '../../platform/bounded';
import type { Logger } from '../../platform/logger';
import { UnreadableRecordError, type RecordStore } from '../../platform/record-store';
import type { JobRuns } from '../jobs/runs';
import type { KnownJob } from '../storage/jobs/job-rows';
import { ownerOfKeys } from '../storage/shares';
import type { Storage } from '../storage/storage';

export interface JobReaderDeps {
  readonly records: Pick<RecordStore, 'read'>;
  readonly runs: Pick<JobRuns, 'describe'>;
  readonly storage: Pick<Storage, 'jobs' | 'shares' | 'annotations' | 'idempotency'>;
  readonly logger: Logger;
}

/** A job whose record is to be read. */
export interface JobToRead {
  readonly jobId: string;
  /** Temporal may know more than a final record: another run has begun, or ended without writing one. */
  readonly mayHaveRun: boolean;
}

export interface ReadOutcome {
  /** Jobs whose records were read, or cannot be: those have null. */
  readonly done: ReadonlyMap<string, JobRecord | null>;
  /** Why the others were not; null where there are none. */
  readonly failure: unknown;
}

/**
 * Brings the index up to date with the records of these jobs. A record that this version cannot read is logged once
 * and skipped, one that cannot be had now does not stand in the way of the others. Throws where the database does not
 * answer.
 */
export type ReadJobs = (jobs: readonly JobToRead[], signal: AbortSignal) => Promise<ReadOutcome>;

/** Records that are read at once, for all callers together. */
const READS_AT_ONCE = 8;
/** Jobs that one transaction takes in. */
const BATCH = 100;
const READ_TIMEOUT_MS = 5000;
const MAX_UNREADABLE_NAMED = 1000;

export function createJobReader({ records, runs, storage, logger }: JobReaderDeps): ReadJobs {
  const inTurn = bounded(READS_AT_ONCE);
  const unreadable = new Set<string>();

  const read = async ({ jobId, mayHaveRun }: JobToRead, signal: AbortSignal): Promise<KnownJob | null> => {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
    try {
      const stored = await records.read(jobId, abortSignal);
      if (stored === null) return null;
      const { record } = stored;
      if (record.erasedAtMs !== null) await forget(record);
      const run = isFinal(record.state) && !mayHaveRun ? null : await runs.describe(jobId);
      const failure = record.failure ?? (run === null ? null : endedFromOutside(run.status));
      return { record: { ...record, failure }, state: jobState(record, run), asOfMs: asOfMs(record, run) };
    } catch (error) {
      if (!(error instanceof UnreadableRecordError)) throw error;
      if (!unreadable.has(jobId)) logger.warn({ err: error, jobId }, 'a job is missing in lists');
      if (unreadable.size < MAX_UNREADABLE_NAMED) unreadable.add(jobId);
      return null;
    }
  };

  /** What people have made of a job goes with it. */
  const forget = async ({ jobId, request: { tenant } }: JobRecord): Promise<void> => {
    for (const share of await storage.shares.list(tenant, jobId))
      await storage.idempotency.removeBelow(ownerOfKeys(share), '');
    await storage.shares.removeOfJob(tenant, jobId);
    await storage.annotations.removeOfJob(tenant, jobId);
    // Answers to those who made them hold what they said.
    await storage.idempotency.removeBelow(tenant, `POST /v1/jobs/${jobId}/`);
  };

  return async (jobs, signal) => {
    const done = new Map<string, JobRecord | null>();
    let failure: unknown = null;
    for (let first = 0; first < jobs.length; first += BATCH) {
      const batch = jobs.slice(first, first + BATCH);
      const results = await Promise.allSettled(batch.map((job) => inTurn(() => read(job, signal))));
      const taken = batch.flatMap(({ jobId }, index) => {
        const result = results[index];
        return result?.status === 'fulfilled' ? [{ jobId, known: result.value }] : [];
      });
      const known = taken.flatMap((job) => (job.known === null ? [] : [job.known]));
      if (known.length > 0) await storage.jobs.upsert(known);
      for (const job of taken) done.set(job.jobId, job.known?.record ?? null);
      failure = results.find((result) => result.status === 'rejected')?.reason ?? failure;
      // Nothing answers: the rest would wait for the same.
      if (taken.length === 0) break;
    }
    return { done, failure };
  };
}

/** When what is known was told: by the record, or by a run that has begun or ended since. */
function asOfMs({ state, updatedAtMs }: JobRecord, run: JobRun | null): number {
  if (run === null || (isFinal(state) && updatedAtMs >= run.startedAtMs)) return updatedAtMs;
  return Math.max(updatedAtMs, run.startedAtMs, run.closedAtMs ?? 0);
}
