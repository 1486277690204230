import { defineSignal, makeContinueAsNewFunc, setHandler, workflowInfo, type Workflow } from '@temporalio/workflow';
import { MOVE_SIGNAL } from '../contracts/job/temporal-names';

/** Thrown where a run waits, to end it: a new run continues from the record, in the current version of the workers. */
export class MovesOn extends Error {}

/**
 * Whether this run is to be continued by a new one. Runs are pinned to the version of the workers that they began in
 * (workers/versioning.ts), and a job may wait for days: where it waits, nothing but its record counts.
 */
export class CurrentVersion {
  private isAsked = false;

  constructor() {
    // Wakes a run that has nothing to do, so that it hears that another version is current.
    setHandler(defineSignal(MOVE_SIGNAL), () => {
      this.isAsked = true;
    });
  }

  /** Temporal tells a pinned run so from server 1.31 on, and no other. */
  get isAnother(): boolean {
    return this.isAsked || workflowInfo().targetWorkerDeploymentVersionChanged;
  }

  /** Throws MovesOn where another version is current. */
  moveOn(): void {
    if (this.isAnother) throw new MovesOn();
  }
}

/** Ends this run, and begins a new one with this input in the version that is current; never resolves. */
export const continueInCurrentVersion = <F extends Workflow>(...args: Parameters<F>): Promise<never> =>
  makeContinueAsNewFunc<F>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(...args);
