import type { JobRecord } from '../../contracts/job/record';
import { isFinal, type JobState } from '../../contracts/job/state';
import type { AcceptRequest, CancelRequest, SignalName } from '../../contracts/messages/signals';
import { formatTime } from '../../platform/wording';
import { reached } from '../http/availability';
import type { FoundJob, JobLookup } from './lookup';
import type { Delivery, JobRuns } from './runs';
import { Problem, type ProblemCode } from '../http/problem';

/** What a message to a job came to. */
export interface AcceptedMessage {
  readonly jobId: string;
  /** The state that follows. */
  readonly state: JobState;
  /** What a person should know beside that: that it changed nothing, or that it is followed later; else null. */
  readonly note: string | null;
}

/** What a person may tell a job that has not ended. Every call throws Problem with the reason where it cannot be followed. */
export interface JobMessages {
  cancel(jobId: string, request: CancelRequest): Promise<AcceptedMessage>;
  accept(jobId: string, request: AcceptRequest): Promise<AcceptedMessage>;
  pause(jobId: string): Promise<AcceptedMessage>;
  resume(jobId: string): Promise<AcceptedMessage>;
}

/** A message that no worker has taken yet: it is safe, but nothing has changed. */
export const NO_WORKER = 'no worker answers at the moment; the message is kept, and followed as soon as one does';

const PAUSABLE: readonly JobState[] = ['queued', 'running', 'waiting'];

export function createJobMessages({ runs, lookup }: { runs: JobRuns; lookup: JobLookup }): JobMessages {
  const open = async (jobId: string, purpose: string): Promise<FoundJob> => {
    const job = await lookup.find(jobId);
    if (!job.isOpen) throw ended(jobId, job.state, purpose);
    return job;
  };

  /** Sends a message; `expected` is the state that it leads to where no worker can say. */
  const send = async (
    jobId: string,
    name: SignalName,
    payload: unknown,
    purpose: string,
    refusal: ProblemCode,
    expected: JobState,
  ): Promise<AcceptedMessage> => {
    const delivery: Delivery = await reached('Temporal', runs.send(jobId, name, payload));
    switch (delivery.kind) {
      case 'accepted':
        return { jobId, state: delivery.state ?? expected, note: null };
      case 'delivered':
        return { jobId, state: expected, note: NO_WORKER };
      case 'rejected':
        throw new Problem(refusal, delivery.message);
      case 'ended':
        throw ended(jobId, null, purpose);
    }
  };

  return {
    async cancel(jobId, request) {
      const purpose = 'there is nothing to cancel';
      const before = await open(jobId, purpose);
      const sent = await send(jobId, 'cancel', request, purpose, 'JOB_ENDED', 'cancelling');
      if (isFinal(sent.state)) throw ended(jobId, sent.state, purpose);
      return {
        ...sent,
        note:
          before.state === 'cancelling'
            ? 'the job was being cancelled already; its machine has been told to stop'
            : sent.note,
      };
    },

    async accept(jobId, request) {
      const purpose = 'there is nothing to accept';
      const { record, state } = await open(jobId, purpose);
      if (state !== 'waiting' || record.waiting?.for !== 'decision')
        throw new Problem('NOT_WAITING_FOR_DECISION', nothingToDecide(record, state));
      return send(jobId, 'accept', request, purpose, 'NOT_WAITING_FOR_DECISION', 'running');
    },

    async pause(jobId) {
      const purpose = 'there is nothing to pause';
      const { record, state } = await open(jobId, purpose);
      if (!PAUSABLE.includes(state)) throw new Problem('CANNOT_PAUSE', `job ${jobId} is ${state}: ${purpose}`);
      const sent = await send(jobId, 'pause', {}, purpose, 'CANNOT_PAUSE', state);
      return { ...sent, note: record.pauseRequested ? 'a pause had been asked for already' : sent.note };
    },

    async resume(jobId) {
      const purpose = 'there is nothing to resume';
      const { record, state } = await open(jobId, purpose);
      if (!record.pauseRequested)
        throw new Problem('NOT_PAUSED', `job ${jobId} is ${state} and not paused: ${purpose}`);
      return send(jobId, 'resume', {}, purpose, 'NOT_PAUSED', state === 'waiting' ? 'running' : state);
    },
  };
}

const ended = (jobId: string, state: JobState | null, purpose: string): Problem =>
  new Problem(
    'JOB_ENDED',
    `job ${jobId} ${state !== null && isFinal(state) ? `has ended (${state})` : 'is not running'}: ${purpose}`,
  );

function nothingToDecide({ jobId, gates }: JobRecord, state: JobState): string {
  const accepted = gates.at(-1)?.acceptedBy ?? null;
  const why =
    accepted === null
      ? 'and asks nothing'
      : `and was accepted already, by ${accepted.by} at ${formatTime(accepted.atMs)}`;
  return `job ${jobId} is ${state} ${why}: there is nothing to accept`;
}
