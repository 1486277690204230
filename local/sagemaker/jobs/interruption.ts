import { setMaxListeners } from 'node:events';

/** Why a job does not run to its program's own end. */
type InterruptionReason = 'stop' | 'shutdown' | 'max-runtime';

/**
 * Which of several reasons the job's end is put down to. A stop that was accepted is kept to, whatever comes on top: a
 * job that somebody stopped must not look like one that deserves a new attempt.
 */
const PRECEDENCE: readonly InterruptionReason[] = ['stop', 'shutdown', 'max-runtime'];

/** What cuts a job short: any of the reasons, or several. */
export class Interruption {
  private readonly requested = new Set<InterruptionReason>();
  private readonly any = new AbortController();
  private readonly shutdown = new AbortController();
  /** Aborts with the first interruption of any reason. */
  readonly signal = this.any.signal;
  /** Aborts when nothing more may be waited for. */
  readonly shutdownSignal = this.shutdown.signal;

  constructor() {
    // Every transfer under way listens; Node would take more than ten for a leak.
    setMaxListeners(0, this.signal, this.shutdownSignal);
  }

  /** What the job's end is put down to, or undefined as long as nothing interrupts it. */
  get reason(): InterruptionReason | undefined {
    return PRECEDENCE.find((reason) => this.requested.has(reason));
  }

  request(reason: InterruptionReason): void {
    this.requested.add(reason);
    if (reason === 'shutdown') this.shutdown.abort();
    this.any.abort();
  }
}
