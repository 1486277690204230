import { setTimeout as sleep } from 'node:timers/promises';
import type { JobFault } from './fault-plan';
import { JobFailure } from './job-failure';

/** What a fault does to a running job. */
export interface JobFaultTarget {
  /** SIGKILL to the container. */
  kill(): Promise<void>;
  /** A Stop call of somebody else. */
  stop(): Promise<void>;
}

/** The faults of one job's record, each at its moment. */
export class JobFaults {
  private platformFailed = false;

  constructor(private readonly faults: readonly JobFault[] = []) {}

  /** Throws before anything is billed where there is no machine to be had. */
  checkCapacity(): void {
    if (!this.find('capacity')) return;
    throw new JobFailure('CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.');
  }

  /** Waits for the moments of the faults that end a container, until `ended`. */
  async whileRunning(target: JobFaultTarget, ended: AbortSignal): Promise<void> {
    await Promise.all(
      this.faults.map(async (fault) => {
        if (!('afterSeconds' in fault)) return;
        await sleep(fault.afterSeconds * 1000, undefined, { signal: ended }).catch(() => undefined);
        if (ended.aborted) return;
        if (fault.kind === 'stop-from-outside') return target.stop();
        if (fault.kind === 'internal-server-error') this.platformFailed = true;
        await target.kill();
      }),
    );
  }

  /** Throws after the container's end where the platform was what ended it. */
  checkPlatform(): void {
    if (this.platformFailed) throw new JobFailure('InternalServerError: We encountered an internal error. Please try again.');
  }

  /** Holds a stopped job in Stopping, until `shutdown`. */
  async holdStopping(shutdown: AbortSignal): Promise<void> {
    const slow = this.find('slow-stop');
    if (slow) await sleep(slow.seconds * 1000, undefined, { signal: shutdown }).catch(() => undefined);
  }

  private find<K extends JobFault['kind']>(kind: K): Extract<JobFault, { kind: K }> | undefined {
    return this.faults.find((fault): fault is Extract<JobFault, { kind: K }> => fault.kind === kind);
  }
}
