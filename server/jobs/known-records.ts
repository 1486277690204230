import type { JobRecord } from '../../contracts/job/record';
import type { JobRun } from '../../contracts/job/run';

/** Records are some kilobytes each. */
const MAX_KNOWN = 4000;
/**
 * A worker that dies between its writing of a record and its word of that leaves the history as it was until Temporal
 * gives the activity up.
 */
const KNOWN_FOR_MS = 30_000;

interface Known {
  readonly runId: string;
  readonly historyLength: number;
  readonly record: JobRecord;
  readonly readAtMs: number;
}

/**
 * Records of open runs, as they were read last. While its run is open it alone writes a job's record, and each writing
 * is an event of its history: while that has not grown, the record is the same.
 */
export class KnownRecords {
  /** By job, the one that was asked for longest ago first. */
  private readonly known = new Map<string, Known>();

  constructor(private readonly now: () => number) {}

  /** The record of a job beside its run as it is now; null where it is to be read. */
  beside(run: JobRun | null, jobId: string): JobRecord | null {
    const known = this.known.get(jobId);
    if (run?.status !== 'RUNNING' || known?.runId !== run.runId || known.historyLength !== run.historyLength)
      return null;
    if (this.now() - known.readAtMs > KNOWN_FOR_MS) return null;
    this.known.delete(jobId);
    this.known.set(jobId, known);
    return known.record;
  }

  /** @param run as it was described before the record was read */
  keep(run: JobRun | null, record: JobRecord): void {
    this.known.delete(record.jobId);
    if (run?.status !== 'RUNNING') return;
    const { runId, historyLength } = run;
    this.known.set(record.jobId, { runId, historyLength, record, readAtMs: this.now() });
    const [eldest] = this.known.keys();
    if (this.known.size > MAX_KNOWN && eldest !== undefined) this.known.delete(eldest);
  }
}
