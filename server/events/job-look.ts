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
  private readonly owner: Caller;

  constructor(
    tenant: string,
    readonly jobId: string,
    private readonly deps: JobLookDeps,
  ) {
    this.owner = { tenant, scopes: ['read'], keyId: null };
  }

  /** The job as it is now. Throws as JobLookup does, and where Temporal does not answer. */
  async look(): Promise<Omit<JobView, 'deliveries'>> {
    // In this order: a run that is closed has written its last record.
    return this.beside(await this.deps.runs.describe(this.jobId));
  }

  /** The job as its record tells it, while Temporal is away. Throws as JobLookup does. */
  async lookAtRecord(): Promise<Omit<JobView, 'deliveries'>> {
    return this.beside(null);
  }

  private async beside(run: JobRun | null): Promise<Omit<JobView, 'deliveries'>> {
    const { lookup, links, now } = this.deps;
    return jobView(await lookup.recordBeside(run, this.owner, this.jobId), run, links, now());
  }
}
