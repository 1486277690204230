import { setMaxListeners } from 'node:events';

/** A reason to end a job before its program ends by itself. */
type InterruptionReason = 'stop' | 'shutdown' | 'max-runtime' | 'max-wait';

/**
 * The order in which reasons decide the job's last status. An accepted stop comes first: a stopped job must not look
 * like one that deserves a new attempt.
 */
const PRECEDENCE: readonly InterruptionReason[] = ['stop', 'shutdown', 'max-runtime', 'max-wait'];

/** The reasons to end a job early that have come up so far. */
export class Interruption {
  private readonly requested = new Set<InterruptionReason>();
  private readonly any = new AbortController();
  private readonly shutdown = new AbortController();
  /** Aborts with the first interruption of any reason. */
  readonly signal = this.any.signal;
  /** Aborts when the supervisor must end at once. */
  readonly shutdownSignal = this.shutdown.signal;

  constructor() {
    // Every transfer under way listens; Node would take more than ten for a leak.
    setMaxListeners(0, this.signal, this.shutdownSignal);
  }

  /** The reason that decides the job's last status, or undefined as long as nothing interrupts it. */
  get reason(): InterruptionReason | undefined {
    return PRECEDENCE.find((reason) => this.requested.has(reason));
  }

  request(reason: InterruptionReason): void {
    this.requested.add(reason);
    if (reason === 'shutdown') this.shutdown.abort();
    this.any.abort();
  }
}
