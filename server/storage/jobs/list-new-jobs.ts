import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRecord } from '../../../contracts/job/record';
import type { Logger } from '../../../platform/logger';
import type { JobIndex } from './job-index';

/** Between two writings, in milliseconds: a commit holds SQLite, and with it the whole server, for one or two. */
const APART_MS = 100;

/**
 * Takes new jobs into lists: one at once, those that follow within a tenth of a second together. Where that does not
 * succeed the indexer finds them.
 */
export function createListNewJobs(index: Pick<JobIndex, 'upsert'>, logger: Logger): (record: JobRecord) => void {
  const waiting: JobRecord[] = [];
  let isWriting = false;

  const write = async (): Promise<void> => {
    isWriting = true;
    for (let records = waiting.splice(0); records.length > 0; records = waiting.splice(0)) {
      await index
        .upsert(records.map((record) => ({ record, state: record.state, asOfMs: record.updatedAtMs })))
        .catch((error: unknown) => logger.warn({ err: error, jobs: records.length }, 'new jobs are not in lists yet'));
      await sleep(APART_MS, undefined, { ref: false });
    }
    isWriting = false;
  };

  return (record) => {
    waiting.push(record);
    if (!isWriting) void write();
  };
}
