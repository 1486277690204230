import { isDeepStrictEqual } from 'node:util';
import { JOB_ID_PATTERN, workflowId } from '../contracts/job-names';
import { newJobRecord, reopenFrom, type JobRecord, type JobRequest } from '../contracts/job-record';
import { isFinal, type JobState } from '../contracts/job-state';
import type { JobListEntry, JobView, StartedJob } from '../contracts/job-view';
import type { CancelRequest, RetryRequest } from '../contracts/messages';
import { ineffectiveOptions, retryStage, unreachedStage } from '../contracts/retry-rules';
import type { ResultFile } from '../contracts/s3-layout';
import type { Stage } from '../contracts/stages';
import type { Logger } from '../platform/logger';
import { inputProblem, type InputRules } from './input-access';
import { jobIdOfKey, randomJobId } from './job-id';
import type { JobRun, JobRuns } from './job-runs';
import type { JobStore } from './job-store';
import { jobState, jobView, listEntry } from './job-view';
import type { Links } from './links';
import { Problem } from './problem';

export interface JobsDeps {
  readonly runs: JobRuns;
  readonly store: JobStore;
  readonly links: Links;
  readonly inputs: InputRules;
  readonly logger: Logger;
  readonly now: () => number;
}

export interface AcceptedJob {
  readonly jobId: string;
  readonly state: JobState;
}

/** What the API does with jobs. Every method throws Problem for what a caller can mend. */
export interface Jobs {
  /** `isNew` is false when the key was used for the same request before. */
  start(request: JobRequest, idempotencyKey: string | null): Promise<{ readonly job: StartedJob; readonly isNew: boolean }>;
  get(jobId: string): Promise<JobView>;
  list(filter: { readonly state?: JobState; readonly limit: number }): Promise<JobListEntry[]>;
  cancel(jobId: string, request: CancelRequest): Promise<AcceptedJob>;
  retry(jobId: string, request: RetryRequest): Promise<AcceptedJob>;
  /** A signed link to a published file. */
  artifact(jobId: string, file: ResultFile, inline: boolean): Promise<string>;
  /** A published JSON file. */
  resultJson(jobId: string, file: ResultFile): Promise<unknown>;
}

