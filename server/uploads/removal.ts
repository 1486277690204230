import { layout } from '../../contracts/storage/layout';
import { bounded } from '../../platform/bounded';
import type { RecordStore } from '../../platform/record-store';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { JobRuns } from '../jobs/runs';
import type { UploadLookup } from './lookup';

/** The id of a job that has not ended and has its photos below a folder of our bucket; null where none is known. */
export type UserOf = (tenant: string, folder: string) => Promise<string | null>;

/** Open jobs, of all tenants, that are looked at. */
const MAX_JOBS = 10_000;
const READS_AT_ONCE = 8;

/**
 * Looks through a tenant's open jobs, as Temporal lists them: a job that was started in the last second may not be
 * listed yet. It would end at intake, before any machine is rented.
 */
export function createUserOf(deps: {
  readonly runs: Pick<JobRuns, 'recent'>;
  readonly records: Pick<RecordStore, 'read'>;
  readonly bucket: string;
}): UserOf {
  const { runs, records, bucket } = deps;
  const inTurn = bounded(READS_AT_ONCE);
  return async (tenant, folder) => {
    const recent = await reached('Temporal', runs.recent({ endedAfterMs: Date.now(), limit: MAX_JOBS }));
    const open = recent.filter((run) => run.tenant === tenant && run.status === 'RUNNING');
    const uses = async (jobId: string): Promise<string | null> => {
      const { location } = (await reached('The storage', records.read(jobId)))?.record.request ?? {};
      const isUsed =
        location?.bucket === bucket && (location.key.startsWith(folder) || folder.startsWith(location.key));
      return isUsed ? jobId : null;
    };
    const found = await Promise.all(open.map(({ jobId }) => inTurn(() => uses(jobId))));
    return found.find((jobId) => jobId !== null) ?? null;
  };
}

/** Removes an upload with all its files. Throws UPLOAD_NOT_FOUND, and UPLOAD_IN_USE while a job works with it. */
export type RemoveUpload = (caller: Caller, uploadId: string) => Promise<void>;

export function createRemoval(
  lookup: Pick<UploadLookup, 'find'>,
  userOf: UserOf,
  storage: { remove(tenant: string, uploadId: string): Promise<void> },
): RemoveUpload {
  return async (caller, uploadId) => {
    await lookup.find(caller, uploadId);
    const user = await userOf(caller.tenant, layout.uploadFolder(caller.tenant, uploadId));
    if (user !== null)
      throw new Problem('UPLOAD_IN_USE', `job ${user} works with these photos; cancel it, or wait until it has ended`);
    await reached('The storage', storage.remove(caller.tenant, uploadId));
  };
}
