import { JOB_ID_PATTERN } from '../../contracts/machines/names';
import type { JobRequest } from '../../contracts/job/record';
import type { JobRun } from '../../contracts/job/run';
import type { JobState } from '../../contracts/job/state';
import { jobView, listEntry, type JobLinks, type JobListEntry, type JobView } from '../../contracts/job/view';
import type { DeliveryRecord } from '../../contracts/messages/notifications';
import type { ResultFile } from '../../contracts/storage/layout';
import type { Logger } from '../../platform/logger';
import type { RecordStore } from '../../platform/record-store';
import { reached } from '../http/availability';
import type { InputRules } from './input-access';
import { createErasure, type ErasureAnswer } from './erase';
import { createJobLookup } from './lookup';
import { createMessages, type Tell } from './messages';
import type { JobRuns } from './runs';
import { createStart, type StartAnswer } from './start';
import type { JobStore } from './store';
import { Problem } from '../http/problem';

export interface JobsDeps {
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim' | 'read'>;
  readonly store: JobStore;
  readonly links: JobLinks;
  readonly inputs: InputRules;
  readonly logger: Logger;
  readonly now: () => number;
}

/** What the API does with jobs. Every method throws Problem for what a caller can mend. */
export interface Jobs {
  readonly tell: Tell;
  start(request: JobRequest, idempotencyKey: string | null): Promise<StartAnswer>;
  get(jobId: string): Promise<JobView>;
  list(filter: { readonly state?: JobState | undefined; readonly limit: number }): Promise<JobListEntry[]>;
  erase(jobId: string): Promise<ErasureAnswer>;
  /** A signed link to a published file. */
  artifact(jobId: string, file: ResultFile, inline: boolean): Promise<string>;
  /** A published JSON file. */
  resultJson(jobId: string, file: ResultFile): Promise<unknown>;
}

export function createJobs({ runs, records, store, links, inputs, logger, now }: JobsDeps): Jobs {
  const lookup = createJobLookup({ runs, records });

  /** The record is shown even while Temporal is away; it is then as old as the job's last step. */
  const runIfReached = async (jobId: string): Promise<JobRun | null> => {
    try {
      return await runs.describe(jobId);
    } catch (error) {
      logger.warn({ err: error, jobId }, 'Temporal does not answer: the job is shown from its record');
      return null;
    }
  };

  /** How mails and webhooks went is worth showing, but never worth an answer without the rest. */
  const deliveriesIfReached = async (jobId: string): Promise<readonly DeliveryRecord[]> => {
    if (!JOB_ID_PATTERN.test(jobId)) return [];
    try {
      return await store.deliveries(jobId);
    } catch (error) {
      logger.warn({ err: error, jobId }, 'the deliveries of a job could not be read');
      return [];
    }
  };

  return {
    tell: createMessages({ runs, lookup, now }),
    start: createStart({ runs, records, lookup, links, inputs, now }),
    erase: createErasure({ runs, lookup }),

    async get(jobId) {
      const find = async (): Promise<Omit<JobView, 'deliveries'>> => {
        // In this order: a run that is closed has written its last record.
        const run = await runIfReached(jobId);
        return jobView(await lookup.record(jobId), run, links, now());
      };
      const [view, deliveries] = await Promise.all([find(), deliveriesIfReached(jobId)]);
      return { ...view, deliveries };
    },

    async list(filter) {
      const found = await reached('Temporal', runs.list(filter));
      return found.map((run) => listEntry(run, links));
    },

    async artifact(jobId, file, inline) {
      const { result } = await lookup.record(jobId);
      if (!result?.files.some(({ name }) => name === file))
        throw new Problem(
          'ARTIFACT_NOT_FOUND',
          `job ${jobId} has no ${file}${result === null ? ', since it has not been published' : ''}`,
        );
      return reached('The storage', store.link(jobId, file, inline ? null : `spaceport-${jobId}-${file}`));
    },

    async resultJson(jobId, file) {
      const record = await lookup.record(jobId);
      const value = record.result === null ? null : await reached('The storage', store.readResultJson(jobId, file));
      if (value === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file}`);
      return value;
    },
  };
}
