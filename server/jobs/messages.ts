import { afterRetry, COMMANDS, refusal, type Refusal } from '../../contracts/job/commands';
import { isFinal } from '../../contracts/job/state';
import { parseRetry, type SignalName } from '../../contracts/messages/signals';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { FoundJob, JobLookup } from './lookup';
import type { JobRun } from '../../contracts/job/run';
import type { JobRuns } from './runs';
import { jobState, type AcceptedMessage } from '../../contracts/job/view';

/** Tells a job something. Throws Problem with the reason where it cannot be followed. */
export type Tell = (caller: Caller, jobId: string, command: SignalName, payload: unknown) => Promise<AcceptedMessage>;

/** A message that no worker has taken yet: it is safe, but nothing has changed. */
export const NO_WORKER = 'no worker answers at the moment; the message is kept, and followed as soon as one does';

interface MessageDeps {
  readonly runs: JobRuns;
  readonly lookup: JobLookup;
  /** Throws BUDGET_EXHAUSTED where the caller's tenant may spend nothing more this month. */
  readonly refuseExhausted: (caller: Caller) => Promise<void>;
  readonly now: () => number;
}

/** Messages wake the job's workflow; a `retry` of an ended job starts a new run from its record. */
export function createMessages({ runs, lookup, refuseExhausted, now }: MessageDeps): Tell {
  /** A new run of a job that has none open, from what its record keeps; `run` is the one that closed. */
  const startAgain = async (
    caller: Caller,
    jobId: string,
    run: JobRun | null,
    payload: unknown,
  ): Promise<AcceptedMessage> => {
    // Read after the run was seen closed, so that the last machine's line is in the ledger.
    const stored = await lookup.record(caller, jobId);
    const record = { ...stored, state: jobState(stored, run) };
    throwRefusal(refusal('retry', record, payload, false));
    const retry = parseRetry(payload);
    if (!retry.ok) throw new Error('a payload that was not refused is a retry');
    if (record.deleting || (await reached('Temporal', runs.isErasing(jobId))))
      throw new Problem(
        'FILES_BEING_DELETED',
        `files of job ${jobId} are being deleted at this moment; try again in a minute`,
      );
    const nowMs = now();
    const next = {
      ...afterRetry(record, retry.value, nowMs),
      state: 'queued',
      step: null,
      updatedAtMs: nowMs,
    } as const;
    if (!(await reached('Temporal', runs.startAgain(next))))
      throwRefusal(refusal('retry', { ...record, state: 'running' }, payload));
    return { jobId, state: 'queued', note: null };
  };

  return async (caller, jobId, command, payload) => {
    const job = await lookup.find(caller, jobId);
    const isOpen = job.run?.status === 'RUNNING';
    // It rents machines anew; what has begun goes on to its end whatever the budget.
    if (command === 'retry') await refuseExhausted(caller);
    if (command === 'retry' && !isOpen) return startAgain(caller, jobId, job.run, payload);
    const record = { ...job.record, state: job.state };
    throwRefusal(refusal(command, record, payload, isOpen));
    const delivery = await reached('Temporal', runs.send(jobId, command, payload));
    if (delivery.kind === 'rejected') throw new Problem(COMMANDS[command].code, delivery.message);
    // Its time ran out in this moment.
    if (delivery.kind === 'ended' && command === 'retry') return startAgain(caller, jobId, null, payload);
    const answered = delivery.kind === 'accepted' ? delivery.state : null;
    if (delivery.kind === 'ended' || (answered !== null && isFinal(answered)))
      throwRefusal(refusal(command, { ...record, state: answered ?? record.state }, payload, false));
    return {
      jobId,
      state: answered ?? COMMANDS[command].next(record),
      note: repeated(command, job) ?? (delivery.kind === 'delivered' ? NO_WORKER : null),
    };
  };
}

export function throwRefusal(refused: Refusal | null): void {
  if (refused !== null) throw new Problem(refused.code, refused.message, refused.errors);
}

/** What to say of a message that changes nothing, since it had been sent before. */
function repeated(command: SignalName, { record, state }: FoundJob): string | null {
  if (command === 'cancel' && state === 'cancelling')
    return 'the job was being cancelled already; its machine has been told to stop';
  return command === 'pause' && record.pauseRequested ? 'a pause had been asked for already' : null;
}
