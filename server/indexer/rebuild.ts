import type { Logger } from '../../platform/logger';
import type { RecordStore } from '../../platform/record-store';
import { reconcileRegistry, type ReconcileDeps } from '../storage/registry/reconcile';
import type { Storage } from '../storage/storage';
import type { ReadJobs } from './job-reader';
import { sweep } from './sweep';
import { sweepBatches, type SweepBatchesDeps } from './sweep-batches';

export interface RebuildDeps extends ReconcileDeps {
  readonly storage: Pick<Storage, 'jobs' | 'batches'>;
  readonly batches: SweepBatchesDeps['batches'];
  readonly logger: Logger;
  readonly records: Pick<RecordStore, 'jobIds'>;
  readonly read: ReadJobs;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface RebuildReport {
  /** Keys, tenants, endpoints, shares and annotations that the database did not have as S3 has them. */
  readonly registered: number;
  /** Objects of the registry that cannot be read. */
  readonly unreadable: number;
  /** Jobs in the index afterwards. */
  readonly jobs: number;
  /** Jobs that were in the index and are not in the storage. */
  readonly jobsRemoved: number;
}

/** A job that began so short a time before may not have been in the storage when that was listed. */
const MIN_AGE_MS = 60_000;

/**
 * Makes the database what S3 says: the registry, and the index of jobs from their records. Servers may run meanwhile.
 * Throws where S3, Temporal or the database do not answer, or records cannot be had; what was done by then stays.
 */
export async function rebuild(deps: RebuildDeps, signal: AbortSignal): Promise<RebuildReport> {
  const { registry, storage, records, now = Date.now } = deps;
  const startedMs = now();
  await registry.settle(signal);
  const { restored, unreadable } = await reconcileRegistry(deps, 'all', signal);
  const stored = new Set<string>();
  for await (const page of records.jobIds(null, signal)) for (const jobId of page) stored.add(jobId);
  const jobsRemoved = await storage.jobs.keepOnly(stored, startedMs - MIN_AGE_MS);
  await sweepBatches(deps, signal);
  const failure = await sweep(deps, 0, Infinity, signal);
  if (failure !== null) throw new Error('some records cannot be had', { cause: failure });
  return { registered: restored, unreadable, jobs: await storage.jobs.count(), jobsRemoved };
}
