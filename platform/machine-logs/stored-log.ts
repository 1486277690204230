import type { LogLine } from './log-stream';

/** How much of a log is stored, from each of its ends. */
export interface StoredLogLimits {
  readonly firstBytes: number;
  readonly lastBytes: number;
}

const MB = 2 ** 20;
/** Hours of a program that prints a line a second; programs that print more show how they began and how they ended. */
export const STORED_LOG_LIMITS: StoredLogLimits = { firstBytes: MB, lastBytes: 4 * MB };

/** A line as it is stored: `2026-11-26T09:30:00.000Z text`. */
export const storedLine = ({ atMs, text }: LogLine): string => `${new Date(atMs).toISOString()} ${text}\n`;

/** Some lines, as one piece of text. */
interface Piece {
  readonly lines: readonly string[];
  readonly bytes: number;
}

/** Takes the lines of a log one page after the other, and keeps the first and the last of them. */
export class LogKeeper {
  private first = '';
  private firstBytes = 0;
  private firstIsFull = false;
  private last: Piece[] = [];
  private lastBytes = 0;
  private leftOut = 0;
  private isUnread = false;
  private cutAtMs = 0;

  constructor(private readonly limits: StoredLogLimits = STORED_LOG_LIMITS) {}

  add(page: readonly LogLine[]): void {
    const lines: string[] = [];
    let bytes = 0;
    for (const line of page) {
      const text = storedLine(line);
      const size = Buffer.byteLength(text);
      this.firstIsFull ||= this.firstBytes + size > this.limits.firstBytes;
      if (!this.firstIsFull) {
        this.first += text;
        this.firstBytes += size;
        this.cutAtMs = line.atMs;
      } else {
        lines.push(text);
        bytes += size;
      }
    }
    this.last.push({ lines, bytes });
    this.lastBytes += bytes;
    this.dropOld();
  }

  /** Lines are not read that lie between those before and those that follow: nobody knows how many. */
  skip(): void {
    this.isUnread = true;
    this.leftOut += this.last.reduce((sum, { lines }) => sum + lines.length, 0);
    this.last = [];
    this.lastBytes = 0;
  }

  /** What is to be stored; between the first and the last lines one that says how many are left out. */
  text(): string {
    const last = this.last.flatMap(({ lines }) => lines);
    let bytes = this.lastBytes;
    let from = 0;
    for (; bytes > this.limits.lastBytes; from += 1) bytes -= Buffer.byteLength(last[from] ?? '');
    const leftOut = this.leftOut + from;
    return this.first + (leftOut > 0 || this.isUnread ? this.gap(leftOut) : '') + last.slice(from).join('');
  }

  private gap(lines: number): string {
    const { firstBytes, lastBytes } = this.limits;
    const many = `${this.isUnread ? 'more than ' : ''}${lines.toLocaleString('en')} ${lines === 1 ? 'line is' : 'lines are'}`;
    const kept = `the first ${megabytes(firstBytes)} and the last ${megabytes(lastBytes)} of a log are kept`;
    return storedLine({ atMs: this.cutAtMs, text: `[Spaceport: ${many} left out here; ${kept}]` });
  }

  /** Whole pages without which there is still enough. */
  private dropOld(): void {
    for (let oldest = this.last[0]; oldest !== undefined; oldest = this.last[0]) {
      if (this.lastBytes - oldest.bytes < this.limits.lastBytes) return;
      this.last.shift();
      this.lastBytes -= oldest.bytes;
      this.leftOut += oldest.lines.length;
    }
  }
}

const megabytes = (bytes: number): string => `${Number((bytes / MB).toPrecision(2))} MB`;

/** The lines of a stored log; text that is none belongs to the line before. */
export function parseStoredLog(text: string): LogLine[] {
  const lines: LogLine[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const atMs = Date.parse(line.slice(0, line.indexOf(' ')));
    lines.push({
      atMs: Number.isNaN(atMs) ? (lines.at(-1)?.atMs ?? 0) : atMs,
      text: line.slice(line.indexOf(' ') + 1),
    });
  }
  return lines;
}
