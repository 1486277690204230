import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import type { JobRecord } from '../../contracts/job/record';
import { isFinal } from '../../contracts/job/state';
import {
  parseAccept,
  parseCancel,
  parseRetry,
  type AcceptRequest,
  type CancelRequest,
  type RetryRequest,
  type SignalName,
} from '../../contracts/messages/signals';
import { problemSentence } from '../../contracts/messages/parsed';
import { ineffectiveOptions, unreachedStage } from '../../contracts/job/retry-rules';
import { STAGE_TITLE, type Stage } from '../../contracts/stages/stage';
import type { Job } from './job';
import { recordQuery, signalOf, updateOf, type Answer } from './signals';

type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** One kind of message: when it can be followed, and what following it does. */
interface Message<T> {
  check(payload: unknown, record: JobRecord): Checked<T>;
  follow(value: T): Answer | Promise<Answer>;
}

/**
 * What people send to a running job, as signal or as update. An update that cannot be followed is rejected with the
 * reason; a signal has nobody to answer to, so the reason is shown on the job, and never thrown.
 */
export class Inbox {
  private retry: RetryRequest | null = null;
  private accept: AcceptRequest | null = null;

  constructor(
    private readonly job: Job,
    private readonly onCancel: () => void,
  ) {
    setHandler(recordQuery, () => job.record);
    this.listen<CancelRequest>('cancel', {
      check: (payload) => ({ ok: true, value: parseCancel(payload) }),
      follow: (request) => this.takeCancel(request),
    });
    this.listen<RetryRequest>('retry', {
      check: checkRetry,
      follow: (request) => {
        this.retry = request;
        return { state: 'running' };
      },
    });
    this.listen<AcceptRequest>('accept', {
      check: (payload, { state, waiting }) =>
        possible(waiting?.for === 'decision', `the job is ${state} and asks nothing`, parseAccept(payload)),
      follow: (request) => {
        this.accept = request;
        return { state: 'running' };
      },
    });
    this.listen<null>('pause', {
      check: (_payload, { state }) =>
        possible(
          ['queued', 'running', 'waiting'].includes(state),
          `the job is ${state}: there is nothing to pause`,
          null,
        ),
      follow: async () => {
        if (!job.record.pauseRequested) await job.change({ pauseRequested: true });
        return { state: job.record.state };
      },
    });
    this.listen<null>('resume', {
      check: (_payload, { pauseRequested }) => possible(pauseRequested, 'the job is not paused', null),
      follow: async () => {
        const paused = job.record.waiting?.for === 'resume';
        await job.change({ pauseRequested: false, ...(paused ? { state: 'running' } : {}) });
        return { state: job.record.state };
      },
    });
  }

  /** The `retry` of a parked job, also one that has come already; null when none comes in time. */
  async takeRetry(withinMs: number): Promise<RetryRequest | null> {
    await condition(() => this.retry !== null, withinMs);
    const taken = this.retry;
    this.retry = null;
    return taken;
  }

  /** The `accept` of an undecided job, also one that has come already; null when none comes in time. */
  async takeAccept(withinMs: number): Promise<AcceptRequest | null> {
    await condition(() => this.accept !== null, withinMs);
    const taken = this.accept;
    this.accept = null;
    return taken;
  }

  /** Returns at once, or where a pause was asked for, after `resume`. */
  async passBorder(stage: Stage): Promise<void> {
    if (!this.job.record.pauseRequested) return;
    await this.job.wait(stage, { for: 'resume', message: `paused before "${STAGE_TITLE[stage]}"`, untilMs: null });
    await condition(() => !this.job.record.pauseRequested);
  }

  private takeCancel(request: CancelRequest): Answer {
    const { state } = this.job.record;
    if (isFinal(state)) return { state };
    if (this.job.record.cancelled === null) this.job.noteCancel(request);
    this.onCancel();
    return { state: 'cancelling' };
  }

  private listen<T>(name: SignalName, { check, follow }: Message<T>): void {
    setHandler(signalOf(name), async (payload) => {
      const checked = check(payload, this.job.record);
      if (checked.ok) await follow(checked.value);
      else await this.job.change({ notice: `The signal ${name} was not followed: ${checked.why}` });
    });
    const demand = (payload: unknown): T => {
      const checked = check(payload, this.job.record);
      if (!checked.ok) throw ApplicationFailure.nonRetryable(checked.why, `${name.toUpperCase()}_REJECTED`);
      return checked.value;
    };
    setHandler(updateOf(name), (payload) => follow(demand(payload)), {
      validator: (payload?: unknown) => void demand(payload),
    });
  }
}

function possible<T>(isPossible: boolean, problem: string, value: T): Checked<T> {
  return isPossible ? { ok: true, value } : { ok: false, why: problem };
}

/** Whether a `retry` can be followed now; the problems are for the person who sent it. */
function checkRetry(payload: unknown, record: JobRecord): Checked<RetryRequest> {
  if (record.state !== 'parked')
    return { ok: false, why: `the job is ${record.state}, only a parked job can be retried` };
  const parsed = parseRetry(payload);
  if (!parsed.ok) return { ok: false, why: problemSentence(parsed.problems) };
  const unreached = unreachedStage(record, parsed.value.fromStage);
  const problems = [
    ...(unreached === null ? [] : [unreached]),
    ...ineffectiveOptions(record, parsed.value).map(({ option, why }) => `options.${option} ${why}`),
  ];
  return problems.length === 0 ? parsed : { ok: false, why: problems.join('; ') };
}
