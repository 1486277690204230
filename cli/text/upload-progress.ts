import { formatBytes } from '../../contracts/job/formats';
import { LiveLine, tenth, type Output } from './live-line';
import { clock } from './progress';

/** Shows how far an upload is: one line that is rewritten on a terminal, else a line every 10 %. */
export class UploadDisplay {
  private start: { readonly bytes: number; readonly atMs: number } | null = null;
  private readonly line: LiveLine;

  constructor(
    output: Output,
    private readonly now: () => number = Date.now,
  ) {
    this.line = new LiveLine(output);
  }

  update(arrived: number, all: number): void {
    this.start ??= { bytes: arrived, atMs: this.now() };
    const line = `  ${formatBytes(arrived)} of ${formatBytes(all)} (${Math.floor((arrived / all) * 100)} %)${this.speed(arrived, all)}`;
    this.line.show(line, String(tenth(arrived / all)));
  }

  /** Clears the terminal's line, so that something else can be said. */
  clear(): void {
    this.line.clear();
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
