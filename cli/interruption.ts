/** Ctrl-C, a signal to end, or the end of the process that started this one. */
export class Interruption {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  /** `say` is told that a repeated signal changes nothing: ending in order is what leaves no process behind. */
  constructor(say: (line: string) => void) {
    const interrupt = (): void => {
      if (this.signal.aborted) say('Stopping already; everything ends in its order.');
      else this.controller.abort(new InterruptedError('interrupted'));
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
    process.on('disconnect', () => {
      if (!this.signal.aborted) interrupt();
    });
    process.channel?.unref();
  }
}

export class InterruptedError extends Error {}
