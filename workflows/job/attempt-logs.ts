import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { Policy } from '../../contracts/job/policy';
import { parseMachineJobName } from '../../contracts/machines/names';
import type { ActivityProxies } from './proxies';

/** Stores the logs of attempts that have ended, beside everything else: what cannot be stored is only missing. */
export class AttemptLogs {
  /** Runs that began without it continue without. */
  private readonly isKept = patched('attempt-logs');
  private readonly storing: Promise<unknown>[] = [];

  constructor(
    private readonly activities: Pick<ActivityProxies, 'logs'>,
    private readonly policy: Pick<Policy, 'logSettleMs'>,
  ) {}

  /** Begins to store the log of a machine job that has ended. @param title of the attempt, for the Web UI */
  store(jobName: string, title: string): void {
    const owner = parseMachineJobName(jobName);
    if (!this.isKept || owner === null) return;
    const { jobId, stage, attempt, part = null } = owner;
    const input = { jobName, jobId, stage, attempt, part, settleMs: this.policy.logSettleMs };
    const storing = CancellationScope.nonCancellable(() =>
      this.activities.logs.storeLog.executeWithOptions({ summary: `Keep the log: ${title}` }, [input]),
    );
    this.storing.push(
      storing.catch((error: unknown) => log.warn('the log of an attempt could not be stored', { jobName, error })),
    );
  }

  /** Waits until each is stored, or given up: what a closed run has begun would end with it. */
  async settled(): Promise<void> {
    await Promise.all(this.storing);
  }
}
