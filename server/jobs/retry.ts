import { reopenFrom, type JobRecord } from '../../contracts/job/record';
import type { JobRun } from '../../contracts/job/run';
import type { JobState } from '../../contracts/job/state';
import { jobState } from '../../contracts/job/view';
import type { RetryRequest } from '../../contracts/messages/signals';
import { ineffectiveOptions, requestAfterRetry, retryStage, unreachedStage } from '../../contracts/job/retry-rules';
import { reached } from '../http/availability';
import type { JobLookup } from './lookup';
import { NO_WORKER, type AcceptedMessage } from './messages';
import type { JobRuns } from './runs';
import { Problem } from '../http/problem';

export interface RetryDeps {
  readonly runs: JobRuns;
  readonly lookup: JobLookup;
  readonly now: () => number;
}

/** `retry` of a parked job wakes its workflow; of an ended one it starts a new run from the record. Throws Problem. */
export function createRetry({
  runs,
  lookup,
  now,
}: RetryDeps): (jobId: string, request: RetryRequest) => Promise<AcceptedMessage> {
  /** A new run of a job that has none open, from what its record keeps; `run` is the one that closed. */
  const startAgain = async (jobId: string, run: JobRun | null, retry: RetryRequest): Promise<AcceptedMessage> => {
    // Read after the run was seen closed, so that the last machine's line is in the ledger.
    const record = await lookup.record(jobId);
    if (jobState(record, run) === 'succeeded')
      throw new Problem('JOB_ENDED', `job ${jobId} has succeeded; start a new job to do it another way`);
    refuseUseless(record, retry);
    if (record.deleting === true || (await reached('Temporal', runs.isErasing(jobId))))
      throw new Problem(
        'FILES_BEING_DELETED',
        `files of job ${jobId} are being deleted at this moment; try again in a minute`,
      );
    const reopened = reopenFrom(record, retryStage(record, retry));
    const next: JobRecord = {
      ...reopened,
      request: requestAfterRetry(record.request, retry),
      state: 'queued',
      step: null,
      updatedAtMs: now(),
    };
    if (!(await reached('Temporal', runs.startAgain(next)))) throw notParked(jobId, 'running');
    return { jobId, state: 'queued', note: null };
  };

  return async (jobId, retry) => {
    const { record, run, state } = await lookup.find(jobId);
    if (run?.status !== 'RUNNING') return startAgain(jobId, run, retry);
    if (state !== 'parked') throw notParked(jobId, state);
    refuseUseless(record, retry);
    const delivery = await reached('Temporal', runs.send(jobId, 'retry', retry));
    if (delivery.kind === 'rejected') throw new Problem('RETRY_REJECTED', delivery.message);
    // Its time ran out in this moment.
    if (delivery.kind === 'ended') return startAgain(jobId, null, retry);
    return { jobId, state: 'running', note: delivery.kind === 'delivered' ? NO_WORKER : null };
  };
}

const notParked = (jobId: string, state: JobState): Problem =>
  new Problem('NOT_PARKED', `job ${jobId} is ${state}; it can be retried after it has failed or was cancelled`);

/** Throws where a retry would lack an earlier result, or change nothing that it says it changes. */
function refuseUseless(record: JobRecord, retry: RetryRequest): void {
  const unreached = unreachedStage(record, retry.fromStage);
  if (unreached !== null) throw new Problem('STAGE_NOT_REACHED', unreached);
  const errors = ineffectiveOptions(record, retry).map(({ option, why }) => ({
    field: `options.${option}`,
    message: why,
  }));
  if (errors.length === 0) return;
  throw new Problem(
    'INVALID_REQUEST',
    'these options would change nothing; retry from an earlier stage or leave them out',
    errors,
  );
}
