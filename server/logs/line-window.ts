import type { LogLine } from '../../platform/machine-logs/log-stream';
import { cursorAfter, indexAfter, LOG_START, type LogCursor } from './log-cursor';

/** How much of a log is in memory while somebody listens to it. */
export interface WindowLimits {
  readonly lines: number;
  readonly characters: number;
}

const WINDOW_LIMITS: WindowLimits = { lines: 2000, characters: 2 ** 20 };

/** The newest lines of a log that is read on, each under its number since the reading began. */
export class LineWindow {
  private lines: LogLine[] = [];
  private characters = 0;
  /** Number of the first line that is here. */
  private from = 0;
  /** The place before that line. */
  private before: LogCursor | null = null;

  /** @param isWhole whether the first line that comes is the log's first */
  constructor(
    private readonly isWhole: boolean,
    private readonly limits = WINDOW_LIMITS,
  ) {
    if (isWhole) this.before = LOG_START;
  }

  /** Number of the line that comes next. */
  get end(): number {
    return this.from + this.lines.length;
  }

  get first(): number {
    return this.from;
  }

  add(lines: readonly LogLine[]): void {
    for (const line of lines) {
      // A place counts the lines of its millisecond: of the first one here nobody knows how many came before it.
      this.before ??= { atMs: line.atMs - 1, lines: 0 };
      this.lines.push(line);
      this.characters += line.text.length;
    }
    let dropped = 0;
    while (this.lines.length - dropped > this.limits.lines || this.characters > this.limits.characters) {
      this.characters -= this.lines[dropped]?.text.length ?? 0;
      dropped += 1;
    }
    if (dropped === 0) return;
    this.before = cursorAfter(this.before ?? LOG_START, this.lines.slice(0, dropped));
    this.lines = this.lines.slice(dropped);
    this.from += dropped;
  }

  /** At most `count` lines from a number on, with the place behind them. */
  slice(from: number, count: number): { readonly lines: readonly LogLine[]; readonly after: LogCursor } {
    const index = Math.max(0, from - this.from);
    const lines = this.lines.slice(index, index + count);
    const before = this.before ?? LOG_START;
    return { lines, after: cursorAfter(cursorAfter(before, this.lines.slice(0, index)), lines) };
  }

  /** Number of the line behind a place, and whether lines between the two are here no longer, or never were. */
  find(cursor: LogCursor): { readonly from: number; readonly isGap: boolean } {
    const { before } = this;
    if (before === null || isBefore(cursor, before)) return { from: this.from, isGap: before !== null };
    const known = cursor.atMs === before.atMs ? { ...cursor, lines: cursor.lines - before.lines } : cursor;
    return { from: this.from + indexAfter(this.lines, known), isGap: false };
  }
}

const isBefore = (a: LogCursor, b: LogCursor): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.lines < b.lines);
