import { EVENTS_BEFORE_A_WORKER, type JobRun } from '../../contracts/job/run';

/**
 * Longest that something is kept although the history of the run does not grow: what no event of it tells are mails of
 * an earlier run, which are tried for days.
 */
const KEPT_MS = 30_000;
/** Records have some kilobytes each. */
const MAX_JOBS = 2000;

interface Kept<T> {
  readonly runId: string;
  readonly historyLength: number;
  readonly untilMs: number;
  readonly value: Promise<T>;
}

/**
 * What is stored of jobs, read again only where something has happened: while a run of a job is open, it is the run and
 * its children that write, and each writing is followed by an event in the run's history. What may be changing at this
 * moment is read each time, and so are jobs without an open run.
 */
export class KeptBesideRuns<T> {
  private readonly jobs = new Map<string, Kept<T>>();

  /** @param now a clock that nobody sets, in milliseconds */
  constructor(
    private readonly read: (jobId: string, run: JobRun | null) => Promise<T>,
    private readonly now = (): number => performance.now(),
  ) {}

  /** @param run the newest run of the job, which was asked for before this call; null where none is known */
  get(jobId: string, run: JobRun | null): Promise<T> {
    if (run?.status !== 'RUNNING' || run.mayBeWriting) return this.read(jobId, run);
    const { runId, historyLength } = run;
    const kept = this.jobs.get(jobId);
    if (kept?.runId === runId && kept.historyLength === historyLength && this.now() < kept.untilMs) return kept.value;
    const value = this.read(jobId, run);
    this.keep(jobId, { runId, historyLength, untilMs: this.now() + KEPT_MS, value });
    value.catch(() => this.forget(jobId, value));
    return value;
  }

  /** Keeps what is stored of a job until a worker takes up the run that was just started. */
  started(jobId: string, runId: string, value: T): void {
    const untilMs = this.now() + KEPT_MS;
    this.keep(jobId, { runId, historyLength: EVENTS_BEFORE_A_WORKER, untilMs, value: Promise.resolve(value) });
  }

  private keep(jobId: string, kept: Kept<T>): void {
    this.jobs.delete(jobId); // so that it is the youngest
    this.jobs.set(jobId, kept);
    const [oldest] = this.jobs.keys();
    if (this.jobs.size > MAX_JOBS && oldest !== undefined) this.jobs.delete(oldest);
  }

  private forget(jobId: string, value: Promise<T>): void {
    if (this.jobs.get(jobId)?.value === value) this.jobs.delete(jobId);
  }
}
