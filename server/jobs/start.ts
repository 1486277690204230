import { workflowId } from '../../contracts/machines/names';
import { LOCAL_TENANT, newJobRecord, type JobRecord, type JobRequest } from '../../contracts/job/record';
import type { JobLinks, StartedJob } from '../../contracts/job/view';
import { DEFAULT_CAPACITY } from '../../contracts/machines/capacity';
import { PRIORITY } from '../../contracts/messages/settings';
import type { Logger } from '../../platform/logger';
import type { RecordStore } from '../../platform/record-store';
import { reached } from '../http/availability';
import { digestOf } from '../idempotency/request-digest';
import type { CalibrationOf } from '../estimates/calibrations';
import type { Asked, ReadStart, StartRequest } from './input-access';
import { jobIdOfKey, randomJobId } from '../../platform/job-id';
import type { JobLookup } from './lookup';
import type { JobRuns } from './runs';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { JobIndex } from '../storage/jobs/job-index';
import { createListNewJobs } from '../storage/jobs/list-new-jobs';

export interface StartDeps {
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim'>;
  readonly index: Pick<JobIndex, 'upsert'>;
  readonly lookup: JobLookup;
  readonly links: JobLinks;
  readonly read: ReadStart;
  /** How the deployment's machines compare with the model of estimates; never rejects. */
  readonly calibrationOf: CalibrationOf;
  readonly logger: Logger;
  readonly now: () => number;
}

/** `isNew` is false when the key was used for the same request before. */
export type StartAnswer = { readonly job: StartedJob; readonly isNew: boolean };

export type StartJob = (caller: Caller, request: StartRequest, idempotencyKey: string | null) => Promise<StartAnswer>;

/**
 * Starts jobs in two steps that cannot be one: the record claims the id for ever, then the workflow starts. A server
 * lost between them leaves a queued record, whose workflow a repeat of the request starts. Throws Problem.
 */
export function createStart(deps: StartDeps): StartJob {
  const { runs, records, index, lookup, links, read, calibrationOf, logger, now } = deps;

  const list = createListNewJobs(index, logger);

  const claim = async (jobId: string, { asked, request }: Start): Promise<JobRecord | null> => {
    const record: JobRecord = {
      ...newJobRecord(jobId, request, now()),
      requestDigest: requestDigest(asked),
      calibration: await calibrationOf(request.tenant, request.preset),
    };
    return (await reached('The storage', records.claim(record))) ? record : null;
  };

  const run = async (record: JobRecord, isNew: boolean): Promise<StartAnswer> => {
    // Harmless where it has been started before. What has run is never run again.
    const runId = isNew || record.state === 'queued' ? await reached('Temporal', runs.start(record)) : null;
    if (isNew && runId !== null) lookup.started(record, runId);
    if (isNew) list(record);
    return { job: started(record.jobId, links), isNew };
  };

  /** The job that a key was used for before. */
  const earlierJob = async (caller: Caller, jobId: string, asked: JobRequest): Promise<StartAnswer> => {
    const earlier = await lookup.record(caller, jobId);
    if ((earlier.requestDigest ?? requestDigest(earlier.request)) === requestDigest(asked)) return run(earlier, false);
    throw new Problem(
      'IDEMPOTENCY_KEY_REUSED',
      `the key stands for job ${jobId}, which was started with another body; use a new key for a new job`,
    );
  };

  const startUnderKey = async (caller: Caller, { asked, ready }: Asked, key: string): Promise<StartAnswer> => {
    const jobId = jobIdOfKey(caller.tenant, key);
    try {
      const claimed = await claim(jobId, { asked, request: await ready() });
      if (claimed !== null) return await run(claimed, true);
    } catch (error) {
      if (!isNotReady(error)) throw error;
      // A repeat is answered as it was, also when its photos are gone by now, or the money is.
      return earlierJob(caller, jobId, asked).catch((none: unknown) => {
        throw none instanceof Problem && none.code === 'JOB_NOT_FOUND' ? error : none;
      });
    }
    return earlierJob(caller, jobId, asked);
  };

  const startUnderNewId = async ({ asked, ready }: Asked): Promise<StartAnswer> => {
    const request = await ready();
    for (;;) {
      const claimed = await claim(randomJobId(), { asked, request });
      if (claimed !== null) return run(claimed, true);
    }
  };

  return async (caller, sent, idempotencyKey) => {
    const asked = await read(caller, sent);
    return idempotencyKey === null ? startUnderNewId(asked) : startUnderKey(caller, asked, idempotencyKey);
  };
}

/** What was asked for, and what the job gets: the name of the upload where it has none of its own. */
interface Start {
  readonly asked: JobRequest;
  readonly request: JobRequest;
}

const NOT_READY: readonly string[] = ['UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED', 'UPLOAD_INCOMPLETE', 'BUDGET_EXHAUSTED'];
export const isNotReady = (error: unknown): boolean => error instanceof Problem && NOT_READY.includes(error.code);

const started = (jobId: string, links: JobLinks): StartedJob => ({
  jobId,
  workflowId: workflowId(jobId),
  statusUrl: links.status(jobId),
  pageUrl: links.page(jobId),
  workflowUrl: links.workflow(jobId),
});

/**
 * What two equal requests have in common, whatever the order of their fields. A field that is null counts as left out,
 * and so do the local tenant and what is usual of priority and capacity: digests of earlier versions know neither newer fields nor tenants.
 */
export function requestDigest({ tenant, priority, capacity, ...request }: JobRequest): string {
  const known = {
    ...request,
    tenant: tenant === LOCAL_TENANT ? null : tenant,
    priority: priority === PRIORITY.default ? null : priority,
    capacity: capacity === DEFAULT_CAPACITY ? null : capacity,
  };
  return digestOf(known, 'left-out');
}
