import { workflowId } from '../../contracts/machines/names';
import { newJobRecord, type JobRecord, type JobRequest } from '../../contracts/job/record';
import type { JobLinks, StartedJob } from '../../contracts/job/view';
import type { RecordStore } from '../../platform/record-store';
import { reached } from '../http/availability';
import { inputProblem, type InputRules } from './input-access';
import { jobIdOfKey, randomJobId } from './job-id';
import type { JobLookup } from './lookup';
import type { JobRuns } from './runs';
import { Problem } from '../http/problem';
import { requestDigest } from './request-digest';

export interface StartDeps {
  readonly runs: JobRuns;
  readonly records: Pick<RecordStore, 'claim'>;
  readonly lookup: JobLookup;
  readonly links: JobLinks;
  readonly inputs: InputRules;
  readonly now: () => number;
}

/** `isNew` is false when the key was used for the same request before. */
export type StartAnswer = { readonly job: StartedJob; readonly isNew: boolean };

/**
 * Starts jobs in two steps that cannot be one: the record claims the id for ever, then the workflow starts. A server
 * lost between them leaves a queued record, whose workflow a repeat of the request starts. Throws Problem.
 */
export function createStart({
  runs,
  records,
  lookup,
  links,
  inputs,
  now,
}: StartDeps): (request: JobRequest, idempotencyKey: string | null) => Promise<StartAnswer> {
  const claim = async (jobId: string, request: JobRequest): Promise<JobRecord | null> => {
    const record: JobRecord = { ...newJobRecord(jobId, request, now()), requestDigest: requestDigest(request) };
    return (await reached('The storage', records.claim(record))) ? record : null;
  };

  const run = async (record: JobRecord, isNew: boolean): Promise<StartAnswer> => {
    // Harmless where it has been started before. What has run is never run again.
    if (isNew || record.state === 'queued') await reached('Temporal', runs.start(record));
    return { job: started(record.jobId, links), isNew };
  };

  const startUnderKey = async (request: JobRequest, key: string): Promise<StartAnswer> => {
    const jobId = jobIdOfKey(inputs.tenant, key);
    const claimed = await claim(jobId, request);
    if (claimed !== null) return run(claimed, true);
    const earlier = await lookup.record(jobId);
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

  return async (request, idempotencyKey) => {
    const forbidden = inputProblem(request.location, inputs);
    if (forbidden !== null) throw forbidden;
    return idempotencyKey === null ? startUnderNewId(request) : startUnderKey(request, idempotencyKey);
  };
}

const started = (jobId: string, links: JobLinks): StartedJob => ({
  jobId,
  workflowId: workflowId(jobId),
  statusUrl: links.status(jobId),
  pageUrl: links.page(jobId),
  workflowUrl: links.workflow(jobId),
});
