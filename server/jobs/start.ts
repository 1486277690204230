import { createHash } from 'node:crypto';
import { workflowId } from '../../contracts/machines/names';
import { LOCAL_TENANT, newJobRecord, type JobRecord, type JobRequest } from '../../contracts/job/record';
import type { JobLinks, StartedJob } from '../../contracts/job/view';
import type { RecordStore } from '../../platform/record-store';
import { reached } from '../http/availability';
import { inputProblem, type InputRules } from './input-access';
import { jobIdOfKey, randomJobId } from './job-id';
import type { JobLookup } from './lookup';
import type { JobRuns } from './runs';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';

export interface StartDeps {
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim'>;
  readonly lookup: JobLookup;
  readonly links: JobLinks;
  readonly inputs: InputRules;
  readonly now: () => number;
}

/** A start request before it is known whose it is. */
export type StartRequest = Omit<JobRequest, 'tenant'>;

/** `isNew` is false when the key was used for the same request before. */
export type StartAnswer = { readonly job: StartedJob; readonly isNew: boolean };

export type StartJob = (caller: Caller, request: StartRequest, idempotencyKey: string | null) => Promise<StartAnswer>;

/**
 * Starts jobs in two steps that cannot be one: the record claims the id for ever, then the workflow starts. A server
 * lost between them leaves a queued record, whose workflow a repeat of the request starts. Throws Problem.
 */
export function createStart({ runs, records, lookup, links, inputs, now }: StartDeps): StartJob {
  const claim = async (jobId: string, request: JobRequest): Promise<JobRecord | null> => {
    const record: JobRecord = { ...newJobRecord(jobId, request, now()), requestDigest: requestDigest(request) };
    return (await reached('The storage', records.claim(record))) ? record : null;
  };

  const run = async (record: JobRecord, isNew: boolean): Promise<StartAnswer> => {
    // Harmless where it has been started before. What has run is never run again.
    if (isNew || record.state === 'queued') await reached('Temporal', runs.start(record));
    return { job: started(record.jobId, links), isNew };
  };

  const startUnderKey = async (caller: Caller, request: JobRequest, key: string): Promise<StartAnswer> => {
    const jobId = jobIdOfKey(caller.tenant, key);
    const claimed = await claim(jobId, request);
    if (claimed !== null) return run(claimed, true);
    const earlier = await lookup.record(caller, jobId);
    if ((earlier.requestDigest ?? requestDigest(earlier.request)) === requestDigest(request))
      return run(earlier, false);
    throw new Problem(
      'IDEMPOTENCY_KEY_REUSED',
      `the key stands for job ${jobId}, which was started with another body; use a new key for a new job`,
    );
  };

  const startUnderNewId = async (request: JobRequest): Promise<StartAnswer> => {
    for (;;) {
      const claimed = await claim(randomJobId(), request);
      if (claimed !== null) return run(claimed, true);
    }
  };

  return async (caller, sent, idempotencyKey) => {
    const forbidden = inputProblem(caller, sent.location, inputs);
    if (forbidden !== null) throw forbidden;
    const request = { ...sent, tenant: caller.tenant };
    return idempotencyKey === null ? startUnderNewId(request) : startUnderKey(caller, request, idempotencyKey);
  };
}

const started = (jobId: string, links: JobLinks): StartedJob => ({
  jobId,
  workflowId: workflowId(jobId),
  statusUrl: links.status(jobId),
  pageUrl: links.page(jobId),
  workflowUrl: links.workflow(jobId),
});

/**
 * What two equal requests have in common, whatever the order of their fields. A field that is null counts as left out,
 * and so does the local tenant: digests of earlier versions know neither newer fields nor tenants.
 */
export function requestDigest({ tenant, ...request }: JobRequest): string {
  const known = tenant === LOCAL_TENANT ? request : { ...request, tenant };
  return createHash('sha256').update(canonical(known)).digest('hex');
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .join(',')}}`;
}
