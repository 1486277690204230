import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import { afterPause, afterResume, refusal } from '../../contracts/job/commands';
import { upperCase, type OutcomeCode } from '../../contracts/messages/outcomes';
import { problemSentence } from '../../contracts/messages/parsed';
import { parseChange } from '../../contracts/messages/settings';
import {
  parseAccept,
  parseCancel,
  parseRetry,
  type AcceptRequest,
  type RetryRequest,
  SIGNAL,
  type SignalName,
} from '../../contracts/messages/signals';
import type { JobRecord } from '../../contracts/job/record';
import type { JobState } from '../../contracts/job/state';
import { QUERY } from '../../contracts/job/temporal-names';
import type { Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import type { CurrentVersion } from '../current-version';
import type { Job } from './job';

/** What an update answers: the state that follows. */
interface Answer {
  readonly state: JobState;
}

/** For people at the Web UI, and for the API after a reset. */
const recordQuery = defineQuery<JobRecord>(QUERY.record);

/**
 * What people send to a running job, as signal or as update. An update that cannot be followed is rejected with the
 * reason; a signal has nobody to answer to, so the reason is shown on the job, and never thrown.
 * Payloads are `unknown`: anyone may send a signal, with anything in it, or with nothing.
 */
export class Inbox {
  private retry: RetryRequest | null = null;
  private accept: AcceptRequest | null = null;

  constructor(
    private readonly job: Job,
    private readonly onCancel: () => void,
    private readonly version: CurrentVersion,
  ) {
    setHandler(recordQuery, () => job.record);
    this.listen('cancel', (payload) => {
      if (job.record.cancelled === null) job.note({ cancelled: { ...parseCancel(payload), atMs: Date.now() } });
      this.onCancel();
      return { state: 'cancelling' };
    });
    this.listen('retry', (payload) => {
      const parsed = parseRetry(payload);
      if (parsed.ok) this.retry = parsed.value;
      return { state: 'running' };
    });
    this.listen('accept', (payload) => {
      this.accept = parseAccept(payload);
      return { state: 'running' };
    });
    this.listen('pause', async () => {
      if (!job.record.pauseRequested) await job.change(afterPause());
      return { state: job.record.state };
    });
    this.listen('resume', async () => {
      await job.change(afterResume(job.record));
      return { state: job.record.state };
    });
    this.listen('change', async (payload) => {
      const parsed = parseChange(payload);
      if (parsed.ok) await job.changeSettings(parsed.value);
      return { state: job.record.state };
    });
  }

  /**
   * The `retry` of a parked job, also one that has come already; null when none comes in time. Throws MovesOn where the
   * job is to wait on in another version.
   */
  async takeRetry(withinMs: number): Promise<RetryRequest | null> {
    await condition(() => this.retry !== null || this.version.isAnother, withinMs);
    const taken = this.retry;
    this.retry = null;
    if (taken === null) this.version.moveOn();
    return taken;
  }

  /** The `accept` of an undecided job, also one that has come already; null when none comes in time. */
  async takeAccept(withinMs: number): Promise<AcceptRequest | null> {
    await condition(() => this.accept !== null, withinMs);
    const taken = this.accept;
    this.accept = null;
    return taken;
  }

  /** Returns at once, or where a pause was asked for, after `resume`. Throws MovesOn as `takeRetry`. */
  async passBorder(stage: Stage): Promise<void> {
    if (!this.job.record.pauseRequested) return;
    await this.job.wait(stage, { for: 'resume', message: `paused before "${STAGE[stage].title}"`, untilMs: null });
    await condition(() => !this.job.record.pauseRequested || this.version.isAnother);
    this.version.moveOn();
  }

  private listen(name: SignalName, follow: (payload: unknown) => Answer | Promise<Answer>): void {
    const { job } = this;
    const obstacle = (payload: unknown): string | null => {
      const refused = refusal(name, job.record, payload, true);
      return refused === null ? null : refused.errors ? problemSentence(refused.errors) : refused.message;
    };
    setHandler(defineSignal<[payload?: unknown]>(SIGNAL[name]), async (payload) => {
      const why = obstacle(payload);
      if (why === null) await follow(payload);
      // A cancel that comes after the end has what it wanted.
      else if (name !== 'cancel') await job.change({ notice: `The signal ${name} was not followed: ${why}` });
    });
    const validator = (payload?: unknown): void => {
      const why = obstacle(payload);
      const code: OutcomeCode = `${upperCase(name)}_REJECTED`;
      if (why !== null) throw ApplicationFailure.nonRetryable(why, code);
    };
    setHandler(defineUpdate<Answer, [payload?: unknown]>(SIGNAL[name]), follow, { validator });
  }
}
