/** How fast something goes, by what was told in the last seconds. */
export interface Pace {
  /** Null until two times were told, or while nothing moves. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Long enough to smooth the steps of four files at once, short enough to follow a line that changes. */
const WINDOW_MS = 20_000;

/** Measures the speed of an upload. A pause begins anew, so that its length does not count. */
export class PaceMeter {
  private samples: readonly Sample[] = [];

  /** @param bytes arrived so far; fewer than before where a broken file begins again */
  add(bytes: number, atMs: number): void {
    this.samples = [...this.samples.filter((sample) => sample.atMs > atMs - WINDOW_MS), { atMs, bytes }];
  }

  pause(): void {
    this.samples = [];
  }

  /** @param allBytes of which the last told number has arrived */
  pace(allBytes: number): Pace {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return NOT_KNOWN;
    const bytesPerSecond = ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000;
    if (bytesPerSecond <= 0) return NOT_KNOWN;
    return { bytesPerSecond, secondsLeft: Math.max(0, allBytes - last.bytes) / bytesPerSecond };
  }
}

const NOT_KNOWN: Pace = { bytesPerSecond: null, secondsLeft: null };
