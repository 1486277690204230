export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

const PLAIN_LINE_EVERY = 0.1;

/** A line about progress: rewritten in place on a terminal, else a new one whenever something other is to be said. */
export class LiveLine {
  private last: string | null = null;

  constructor(private readonly output: Output) {}

  /** @param plain what makes the line another one where it cannot be rewritten */
  show(line: string, plain: string): void {
    if (this.output.isTTY) {
      this.output.write(`\r\x1b[K${line.slice(0, (this.output.columns || 80) - 1)}`);
      return;
    }
    if (plain !== this.last) this.output.write(`${line}\n`);
    this.last = plain;
  }

  /** Clears the terminal's line, so that something else can be said. */
  clear(): void {
    if (this.output.isTTY) this.output.write('\r\x1b[K');
  }
}

/** The tenth that a fraction has reached: lines that cannot be rewritten come for each. */
export const tenth = (fraction: number): number => Math.floor(fraction / PLAIN_LINE_EVERY + 1e-9);
