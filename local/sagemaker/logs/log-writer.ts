import { appendFile, stat, truncate } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ifExists } from '../transfer/folder-files';

/** CloudWatch's limit of one event is 256 KB; a program that never ends a line is cut below it. */
const MAX_EVENT_CHARACTERS = 60_000;

/**
 * Appends what a container prints to the job's log, one line an event: `<ms since the epoch> <text>`. Complete lines
 * are written with one call each time, so that a reader up to the last newline sees only whole events.
 *
 * A log that cannot be written, as on a full disk, costs its lines and never the job: the program's output is read on,
 * so that the program does not wait, and the log says how many lines it lacks as soon as it can.
 */
export class LogWriter {
  private lastTimestampMs = 0;
  private lostLines = 0;
  /** Bytes of whole lines in the file; nobody else writes to it. */
  private size: number | undefined;
  /** Appends of stdout and stderr follow each other. */
  private appending = Promise.resolve();

  constructor(private readonly file: string) {}

  /** Whether the newest lines could not be written. */
  get isCut(): boolean {
    return this.lostLines > 0;
  }

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

  private append(lines: readonly string[]): Promise<void> {
    this.appending = this.appending.then(() => this.appendNext(lines));
    return this.appending;
  }

  private async appendNext(lines: readonly string[]): Promise<void> {
    const events = lines.flatMap(splitLongLine).filter((line) => line !== '');
    if (events.length === 0) return;
    if (this.lostLines > 0 && (await this.write([`${this.lostLines} lines of this log could not be written`])))
      this.lostLines = 0;
    if (this.lostLines > 0 || !(await this.write(events))) this.lostLines += events.length;
  }

  /** False, with nothing written, where the file takes no more. */
  private async write(events: readonly string[]): Promise<boolean> {
    this.lastTimestampMs = Math.max(this.lastTimestampMs, Date.now());
    this.size ??= (await ifExists(stat(this.file)))?.size ?? 0;
    const text = events.map((line) => `${this.lastTimestampMs} ${line}\n`).join('');
    try {
      await appendFile(this.file, text);
      this.size += Buffer.byteLength(text);
      return true;
    } catch {
      // A part of it may have found room, and would be one line with what comes next.
      await truncate(this.file, this.size).catch(() => undefined);
      return false;
    }
  }
}

function splitLongLine(line: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += MAX_EVENT_CHARACTERS)
    pieces.push(text.slice(start, start + MAX_EVENT_CHARACTERS));
  return pieces;
}
