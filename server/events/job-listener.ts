import type { JobFeeds, Watcher } from './job-feeds';
import type { Source } from './event-stream';

/** An id is sent back in a header, which has 16 KB: beyond these a listener is told again what it has. */
const MAX_MARKS = 256;
const MARK = /.{8}/g;

/** Marks of the snapshots that a listener has, from the id of the last event that it got. */
export const marksOf = (lastEventId: string | undefined): ReadonlySet<string> =>
  new Set(lastEventId?.match(MARK)?.slice(-MAX_MARKS));

/**
 * One listener: what it has, and of which jobs there is something newer. It holds names of jobs and never a snapshot,
 * so that one that does not read costs nothing: when it does it gets the newest of each job.
 */
export class JobListener implements Source, Watcher {
  private readonly pending = new Set<string>();
  /** Marks of what was sent, by job, the newest last. */
  private readonly has = new Map<string, string>();
  private ready: () => void = () => undefined;
  private leave: () => void = () => undefined;
  isOver = false;

  /**
   * @param had marks of what the listener got before
   * @param endsWithJob whether nothing follows the last snapshot of a job
   */
  constructor(
    private readonly feeds: JobFeeds,
    private readonly had: ReadonlySet<string>,
    private readonly endsWithJob: boolean,
  ) {}

  /** Begins to listen, with the function that ends it. */
  join(leave: () => void): this {
    this.leave = leave;
    return this;
  }

  /** Whether there may be something to tell. */
  get hasNews(): boolean {
    return this.pending.size > 0;
  }

  changed(jobId: string): void {
    this.pending.add(jobId);
    this.ready();
  }

  onReady(ready: () => void): void {
    this.ready = ready;
  }

  next(): readonly (string | Buffer)[] | null {
    for (const jobId of this.pending) {
      this.pending.delete(jobId);
      const told = this.feeds.told(jobId);
      if (told === null) continue;
      if (told === 'gone') {
        this.has.delete(jobId);
        this.isOver ||= this.endsWithJob;
        continue;
      }
      const isNews = this.has.get(jobId) !== told.mark && !(!this.has.has(jobId) && this.had.has(told.mark));
      this.has.delete(jobId);
      this.has.set(jobId, told.mark);
      this.isOver ||= this.endsWithJob && told.isLast;
      if (isNews) return [`id: ${this.id}\n`, told.data];
    }
    return null;
  }

  close(): void {
    this.leave();
  }

  private get id(): string {
    return [...this.has.values()].slice(-MAX_MARKS).join('');
  }
}
