import { createHash } from 'node:crypto';
import type { RecordStore } from '../../platform/record-store';
import type { Storage } from '../storage/storage';
import type { JobToRead, ReadJobs } from './job-reader';

export interface SweepDeps {
  readonly records: Pick<RecordStore, 'jobIds'>;
  readonly storage: Pick<Storage, 'jobs'>;
  readonly read: ReadJobs;
}

/**
 * Reads the records of all jobs in the storage that the index lacks, or that may still change; of the others
 * `settledAtOnce` at most, so that each has its turn within a few sweeps. It finds jobs that Temporal has forgotten.
 * @param number of the sweep, counted from 0: it decides whose turn it is
 * @returns why some could not be read; null where all were. Throws where the storage lists no jobs.
 */
export async function sweep(
  { records, storage, read }: SweepDeps,
  number: number,
  settledAtOnce: number,
  signal: AbortSignal,
): Promise<unknown> {
  const turns = Math.max(1, Math.ceil((await storage.jobs.count()) / settledAtOnce));
  let failure: unknown = null;
  for await (const page of records.jobIds(null, signal)) {
    const versions = await storage.jobs.versions(page);
    const due = page.filter(
      (jobId) => !(versions.get(jobId)?.isSettled ?? false) || turnOf(jobId, turns) === number % turns,
    );
    const jobs = due.map((jobId): JobToRead => ({ jobId, mayHaveRun: !(versions.get(jobId)?.isSettled ?? false) }));
    failure = (await read(jobs, signal)).failure ?? failure;
  }
  return failure;
}

const turnOf = (jobId: string, turns: number): number =>
  createHash('sha256').update(jobId).digest().readUInt32BE() % turns;
