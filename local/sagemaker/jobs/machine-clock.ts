const TICK_MS = 1000;

/** More time than this between two ticks is a sleep. */
export const LONGEST_TICK_MS = 10_000;

/** A timer's delay has 31 bits, 24.8 days; MaxRuntime may be 28 days. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * How long a machine has worked: what is billed, and what MaxRuntime counts. It is counted tick by tick, by a clock
 * that only moves forward, so that setting the time of this machine changes nothing. A gap of more than 10 s between
 * two ticks counts nothing: then this machine slept, or the process was stopped (SIGSTOP), and no work was done.
 */
export class MachineClock {
  private lastTickMs = performance.now();
  private countedMs = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param onTick called every second of work, and as the first thing after a sleep */
  constructor(onTick: () => void) {
    this.timer = setInterval(() => {
      this.tick();
      onTick();
    }, TICK_MS);
  }

  /** Milliseconds of work up to now. */
  get workedMs(): number {
    this.tick();
    return this.countedMs;
  }

  /** Calls `ring` after so many more milliseconds of work, unless the function that it returns was called before. */
  ringAfter(durationMs: number, ring: () => void): () => void {
    const dueMs = this.workedMs + durationMs;
    let timer: NodeJS.Timeout;
    const look = (): void => {
      const leftMs = dueMs - this.workedMs;
      if (leftMs <= 0) ring();
      else timer = setTimeout(look, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
    };
    look();
    return () => clearTimeout(timer);
  }

  stop(): void {
    this.tick();
    clearInterval(this.timer);
  }

  private tick(): void {
    const nowMs = performance.now();
    const passedMs = nowMs - this.lastTickMs;
    this.lastTickMs = nowMs;
    if (passedMs <= LONGEST_TICK_MS) this.countedMs += passedMs;
  }
}
