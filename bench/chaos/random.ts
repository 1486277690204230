import { createHash } from 'node:crypto';

/**
 * Random numbers that follow from a seed and a label: the same in every run, and the same for job 7 whatever is drawn
 * for job 6. Mulberry32: 32 bits of state, good enough to choose faults with.
 */
export class Random {
  private state: number;

  constructor(seed: number, label: string) {
    this.state = createHash('sha256').update(`${seed} ${label}`).digest().readUInt32LE();
  }

  /** From `low` up to, and without, `high`. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** Seconds with a precision of milliseconds, so that plans are readable. */
  seconds(low: number, high: number): number {
    return Math.round(this.between(low, high) * 1000) / 1000;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.integer(0, from.length - 1)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(this.integer(0, rest.length - 1), 1));
    return shuffled;
  }

  /** Endlessly, each item once before any comes again: a few draws cover everything. */
  *deck<T>(items: readonly T[]): Generator<T, never> {
    for (;;) yield* this.shuffled(items);
  }

  private fraction(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
