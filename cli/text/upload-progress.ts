import { formatBytes } from '../../contracts/job/formats';
import { clock } from './progress';

const PLAIN_LINE_EVERY = 0.1;

/** Shows how far an upload is: one line that is rewritten on a terminal, else a line every 10 %. */
export class UploadDisplay {
  private start: { readonly bytes: number; readonly atMs: number } | null = null;
  private lastPlain = -1;

  constructor(
    private readonly output: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>,
    private readonly now: () => number = Date.now,
  ) {}

  update(arrived: number, all: number): void {
    this.start ??= { bytes: arrived, atMs: this.now() };
    const line = `  ${formatBytes(arrived)} of ${formatBytes(all)} (${Math.floor((arrived / all) * 100)} %)${this.speed(arrived, all)}`;
    if (this.output.isTTY) {
      this.output.write(`\r\x1b[K${line.slice(0, (this.output.columns || 80) - 1)}`);
      return;
    }
    const step = Math.floor(arrived / all / PLAIN_LINE_EVERY + 1e-9);
    if (step !== this.lastPlain) this.output.write(`${line}\n`);
    this.lastPlain = step;
  }

  /** Clears the terminal's line, so that something else can be said. */
  clear(): void {
    if (this.output.isTTY) this.output.write('\r\x1b[K');
  }

  private speed(arrived: number, all: number): string {
    const seconds = this.start === null ? 0 : (this.now() - this.start.atMs) / 1000;
    const sent = arrived - (this.start?.bytes ?? 0);
    if (seconds <= 0 || sent <= 0) return '';
    const perSecond = sent / seconds;
    const left = arrived < all ? `, ${clock((all - arrived) / perSecond)} left` : '';
    return `, ${formatBytes(perSecond)}/s${left}`;
  }
}
