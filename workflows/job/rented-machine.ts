import { CancellationScope } from '@temporalio/workflow';
import type { AtLimit, MachineJobOutcome, Submitted, SubmitInput } from '../../activities/machines/machine-jobs';
import type { Policy } from '../../contracts/job/policy';
import type { Stage } from '../../contracts/stages/stage';
import type { AttemptLogs } from './attempt-logs';
import type { ActivityProxies } from './proxies';

/** Between two looks at a machine that was told to stop: what a person waits for. */
const LONGEST_CONFIRM_INTERVAL_MS = 5000;

/** The SageMaker job of one attempt: asked for, watched, and stopped with proof of its end. */
export class RentedMachine {
  private submitting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly job: { readonly stage: Stage; readonly jobName: string },
    /** Such as "Training on ml.g4dn.xlarge, attempt 2"; for the Web UI. */
    private readonly title: string,
    private readonly activities: Pick<ActivityProxies, 'compute' | 'watch'>,
    private readonly policy: Policy,
    private readonly logs: AttemptLogs,
  ) {}

  /** Asks for the machine; with `waitMs` until there is one, for so long. Throws as soon as the scope is cancelled. */
  submit(input: Omit<SubmitInput, 'waits' | 'capacityRetryMs'>, waitMs: number | null = null): Promise<Submitted> {
    const options =
      waitMs === null
        ? { summary: `Submit: ${this.title}` }
        : { summary: `Wait for: ${this.title}`, scheduleToCloseTimeout: waitMs };
    const { capacityRetryMs } = this.policy;
    const submitting = this.activities.compute.submitJob.executeWithOptions(options, [
      { ...input, waits: waitMs !== null, capacityRetryMs },
    ]);
    this.submitting = submitting;
    return orCancelled(submitting);
  }

  /**
   * Waits for the end, or for `limitSeconds` billed seconds. Throws as soon as the scope is cancelled; the watch itself
   * never is, since only a terminal status proves anything.
   */
  async watch(limitSeconds: number | null): Promise<MachineJobOutcome | AtLimit> {
    const { pollIntervalMs } = this.policy;
    const input = { ...this.job, pollIntervalMs, limitSeconds };
    const watching = CancellationScope.nonCancellable(() =>
      this.activities.watch.watchJob.executeWithOptions({ summary: `Watch: ${this.title}` }, [input]),
    );
    const ended = await orCancelled(watching);
    if (ended.status !== 'AtLimit') this.keepLog(ended);
    return ended;
  }

  /**
   * Stops it at once, whoever watches, and returns how it ended. A Create that is still under way is waited for and
   * stopped too.
   */
  stop(): Promise<MachineJobOutcome> {
    return CancellationScope.nonCancellable(async () => {
      const submit = { hasEnded: false };
      const submitEnd = this.submitting.catch(() => undefined).then(() => (submit.hasEnded = true));
      await this.requestStop();
      if (!submit.hasEnded) {
        await submitEnd;
        await this.requestStop();
      }
      const pollIntervalMs = Math.min(this.policy.pollIntervalMs, LONGEST_CONFIRM_INTERVAL_MS);
      const ended = await this.activities.compute.confirmEnd.executeWithOptions({ summary: `End of: ${this.title}` }, [
        { ...this.job, pollIntervalMs },
      ]);
      this.keepLog(ended);
      return ended;
    });
  }

  private keepLog({ status }: MachineJobOutcome): void {
    if (status !== 'NotFound') this.logs.store(this.job.jobName, this.title);
  }

  private requestStop(): Promise<unknown> {
    return this.activities.compute.stopJob.executeWithOptions({ summary: `Stop: ${this.title}` }, [this.job]);
  }
}

/** A promise's value, or the cancellation of the scope as soon as it comes; then its own end concerns nobody. */
function orCancelled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return Promise.race([promise, CancellationScope.current().cancelRequested]);
}
