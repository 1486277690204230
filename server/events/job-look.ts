import type { JobRecord } from '../../contracts/job/record';
import type { JobRun } from '../../contracts/job/run';
import { jobView, type JobLinks, type JobView } from '../../contracts/job/view';
import type { Caller } from '../http/context';
import type { JobLookup } from '../jobs/lookup';
import type { JobRuns } from '../jobs/runs';

export interface JobLookDeps {
  readonly runs: Pick<JobRuns, 'describe'>;
  readonly lookup: Pick<JobLookup, 'recordBeside'>;
  readonly links: JobLinks;
  readonly now: () => number;
}

/** One job, looked at again and again. */
export class JobLook {
  /** The record, and what of the run it was read beside. */
  private known: { readonly record: JobRecord; readonly runId: string; readonly historyLength: number } | null = null;
  private readonly owner: Caller;

  constructor(
    tenant: string,
    readonly jobId: string,
    private readonly deps: JobLookDeps,
  ) {
    this.owner = { tenant, scopes: ['read'], keyId: null };
  }

  /**
   * The job as it is now. The record is read only where the run's history has grown: it is the run that writes it, and
   * each writing is an event. Throws as JobLookup does, and where Temporal does not answer.
   */
  async look(): Promise<Omit<JobView, 'deliveries'>> {
    // In this order: a run that is closed has written its last record.
    const run = await this.deps.runs.describe(this.jobId);
    const record = this.knownBeside(run) ?? (await this.deps.lookup.recordBeside(run, this.owner, this.jobId));
    this.known = run?.status === 'RUNNING' ? { record, runId: run.runId, historyLength: run.historyLength } : null;
    return this.view(record, run);
  }

  /** The job as its record tells it, while Temporal is away. Throws as JobLookup does. */
  async lookAtRecord(): Promise<Omit<JobView, 'deliveries'>> {
    return this.view(await this.deps.lookup.recordBeside(null, this.owner, this.jobId), null);
  }

  private view(record: JobRecord, run: JobRun | null): Omit<JobView, 'deliveries'> {
    return jobView(record, run, this.deps.links, this.deps.now());
  }

  private knownBeside(run: JobRun | null): JobRecord | null {
    const { known } = this;
    if (known === null || run?.status !== 'RUNNING') return null;
    return run.runId === known.runId && run.historyLength === known.historyLength ? known.record : null;
  }
}