export function createJobs({ runs, store, links, inputs, logger, now }: JobsDeps): Jobs {
  const recordOf = async (jobId: string): Promise<JobRecord> => {
    const record = JOB_ID_PATTERN.test(jobId) ? await reached('The storage', store.read(jobId)) : null;
    if (record === null) throw new Problem('JOB_NOT_FOUND', `no job has the id ${JSON.stringify(jobId.slice(0, 40))}; check the link or the id`);
    return record;
  };

  const runOf = (jobId: string): Promise<JobRun | null> => reached('Temporal', runs.describe(jobId));

  /** The record is shown even while Temporal is away; it is then as old as the job's last step. */
  const runIfReached = async (jobId: string): Promise<JobRun | null> => {
    try {
      return await runs.describe(jobId);
    } catch (error) {
      logger.warn({ err: error, jobId }, 'Temporal does not answer: the job is shown from its record');
      return null;
    }
  };

  const started = (jobId: string): StartedJob => ({
    jobId,
    workflowId: workflowId(jobId),
    statusUrl: links.status(jobId),
    pageUrl: links.page(jobId),
    workflowUrl: links.workflow(jobId),
  });

  /** The record under this id after a claim, and whether the claim was ours. */
  const claim = async (jobId: string, request: JobRequest): Promise<{ record: JobRecord; isNew: boolean }> => {
    const record = newJobRecord(jobId, request, now());
    if (await reached('The storage', store.claim(record))) return { record, isNew: true };
    return { record: await recordOf(jobId), isNew: false };
  };

  const startUnderKey = async (request: JobRequest, key: string): Promise<{ job: StartedJob; isNew: boolean }> => {
    const { record, isNew } = await claim(jobIdOfKey(inputs.tenant, key), request);
    if (!isNew && !isDeepStrictEqual(record.request, JSON.parse(JSON.stringify(request))))
      throw new Problem(
        'IDEMPOTENCY_KEY_REUSED',
        `the key stands for job ${record.jobId}, which was started with another body; use a new key for a new job`,
      );
    // Still queued without a run: the server was lost between the claim and the start. What has run is never run again.
    if (isNew || (record.state === 'queued' && (await runOf(record.jobId)) === null)) await reached('Temporal', runs.start(record));
    return { job: started(record.jobId), isNew };
  };

  const startUnderNewId = async (request: JobRequest): Promise<{ job: StartedJob; isNew: boolean }> => {
    let claimed = await claim(randomJobId(), request);
    while (!claimed.isNew) claimed = await claim(randomJobId(), request);
    await reached('Temporal', runs.start(claimed.record));
    return { job: started(claimed.record.jobId), isNew: true };
  };

  /** A new run of an ended job, from what its record keeps. */
  const startAgain = async (record: JobRecord, state: JobState, { fromStage, options }: RetryRequest): Promise<AcceptedJob> => {
    const { jobId } = record;
    if (state === 'succeeded') throw new Problem('JOB_ENDED', `job ${jobId} has succeeded; start a new job to do it another way`);
    const request: JobRequest = { ...record.request, options: { ...record.request.options, ...options } };
    const reopened = reopenFrom(record, retryStage(record, { fromStage }));
    const next: JobRecord = { ...reopened, request, state: 'queued', step: null, updatedAtMs: now() };
    if (!(await reached('Temporal', runs.startAgain(next)))) throw notParked(jobId, 'running');
    return { jobId, state: 'queued' };
  };

  return {
    async start(request, idempotencyKey) {
      const forbidden = inputProblem(request.location, inputs);
      if (forbidden !== null) throw forbidden;
      return idempotencyKey === null ? startUnderNewId(request) : startUnderKey(request, idempotencyKey);
    },

    async get(jobId) {
      // In this order: a run that is closed has written its last record.
      const run = await runIfReached(jobId);
      const record = await recordOf(jobId);
      return jobView(record, run, links, now());
    },

    async list(filter) {
      const found = await reached('Temporal', runs.list(filter));
      return found.map((run) => listEntry(run, links));
    },

    async cancel(jobId, request) {
      const [record, run] = await Promise.all([recordOf(jobId), runOf(jobId)]);
      const state = jobState(record, run);
      if (run === null || run.status !== 'RUNNING' || isFinal(state)) throw ended(jobId, state);
      const delivery = await reached('Temporal', runs.cancel(jobId, request));
      if (delivery.kind === 'ended') throw ended(jobId, null);
      if (delivery.kind === 'rejected') throw new Problem('JOB_ENDED', `job ${jobId} cannot be cancelled: ${delivery.message}`);
      return { jobId, state: 'cancelling' };
    },

    async retry(jobId, request) {
      const [record, run] = await Promise.all([recordOf(jobId), runOf(jobId)]);
      const state = jobState(record, run);
      const open = run !== null && run.status === 'RUNNING';
      if (open && state !== 'parked') throw notParked(jobId, state);
      refuseUnreached(record, request.fromStage);
      refuseIneffective(record, request);
      if (!open) return startAgain(record, state, request);
      const delivery = await reached('Temporal', runs.retry(jobId, request));
      if (delivery.kind === 'rejected') throw new Problem('RETRY_REJECTED', delivery.message);
      // Its time ran out in this moment.
      if (delivery.kind === 'ended') return startAgain(await recordOf(jobId), 'failed', request);
      return { jobId, state: 'running' };
    },

    async artifact(jobId, file, inline) {
      const { result } = await recordOf(jobId);
      if (!result?.files.some(({ name }) => name === file))
        throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file}${result === null ? ', since it has not been published' : ''}`);
      return reached('The storage', store.link(jobId, file, inline ? null : `spaceport-${jobId}-${file}`));
    },

    async resultJson(jobId, file) {
      const record = await recordOf(jobId);
      const value = record.result === null ? null : await reached('The storage', store.readResultJson(jobId, file));
      if (value === null) throw new Problem('ARTIFACT_NOT_FOUND', `job ${jobId} has no ${file}`);
      return value;
    },
  };
}

const ended = (jobId: string, state: JobState | null): Problem =>
  new Problem('JOB_ENDED', `job ${jobId} ${state !== null && isFinal(state) ? `has ended (${state})` : 'is not running'}: there is nothing to cancel`);

const notParked = (jobId: string, state: JobState): Problem =>
  new Problem('NOT_PARKED', `job ${jobId} is ${state}; it can be retried after it has failed or was cancelled`);

function refuseUnreached(record: JobRecord, fromStage: Stage | null): void {
  const why = unreachedStage(record, fromStage);
  if (why !== null) throw new Problem('STAGE_NOT_REACHED', why);
}

function refuseIneffective(record: JobRecord, retry: RetryRequest): void {
  const errors = ineffectiveOptions(record, retry).map(({ option, why }) => ({ field: `options.${option}`, message: why }));
  if (errors.length === 0) return;
  throw new Problem('INVALID_REQUEST', 'these options would change nothing; retry from an earlier stage or leave them out', errors);
}

/** What a service answers; UNAVAILABLE where it does not. */
async function reached<T>(service: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('UNAVAILABLE', `${service} does not answer; nothing is lost, try again in a moment`, [], { cause: error });
  }
}
