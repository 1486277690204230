import { activityInfo, cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { JobRecord } from '../../contracts/job/record';
import { parseMachineJobName } from '../../contracts/machines/names';
import type { RecordStore, StoredRecord } from '../../platform/record-store';

/** Whether a record is this deployment's: a bucket may hold another one's too, which its machines' names tell. */
export const isOfDeployment = (record: JobRecord, deployment: string): boolean =>
  record.attempts.every(({ jobName }) => parseMachineJobName(jobName)?.deployment === deployment);

/** What a walk over all records came to; it is also its heartbeat, from which a later try continues. */
export interface RecordWalk {
  readonly examined: number;
  /** Jobs that something was done for, and the ids of the first `MAX_NAMED` of them. */
  readonly changed: number;
  readonly jobIds: readonly string[];
  /** Records that could not be judged: they are logged, left alone, and looked at again in the next walk. */
  readonly leftAlone: number;
  readonly lastJobId: string | null;
}

const MAX_NAMED = 100;
/** Records that are read and judged at once. */
const AT_ONCE = 8;

/** A walk that has not begun. */
export const NEW_WALK: RecordWalk = { examined: 0, changed: 0, jobIds: [], leftAlone: 0, lastJobId: null };

/** How far an earlier try of this activity came. */
const earlierWalk = (): RecordWalk => (activityInfo().heartbeatDetails as RecordWalk | undefined) ?? NEW_WALK;

/**
 * Shows every job's record to `visit`, in the order of ids, and counts for how many it did something. A later try of
 * the activity continues where the earlier one was, unless it is told otherwise.
 */
export async function walkRecords(
  records: RecordStore,
  visit: (stored: StoredRecord) => Promise<boolean>,
  from = earlierWalk(),
): Promise<RecordWalk> {
  const abortSignal = cancellationSignal();
  let walk = from;

  const examine = async (jobId: string): Promise<boolean | null> => {
    try {
      const stored = await records.read(jobId, abortSignal);
      return stored !== null && (await visit(stored));
    } catch (error) {
      if (abortSignal.aborted) throw error;
      log.warn('a job was left alone, since it could not be judged', { jobId, error });
      return null;
    }
  };

  for await (const page of records.jobIds(walk.lastJobId, abortSignal)) {
    for (let start = 0; start < page.length; start += AT_ONCE) {
      const jobIds = page.slice(start, start + AT_ONCE);
      const outcomes = await Promise.all(jobIds.map(examine));
      const changed = jobIds.filter((_, index) => outcomes[index]);
      walk = {
        examined: walk.examined + jobIds.length,
        changed: walk.changed + changed.length,
        jobIds: [...walk.jobIds, ...changed].slice(0, MAX_NAMED),
        leftAlone: walk.leftAlone + outcomes.filter((outcome) => outcome === null).length,
        lastJobId: jobIds.at(-1) ?? walk.lastJobId,
      };
      heartbeat(walk);
    }
  }
  return walk;
}
