import SonicBoom from 'sonic-boom';

/** Bytes that wait while nothing can be written; what comes beyond them is lost. */
const MAX_WAITING_BYTES = 256 * 1024;
const AGAIN_AFTER_MS = 1000;

/**
 * Where a process writes its log. It never stops the process and never ends it: a destination that takes nothing, such
 * as a file on a full disk (ENOSPC) or a pipe that nobody reads (EAGAIN, EPIPE), costs lines and nothing else. The
 * oldest lines wait up to 256 KiB and are written when that works again; those that came after them are lost, and
 * `lostLine` says how many.
 *
 * It has no `flushSync`, which pino and its exit hook would call: that one waits, with the event loop standing still,
 * for as long as the disk is full.
 */
export class LogDestination {
  private readonly stream: SonicBoom;
  private lost = 0;
  private isWriting = false;
  private again: NodeJS.Timeout | undefined;

  /** @param fd an open file descriptor, such as 2 */
  constructor(
    fd: number,
    private readonly lostLine: (lines: number) => string,
  ) {
    this.stream = new SonicBoom({ fd, sync: false, maxLength: MAX_WAITING_BYTES });
    this.stream.on('drop', () => (this.lost += 1));
    this.stream.on('error', () => this.tryLater());
    this.stream.on('drain', () => this.written());
  }

  write(line: string): void {
    this.isWriting = true;
    this.stream.write(line);
  }

  /** Resolves when all lines are written, or cannot be: for a process that is about to exit. */
  async settled(): Promise<void> {
    if (!this.isWriting || this.again !== undefined) return;
    await new Promise<void>((resolve) => this.stream.once('drain', resolve).once('error', () => resolve()));
  }

  private written(): void {
    this.isWriting = false;
    if (this.lost === 0) return;
    const { lost } = this;
    this.lost = 0;
    this.write(this.lostLine(lost));
  }

  private tryLater(): void {
    this.again ??= setTimeout(() => {
      this.again = undefined;
      this.stream.write('');
    }, AGAIN_AFTER_MS).unref();
  }
}
