import { JOB_ID_PATTERN } from '../../contracts/machines/names';
import type { JobRecord } from '../../contracts/job/record';
import { afterReset, isBeforeReset, type JobRun } from '../../contracts/job/run';
import type { JobState } from '../../contracts/job/state';
import { jobState } from '../../contracts/job/view';
import { formatTime } from '../../contracts/job/formats';
import type { RecordStore, StoredRecord } from '../../platform/record-store';
import { reached } from '../http/availability';
import { KeptBesideRuns } from './kept-beside-runs';
import type { JobRuns } from './runs';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';

/** A job as it is now: what its record keeps, what Temporal says of its newest run, and the state that follows. */
export interface FoundJob {
  readonly record: JobRecord;
  /** Null when Temporal does not know the workflow, or not any more. */
  readonly run: JobRun | null;
  readonly state: JobState;
}

/** Finds jobs. Every call throws JOB_NOT_FOUND, JOB_ERASED, or UNAVAILABLE where S3 or Temporal is away. */
export interface JobLookup {
  record(caller: Caller, jobId: string): Promise<JobRecord>;
  /** The record with its version, for those who write it. */
  stored(caller: Caller, jobId: string): Promise<StoredRecord>;
  /**
   * The record beside this run of the job, which was asked for before: after a reset the one that the run has, and not
   * the one that is stored. It is read only where something has happened to the run since the last time.
   */
  recordBeside(run: JobRun | null, caller: Caller, jobId: string): Promise<JobRecord>;
  find(caller: Caller, jobId: string): Promise<FoundJob>;
  /** Keeps the record that a job was started with: until a worker takes up its run nobody writes another one. */
  started(record: JobRecord, runId: string): void;
}

export function createJobLookup({ runs, records }: { runs: JobRuns; records: Pick<RecordStore, 'read'> }): JobLookup {
  const read = async (jobId: string): Promise<StoredRecord | null> =>
    JOB_ID_PATTERN.test(jobId) ? reached('The storage', records.read(jobId)) : null;
  /** What no worker says in time stays as it is stored. */
  const asOf = async (run: JobRun | null, kept: JobRecord): Promise<JobRecord> => {
    const known = isBeforeReset(kept, run) ? await runs.record(kept.jobId).catch(() => null) : null;
    return known === null || run === null ? kept : afterReset(known, run);
  };
  const besideRuns = new KeptBesideRuns(async (jobId, run) => {
    const found = await read(jobId);
    return found === null ? null : asOf(run, found.record);
  });
  const stored = async (caller: Caller, jobId: string): Promise<StoredRecord> => {
    const found = await read(jobId);
    if (found === null) throw unknownJob(jobId);
    refuseOthers(found.record, caller);
    return found;
  };
  const record = async (caller: Caller, jobId: string): Promise<JobRecord> => (await stored(caller, jobId)).record;
  return {
    record,
    stored,
    async recordBeside(run, caller, jobId) {
      const found = await besideRuns.get(jobId, run);
      if (found === null) throw unknownJob(jobId);
      refuseOthers(found, caller);
      return found;
    },
    async find(caller, jobId) {
      const [kept, run] = await Promise.all([record(caller, jobId), reached('Temporal', runs.describe(jobId))]);
      const found = await asOf(run, kept);
      const state = jobState(found, run);
      return { record: found, run, state };
    },
    started: (record, runId) => besideRuns.started(record.jobId, runId, record),
  };
}

const unknownJob = (jobId: string): Problem =>
  new Problem('JOB_NOT_FOUND', `no job has the id ${JSON.stringify(jobId.slice(0, 40))}; check the link or the id`);

/** Throws JOB_NOT_FOUND where the job is another tenant's, JOB_ERASED where it was erased. */
function refuseOthers(record: JobRecord, { tenant }: Caller): void {
  if (record.request.tenant !== tenant) throw unknownJob(record.jobId);
  refuseErased(record);
}

/** Throws JOB_ERASED when only a tombstone is left of a job. */
export function refuseErased({ jobId, erasedAtMs }: JobRecord): void {
  if (erasedAtMs === null) return;
  throw new Problem(
    'JOB_ERASED',
    `job ${jobId} was erased at ${formatTime(erasedAtMs)}: its photos, results and address are gone; ` +
      'start a new job to do it again',
  );
}
