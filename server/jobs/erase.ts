import { situationRefusal } from '../../contracts/job/commands';
import type { Erasure } from '../../contracts/job/view';
import type { Caller } from '../http/context';
import { reached } from '../http/availability';
import type { JobLookup } from './lookup';
import type { JobRuns } from './runs';
import { throwRefusal } from './messages';

/** Starts the erasure of an ended job; a repeat finds the one that is under way. Throws Problem. */
export type EraseJob = (caller: Caller, jobId: string) => Promise<Erasure>;

export function createErasure({ runs, lookup }: { runs: JobRuns; lookup: JobLookup }): EraseJob {
  return async (caller, jobId) => {
    const { record, run, state } = await lookup.find(caller, jobId);
    throwRefusal(situationRefusal('erase', { ...record, state }, run?.status === 'RUNNING'));
    const [retentionDays] = await Promise.all([
      runs.retentionDays().catch(() => null),
      reached('Temporal', runs.erase(record)),
    ]);
    return { jobId, state, erasing: true, remains: remains(jobId, retentionDays) };
  };
}

function remains(jobId: string, retentionDays: number | null): string {
  const period =
    retentionDays === null
      ? 'the retention period of its namespace'
      : `${retentionDays} ${retentionDays === 1 ? 'day' : 'days'} (the retention of its namespace)`;
  return [
    `jobs/${jobId}/job.json with its times, machines and cost, without the address and the place of the photos`,
    'the history of the workflow in Temporal, with the address, the place of the photos and the names of files, ' +
      `until ${period} after the job's end`,
    'the log of each machine in CloudWatch, until the retention of its log group',
    'mails and webhooks that were sent, and for 30 days when which webhook endpoint was told of which event',
    'the photos themselves, where they were not uploaded to this deployment, or where another job uses them',
  ].join('; ');
}
