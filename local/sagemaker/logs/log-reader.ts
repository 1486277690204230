import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

interface LogEvent {
  timestamp: number;
  message: string;
}

export interface LogPage {
  events: LogEvent[];
  /** Byte offsets in the log: the page lies between them, and the next one either way begins there. */
  from: number;
  to: number;
}

/** Bounds of one page; those of GetLogEvents in the CloudWatch Logs API reference. */
export interface PageLimits {
  maxEvents: number;
  maxBytes: number;
}

interface Line {
  start: number;
  /** Behind the newline. */
  end: number;
  event: LogEvent;
}

/** CloudWatch counts so many bytes on top of each message. */
const EVENT_OVERHEAD_BYTES = 26;

/** The events from byte `from` on. An unfinished last line is left for later. */
export async function readForward(file: string, from: number, limits: PageLimits): Promise<LogPage> {
  // No more than the page can take, since every event has more bytes here than CloudWatch counts at least.
  const taken = takeWithin(await readLines(file, from, from + limits.maxBytes), limits);
  return { events: taken.map(({ event }) => event), from, to: taken.at(-1)?.end ?? from };
}

/** The last events before byte `to`; from the end of the log where `to` is beyond it. */
export async function readBackward(file: string, to: number, limits: PageLimits): Promise<LogPage> {
  const end = Math.min(to, (await stat(file)).size);
  const start = Math.max(0, end - limits.maxBytes);
  const lines = await readLines(file, start, end);
  if (start > 0) lines.shift(); // the window may begin within a line
  const taken = takeWithin(lines.toReversed(), limits).toReversed();
  const lastEnd = taken.at(-1)?.end ?? end;
  return { events: taken.map(({ event }) => event), from: taken[0]?.start ?? lastEnd, to: lastEnd };
}

/** A line is below this, with its time: what LogWriter cuts in UTF-8. */
const LONGEST_LINE_BYTES = 256 * 1024;

/** Where the first event of this time or a later one begins. The events of a log are in the order of their times. */
export async function offsetOfTime(file: string, timeMs: number): Promise<number> {
  let low = 0;
  let high = (await stat(file)).size;
  while (timeMs > 0 && high - low > LONGEST_LINE_BYTES) {
    const middle = Math.floor((low + high) / 2);
    // The first of them may begin within a line.
    const [, line] = await readLines(file, middle, Math.min(high, middle + 2 * LONGEST_LINE_BYTES));
    if (line === undefined || line.event.timestamp >= timeMs) high = middle;
    else low = line.start;
  }
  if (timeMs <= 0) return 0;
  const lines = await readLines(file, low, high + 2 * LONGEST_LINE_BYTES);
  return lines.find(({ event }) => event.timestamp >= timeMs)?.start ?? lines.at(-1)?.end ?? low;
}

function takeWithin(lines: readonly Line[], { maxEvents, maxBytes }: PageLimits): Line[] {
  let bytes = 0;
  const taken: Line[] = [];
  for (const line of lines) {
    bytes += Buffer.byteLength(line.event.message) + EVENT_OVERHEAD_BYTES;
    if (taken.length === maxEvents || bytes > maxBytes) break;
    taken.push(line);
  }
  return taken;
}

/** The complete lines between two bytes of the file. */
async function readLines(file: string, start: number, end: number): Promise<Line[]> {
  if (end <= start) return [];
  const bytes = await buffer(createReadStream(file, { start, end: end - 1 }));
  const lines: Line[] = [];
  let position = 0;
  for (let newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, position)) {
    lines.push({
      start: start + position,
      end: start + newline + 1,
      event: parseEvent(bytes.toString('utf8', position, newline)),
    });
    position = newline + 1;
  }
  return lines;
}

function parseEvent(line: string): LogEvent {
  const space = line.indexOf(' ');
  return { timestamp: Number(line.slice(0, space)), message: line.slice(space + 1) };
}
