/** A component may die so often in so long; then starting it again does not help. */
export interface RestartLimit {
  readonly times: number;
  readonly withinMs: number;
}

export const USUAL_RESTARTS: RestartLimit = { times: 5, withinMs: 5 * 60_000 };

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** The deaths of one component, and what follows from them. */
export class Restarts {
  private deathsMs: number[] = [];

  constructor(private readonly limit: RestartLimit) {}

  /**
   * Notes a death at this moment. How long to wait before the component is started again: longer each time, so that
   * whatever ended it can pass. Null where it has died too often.
   */
  afterDeath(nowMs: number): number | null {
    this.deathsMs = [...this.deathsMs.filter((atMs) => nowMs - atMs < this.limit.withinMs), nowMs];
    const { length } = this.deathsMs;
    return length > this.limit.times ? null : Math.min(FIRST_PAUSE_MS * 4 ** (length - 1), LONGEST_PAUSE_MS);
  }

  /** `the 2nd of 5 times in 5 minutes`, for the line that says so. */
  get inWords(): string {
    return `${this.deathsMs.length} of at most ${this.limit.times} times in ${this.limit.withinMs / 60_000} minutes`;
  }
}
