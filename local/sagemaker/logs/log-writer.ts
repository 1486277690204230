import { appendFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** CloudWatch's limit of one event is 256 KB; a program that never ends a line is cut below it. */
const MAX_EVENT_CHARACTERS = 60_000;

/**
 * Appends what a container prints to the job's log, one line an event: `<ms since the epoch> <text>`. Complete lines
 * are written with one call each time, so that a reader up to the last newline sees only whole events.
 */
export class LogWriter {
  private lastTimestampMs = 0;

  constructor(private readonly file: string) {}

  /**
   * Copies a stream to its end, its last unfinished line included. CloudWatch takes no empty events: they are left out.
   */
  async copy(stream: Readable): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_EVENT_CHARACTERS) {
        lines.push(rest);
        rest = '';
      }
      await this.append(lines);
    }
    await this.append([rest + decoder.decode()]);
  }

  private async append(lines: readonly string[]): Promise<void> {
    this.lastTimestampMs = Math.max(this.lastTimestampMs, Date.now());
    const events = lines.flatMap(splitLongLine).filter((line) => line !== '');
    if (events.length > 0)
      await appendFile(this.file, events.map((line) => `${this.lastTimestampMs} ${line}\n`).join(''));
  }
}

function splitLongLine(line: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += MAX_EVENT_CHARACTERS)
    pieces.push(text.slice(start, start + MAX_EVENT_CHARACTERS));
  return pieces;
}
