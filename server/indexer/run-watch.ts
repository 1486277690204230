import type { JobRecord } from '../../contracts/job/record';
import type { ListedRun } from '../../contracts/job/run';

/** What a list tells of a run that may change. */
export type ListedSituation = Pick<ListedRun, 'jobId' | 'startedAtMs' | 'status'> &
  Partial<Pick<ListedRun, 'state' | 'stage'>>;

export interface WatchRules {
  /**
   * How long after a change a job's record is read with every list, in milliseconds, unless it tells the change sooner:
   * Temporal may tell of it before the record is written.
   */
  readonly settleMs: number;
  /** Open jobs whose records are read again with each list although Temporal tells of no change: costs, photos. */
  readonly refreshed: number;
  /** The same of queued jobs, where there is next to nothing to change. */
  readonly refreshedQueued: number;
}

interface Watched {
  readonly run: ListedSituation;
  readonly changedAtMs: number;
  /** A record that tells the change was written later than this. */
  readonly toldAfterMs: number;
  lookedAtMs: number;
  /** When the record that was read last was written. */
  recordMs: number;
  isTold: boolean;
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
    const apart = new Set(unsettled);
    const open = runs.filter(({ jobId, status }) => status === 'RUNNING' && !apart.has(jobId));
    const [queued, busy] = [open.filter(isQueued), open.filter((run) => !isQueued(run))];
    const { refreshed, refreshedQueued } = this.rules;
    return [
      ...unsettled,
      ...this.longestNotLookedAt(busy, refreshed),
      ...this.longestNotLookedAt(queued, refreshedQueued),
    ];
  }

  /** As `due`, of a list without the jobs that are queued for longer: an open job that it lacks is one of these. */
  dueBesideQueued(busy: readonly ListedSituation[], nowMs: number): string[] {
    const listed = new Set(busy.map(({ jobId }) => jobId));
    const queued = [...this.jobs.values()]
      .filter(({ run }) => run.status === 'RUNNING' && !listed.has(run.jobId))
      .map(({ run }) => (isQueued(run) ? run : { ...run, state: 'queued', stage: null }));
    return this.due([...busy, ...queued], nowMs);
  }

  /**
   * A record was read; without that its job stays due.
   * @param record null where there is none that can be read
   */
  looked(jobId: string, nowMs: number, record: Pick<JobRecord, 'state' | 'step' | 'updatedAtMs'> | null): void {
    const watched = this.jobs.get(jobId);
    if (watched === undefined) return;
    watched.lookedAtMs = nowMs;
    if (record === null) return;
    watched.recordMs = record.updatedAtMs;
    watched.isTold = record.updatedAtMs > watched.toldAfterMs && tells(record, watched.run);
  }

  /** Whether the job has changed so short a time ago that its record may be behind, or was not read since. */
  private take(run: ListedSituation, nowMs: number): boolean {
    const known = this.jobs.get(run.jobId);
    const watched = known !== undefined && isSame(known.run, run) ? known : changed(known, run, nowMs);
    this.jobs.set(run.jobId, watched);
    return !watched.isTold && watched.lookedAtMs < watched.changedAtMs + this.rules.settleMs;
  }

  private longestNotLookedAt(runs: readonly ListedSituation[], count: number): string[] {
    const lookedAtMs = (jobId: string): number => this.jobs.get(jobId)?.lookedAtMs ?? 0;
    return runs
      .map(({ jobId }) => jobId)
      .sort((a, b) => lookedAtMs(a) - lookedAtMs(b))
      .slice(0, count);
  }
}

const isQueued = ({ state }: ListedSituation): boolean => state === 'queued';

function changed(known: Watched | undefined, run: ListedSituation, changedAtMs: number): Watched {
  const { lookedAtMs = 0, recordMs = 0 } = known ?? {};
  // A run that closes has written its last record before.
  const hasOnlyClosed = known !== undefined && isSame({ ...known.run, status: run.status }, run);
  return { run, changedAtMs, toldAfterMs: hasOnlyClosed ? 0 : recordMs, lookedAtMs, recordMs, isTold: false };
}

const isSame = (a: ListedSituation, b: ListedSituation): boolean =>
  a.startedAtMs === b.startedAtMs && a.status === b.status && a.state === b.state && a.stage === b.stage;

/** Whether a record has the state and the step that a list tells; of erasures it tells neither. */
const tells = ({ state, step }: Pick<JobRecord, 'state' | 'step'>, listed: ListedSituation): boolean =>
  listed.state === state && (listed.stage ?? 'none') === (step ?? 'none');
