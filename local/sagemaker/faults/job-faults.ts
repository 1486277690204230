import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobFault } from './fault-plan';
import { JobFailure } from '../jobs/job-failure';
import { INTERNAL_SERVER_ERROR } from '../jobs/job-record';

/** The actions of faults on a running job. */
export interface JobFaultTarget {
  /** SIGKILL to the container. */
  kill(): Promise<void>;
  /** Stops the container from doing anything, without ending it. */
  pause(): void;
  resume(): void;
  /** A Stop call that another caller makes; false where the job was being stopped already. */
  stop(): Promise<boolean>;
  /** Lets MaxRuntimeInSeconds be over; false where the job is being ended already. */
  runOut(): boolean;
  /** Whether the program has a file of this name below /opt/ml. */
  hasFile(name: string): boolean;
  /** Takes the machine away and resolves when it is gone; undefined where the job is being ended already. */
  interrupt(): Promise<void> | undefined;
}

const LOOK_EVERY_MS = 50;
const KILLED = 128 + constants.signals.SIGKILL;

/** The faults of one job, each at its moment and at most once, and noted when it takes effect. */
export class JobFaults {
  private readonly waiting: Set<JobFault>;
  /** The fault that ends the container's present run. */
  private ending: JobFault | undefined;

  constructor(
    due: readonly JobFault[],
    private readonly note: (fault: JobFault) => Promise<void>,
  ) {
    this.waiting = new Set(due);
  }

  /** Throws, before anything is billed, where a fault leaves no machine for the job. */
  async checkCapacity(): Promise<void> {
    const fault = this.find('capacity');
    if (!fault) return;
    await this.note(fault);
    throw new JobFailure(
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    );
  }

  /** Throws what writing to a full disk does. */
  async checkDisk(): Promise<void> {
    const fault = this.find('disk-full');
    if (!fault) return;
    this.waiting.delete(fault);
    await this.note(fault);
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }

  /** Applies faults to a run of the container until it has `ended`; none begins after `interrupted`. */
  async whileRunning(target: JobFaultTarget, ended: AbortSignal, interrupted: AbortSignal): Promise<void> {
    const over = AbortSignal.any([ended, interrupted]);
    await Promise.all(
      [...this.waiting].map(async (fault) => {
        if (!('afterSeconds' in fault)) return;
        await sleep(fault.afterSeconds * 1000, undefined, { signal: over }).catch(() => undefined);
        while ('afterFile' in fault && fault.afterFile !== undefined && !over.aborted) {
          if (target.hasFile(fault.afterFile)) break;
          await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
        }
        if (!over.aborted && !this.ending) await this.befall(fault, target, ended);
      }),
    );
  }

  /**
   * Called after a run that nothing else ended: throws where the platform ended it. What follows where the machine was
   * taken away is a run on another one, or none.
   */
  async settle(exitCode: number): Promise<'ended' | 'again' | 'no machine'> {
    const fault = this.ending;
    this.ending = undefined;
    if (fault?.kind === 'out-of-memory' && exitCode === KILLED) await this.note(fault);
    if (fault?.kind === 'internal-server-error') {
      await this.note(fault);
      throw new JobFailure(INTERNAL_SERVER_ERROR);
    }
    if (fault?.kind !== 'interrupted') return 'ended';
    return fault.forGood ? 'no machine' : 'again';
  }

  /** Holds a stopped job in Stopping, until `shutdown`. */
  async holdStopping(shutdown: AbortSignal): Promise<void> {
    const slow = this.find('slow-stop');
    if (!slow) return;
    await this.note(slow);
    await sleep(slow.seconds * 1000, undefined, { signal: shutdown }).catch(() => undefined);
  }

  private async befall(
    fault: Extract<JobFault, { afterSeconds: number }>,
    target: JobFaultTarget,
    ended: AbortSignal,
  ): Promise<void> {
    this.waiting.delete(fault);
    switch (fault.kind) {
      case 'stop-from-outside':
        if (await target.stop()) await this.note(fault);
        return;
      case 'max-runtime':
        if (target.runOut()) await this.note(fault);
        return;
      case 'stall':
        target.pause();
        await this.note(fault);
        if (fault.seconds === undefined) return;
        await sleep(fault.seconds * 1000, undefined, { signal: ended }).catch(() => undefined);
        target.resume();
        return;
      case 'interrupted': {
        const gone = target.interrupt();
        if (!gone) return;
        this.ending = fault;
        await Promise.all([this.note(fault), gone]);
        return;
      }
      case 'internal-server-error':
      case 'out-of-memory':
        this.ending = fault;
        await target.kill();
    }
  }

  private find<K extends JobFault['kind']>(kind: K): Extract<JobFault, { kind: K }> | undefined {
    return [...this.waiting].find((fault): fault is Extract<JobFault, { kind: K }> => fault.kind === kind);
  }
}
