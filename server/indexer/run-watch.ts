import type { ListedRun } from '../../contracts/job/run';

/** What a list tells of a run that may change. */
export type ListedSituation = Pick<ListedRun, 'jobId' | 'startedAtMs' | 'status'> &
  Partial<Pick<ListedRun, 'state' | 'stage'>>;

export interface WatchRules {
  /**
   * How long after a change a job's record is read with every list, in milliseconds: Temporal may tell of a change
   * before the record is written.
   */
  readonly settleMs: number;
  /** Open jobs whose records are read again with each list although Temporal tells of no change: costs, photos. */
  readonly refreshed: number;
}

interface Watched {
  readonly situation: string;
  readonly changedAtMs: number;
  lookedAtMs: number;
}

/** Which jobs' records are worth reading, by what Temporal's lists say one after the other. */
export class RunWatch {
  private readonly jobs = new Map<string, Watched>();

  constructor(private readonly rules: WatchRules) {}

  /** Takes a list in; returns the ids of jobs whose records are to be read now. Jobs that it lacks are forgotten. */
  due(runs: readonly ListedSituation[], nowMs: number): string[] {
    const listed = new Set(runs.map(({ jobId }) => jobId));
    for (const jobId of this.jobs.keys()) if (!listed.has(jobId)) this.jobs.delete(jobId);
    const unsettled = runs.filter((run) => this.take(run, nowMs)).map(({ jobId }) => jobId);
    return [...unsettled, ...this.longestNotLookedAt(runs, new Set(unsettled))];
  }

  /** A record was read; without that its job stays due. */
  looked(jobId: string, nowMs: number): void {
    const watched = this.jobs.get(jobId);
    if (watched !== undefined) watched.lookedAtMs = nowMs;
  }

  /** Whether the job has changed so short a time ago that its record may be behind, or was not read since. */
  private take({ jobId, startedAtMs, status, state, stage }: ListedSituation, nowMs: number): boolean {
    const situation = [startedAtMs, status, state, stage].join(' ');
    const known = this.jobs.get(jobId);
    const watched =
      known?.situation === situation ? known : { situation, changedAtMs: nowMs, lookedAtMs: known?.lookedAtMs ?? 0 };
    this.jobs.set(jobId, watched);
    return watched.lookedAtMs < watched.changedAtMs + this.rules.settleMs;
  }

  private longestNotLookedAt(runs: readonly ListedSituation[], except: ReadonlySet<string>): string[] {
    const lookedAtMs = (jobId: string): number => this.jobs.get(jobId)?.lookedAtMs ?? 0;
    return runs
      .filter(({ jobId, status }) => status === 'RUNNING' && !except.has(jobId))
      .map(({ jobId }) => jobId)
      .sort((a, b) => lookedAtMs(a) - lookedAtMs(b))
      .slice(0, this.rules.refreshed);
  }
}
