import { defineSignal, setHandler, type CancellationScope } from '@temporalio/workflow';
import { parseCancel, SIGNAL, type CancelRequest } from '../../contracts/messages/signals';

/** What people send to a running batch, from the API or from Temporal, until it is followed. */
export class Inbox {
  private cancel: CancelRequest | null = null;
  private retry = false;

  /** @param rootScope of the run: Temporal's own Cancel is a message like any other */
  constructor(rootScope: CancellationScope) {
    setHandler(defineSignal<[payload?: unknown]>(SIGNAL.cancel), (payload) => {
      this.cancel = parseCancel(payload);
    });
    setHandler(defineSignal<[payload?: unknown]>(SIGNAL.retry), () => {
      this.retry = true;
    });
    // Never resolves: it is rejected when Temporal is asked to cancel this run.
    void rootScope.cancelRequested.catch(() => {
      this.cancel = { reason: 'cancelled in Temporal', by: 'Temporal' };
    });
  }

  get isEmpty(): boolean {
    return this.cancel === null && !this.retry;
  }

  takeCancel(): CancelRequest | null {
    const taken = this.cancel;
    this.cancel = null;
    return taken;
  }

  takeRetry(): boolean {
    const taken = this.retry;
    this.retry = false;
    return taken;
  }
}
