import type { Logger } from '../../platform/logger';
import type { JobRuns, TenantRun } from '../jobs/runs';
import type { JobFeeds, Watcher } from './job-feeds';
import type { Streaming } from './streaming';

/** Ends of so long ago are still told of: a listener that was away for less misses none. */
const ENDED_WITHIN_MS = 10 * 60_000;
/** Of all tenants together, newest first; what is beyond them is told of by each job's own stream. */
const MAX_LISTED = 1000;

export interface TenantFeedsDeps {
  readonly runs: Pick<JobRuns, 'recent'>;
  readonly feeds: JobFeeds;
  readonly logger: Logger;
  readonly now: () => number;
  readonly streaming: Pick<Streaming, 'listEveryMs'>;
}

/** Those who listen to all jobs of a tenant: they count as one watcher of each job. */
class Group implements Watcher {
  readonly watchers = new Set<Watcher>();
  /** What the list said last of each job that is watched for them. */
  readonly jobs = new Map<string, { readonly leave: () => void; listed: string }>();

  changed(jobId: string): void {
    for (const watcher of this.watchers) watcher.changed(jobId);
  }
}

/** Finds the jobs of all tenants that are listened to with one list a second, and watches each. */
export class TenantFeeds {
  private readonly groups = new Map<string, Group>();
  private timer: NodeJS.Timeout | undefined;
  private isListing = false;
  private isAway = false;

  constructor(private readonly deps: TenantFeedsDeps) {}

  /** Tells `watcher` of each job of a tenant that is open, or has ended in the last ten minutes, until the returned function is called. */
  watch(tenant: string, watcher: Watcher): () => void {
    const group = this.groups.get(tenant) ?? new Group();
    this.groups.set(tenant, group);
    group.watchers.add(watcher);
    for (const jobId of group.jobs.keys()) watcher.changed(jobId);
    void this.list();
    return () => {
      group.watchers.delete(watcher);
      if (group.watchers.size > 0 || this.groups.get(tenant) !== group) return;
      this.groups.delete(tenant);
      for (const { leave } of group.jobs.values()) leave();
      if (this.groups.size === 0) clearTimeout(this.timer);
    };
  }

  /** Lists once, and again after a while for as long as somebody listens; never rejects. */
  private async list(): Promise<void> {
    if (this.isListing) return;
    this.isListing = true;
    clearTimeout(this.timer);
    try {
      this.take(await this.deps.runs.recent({ endedAfterMs: this.deps.now() - ENDED_WITHIN_MS, limit: MAX_LISTED }));
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) this.deps.logger.warn({ err: error }, 'the jobs that listeners wait for could not be listed');
      this.isAway = true;
    }
    this.isListing = false;
    if (this.groups.size > 0) this.timer = setTimeout(() => void this.list(), this.deps.streaming.listEveryMs).unref();
  }

  private take(runs: readonly TenantRun[]): void {
    const ofTenant = Map.groupBy(runs, ({ tenant }) => tenant);
    for (const [tenant, group] of this.groups) this.takeFor(tenant, group, ofTenant.get(tenant) ?? []);
  }

  private takeFor(tenant: string, group: Group, runs: readonly TenantRun[]): void {
    const { feeds } = this.deps;
    const listed = new Set(runs.map(({ jobId }) => jobId));
    for (const [jobId, { leave }] of group.jobs) {
      if (listed.has(jobId)) continue;
      leave();
      group.jobs.delete(jobId);
    }
    for (const { jobId, status, startedAtMs, state, stage } of runs) {
      const said = [status, startedAtMs, state, stage].join(' ');
      const job = group.jobs.get(jobId);
      if (job === undefined) {
        group.jobs.set(jobId, { leave: feeds.watch({ tenant, jobId }, group), listed: said });
        // Others watch it, and have been told already.
        if (feeds.told(jobId) !== null) group.changed(jobId);
      } else if (job.listed !== said) {
        job.listed = said;
        feeds.lookSoon(jobId);
      }
    }
  }
}
