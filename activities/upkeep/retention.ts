import { cancellationSignal, heartbeat, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { workflowId } from '../../contracts/machines/names';
import type { JobRecord } from '../../contracts/job/record';
import { dueExpiry, expired, type Retention } from '../../contracts/storage/retention';
import { layout } from '../../contracts/storage/layout';
import { describeRun } from '../../platform/job-run';
import { deleteFolder, type BucketDeps } from '../../platform/s3-objects';
import type { RecordStore, StoredRecord } from '../../platform/record-store';
import { BY_UPKEEP, type NoteDeed } from '../deeds';
import { isOfDeployment, walkRecords, type RecordWalk } from './record-walk';
import { removeUnfinishedUploads } from './unfinished-uploads';

export interface RetentionDeps extends BucketDeps {
  readonly records: RecordStore;
  readonly client: Client;
  readonly note: NoteDeed;
}

export interface RetentionInput {
  readonly deployment: string;
  readonly retention: Retention;
}

/** The walk over the jobs, and the uploads that were removed after it. */
export interface ExpiryReport extends RecordWalk {
  readonly removedUploads: number;
}

/** Files of ended jobs whose time is over, and uploads that did not become complete. */
export interface RetentionActivities {
  /**
   * Deletes intermediates and results of jobs that ended longer ago than they are kept for. The record says so first
   * and stays, as do the list of photos and the notes on notifications; photos that were handed over stay too. Then it
   * removes uploads that were not completed in their time.
   */
  expireFiles(input: RetentionInput): Promise<ExpiryReport>;
}

export function createRetentionActivities(deps: RetentionDeps): RetentionActivities {
  async function expire(
    stored: StoredRecord,
    { deployment, retention }: RetentionInput,
    abortSignal: AbortSignal,
  ): Promise<boolean> {
    const { record } = stored;
    const due = dueExpiry(record, retention, Date.now());
    if ((due === null && !record.deleting) || !isOfDeployment(record, deployment)) return false;
    // A retry builds on these files.
    if ((await describeRun(deps.client, workflowId(record.jobId)))?.status === 'RUNNING') return false;
    const marked =
      due === null ? stored : await deps.records.replace(stored, expired(record, due, Date.now()), abortSignal);
    if (marked === null) return false;
    let files = 0;
    for (const folder of expiredFolders(marked.record)) files += await deleteFolder(deps, folder, abortSignal);
    await deps.records.replace(marked, { ...marked.record, deleting: false }, abortSignal);
    log.info('deleted files whose time was over', { jobId: record.jobId, files, ...due });
    const { expiredAtMs: details } = marked.record;
    // The folder of an erased job is gone.
    if (record.erasedAtMs === null)
      await deps.note(record.jobId, { operation: 'expireFiles', by: BY_UPKEEP, atMs: Date.now(), details });
    return true;
  }

  return {
    async expireFiles(input) {
      const signal = cancellationSignal();
      const walk = await walkRecords(deps.records, (stored) => expire(stored, input, signal));
      return {
        ...walk,
        removedUploads: await removeUnfinishedUploads(deps, Date.now(), signal, () => heartbeat(walk)),
      };
    },
  };
}

/** Folders of the expired files. Attempts are the ledger's: a retry that begins just now has other numbers. */
function expiredFolders({ jobId, attempts, expiredAtMs }: JobRecord): string[] {
  const ofAttempts = attempts.map(({ stage, attempt, part }) => layout.attemptFolder(jobId, stage, attempt, part));
  return [
    ...(expiredAtMs.intermediates === null ? [] : [layout.unpackedFolder(jobId), ...ofAttempts]),
    ...(expiredAtMs.results === null ? [] : [layout.resultFolder(jobId)]),
  ];
}
