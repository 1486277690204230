import type { LogLine } from '../../platform/machine-logs/log-stream';

/**
 * A place in a log: behind the n-th line of those of one millisecond. It is the same in CloudWatch and in the stored
 * log, so that whoever has read the one continues in the other.
 */
export interface LogCursor {
  readonly atMs: number;
  readonly lines: number;
}

/** Before the first line. */
export const LOG_START: LogCursor = { atMs: 0, lines: 0 };

const CURSOR = /^(\d{1,15})-(\d{1,9})$/;

export const formatCursor = ({ atMs, lines }: LogCursor): string => `${atMs}-${lines}`;

/** Null for what is no cursor. */
export function parseCursor(text: string): LogCursor | null {
  const [, atMs, lines] = CURSOR.exec(text) ?? [];
  return atMs === undefined ? null : { atMs: Number(atMs), lines: Number(lines) };
}

/** The place behind these lines, which follow the place `from`. */
export function cursorAfter(from: LogCursor, lines: readonly LogLine[]): LogCursor {
  let cursor = from;
  for (const { atMs } of lines) cursor = atMs === cursor.atMs ? { atMs, lines: cursor.lines + 1 } : { atMs, lines: 1 };
  return cursor;
}

/** Index of the first line behind the cursor; `lines` begin with the first one of its millisecond, or later. */
export function indexAfter(lines: readonly LogLine[], cursor: LogCursor): number {
  let same = 0;
  const index = lines.findIndex(
    ({ atMs }) => atMs > cursor.atMs || (atMs === cursor.atMs && (same += 1) > cursor.lines),
  );
  return index < 0 ? lines.length : index;
}
