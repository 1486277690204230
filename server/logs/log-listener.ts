import type { LogEvent } from '../../contracts/messages/log-view-schema';
import type { Source } from '../events/event-stream';
import { formatCursor, type LogCursor } from './log-cursor';
import type { LogTail } from './log-tail';
import { logLineView } from './read-logs';

/** Lines of one event. */
const LINES_AT_ONCE = 200;
const FIRST_READING_MS = 3000;

/** One who listens to a log: how far it has come, and no lines. What it was too slow for is left out. */
export class LogListener implements Source {
  isOver = false;
  /** Number of the line that is sent next; null before the first. */
  private position: number | null = null;
  private isGap = false;
  private hasTold = false;
  private readonly leave: () => void;
  private ready: () => void = () => undefined;

  /**
   * @param after what the listener has; null = what came before the newest lines does not matter to it
   * @param left called when the listener has left
   */
  constructor(
    private readonly tail: LogTail,
    private readonly after: LogCursor | null,
    private readonly left: () => void,
  ) {
    this.leave = tail.join(() => this.ready());
  }

  /** Waits until it is known what there is; the stream is opened without where that takes longer than 3 s. */
  async firstReading(): Promise<void> {
    if (this.tail.hasRead) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_READING_MS);
      this.ready = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  onReady(ready: () => void): void {
    this.ready = ready;
  }

  close(): void {
    this.leave();
    this.left();
  }

  /** Whether the listener has the last line of a log that is over. */
  get hasAll(): boolean {
    const { isOver, window } = this.tail;
    return isOver && this.after !== null && (window === null || window.find(this.after).from === window.end);
  }

  next(): readonly string[] | null {
    const { window, isOver } = this.tail;
    if (window !== null) {
      if (this.position === null) this.begin(window.first);
      const position = this.position ?? 0;
      if (position < window.first) this.isGap = true;
      const { lines, after } = window.slice(position, LINES_AT_ONCE);
      if (lines.length > 0) {
        this.position = Math.max(position, window.first) + lines.length;
        const event: LogEvent = { lines: lines.map(logLineView), ...(this.isGap && { isGap: true }) };
        this.isGap = false;
        return [`id: ${formatCursor(after)}\ndata: ${JSON.stringify(event)}\n\n`];
      }
    }
    if (!isOver || this.hasTold) return null;
    this.hasTold = true;
    this.isOver = true;
    return ['event: end\ndata: {}\n\n'];
  }

  private begin(first: number): void {
    const found = this.after === null ? null : this.tail.window?.find(this.after);
    this.position = found?.from ?? first;
    this.isGap = found?.isGap ?? false;
  }
}
