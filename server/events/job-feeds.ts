import { createHash } from 'node:crypto';
import { isFinal } from '../../contracts/job/state';
import type { JobView } from '../../contracts/job/view';
import { happened, jobSnapshot } from '../../contracts/messages/job-snapshot';
import type { Logger } from '../../platform/logger';
import { Problem } from '../http/problem';
import { JobLook, type JobLookDeps } from './job-look';
import type { Streaming } from './streaming';
import { Turns } from './turns';

/** A snapshot as all listeners get it: written once, shared by all. */
export interface SharedSnapshot {
  /** Eight characters that tell it from every other snapshot of any job, whichever server made it. */
  readonly mark: string;
  /** `data: …` of an event, with the empty line that ends it. */
  readonly data: Buffer;
  /** Nothing follows unless the job is retried. */
  readonly isLast: boolean;
}

/** What is told of a job: its newest snapshot; null before the first. `gone`: it was erased. */
export type Told = SharedSnapshot | 'gone' | null;

export interface Watcher {
  /** What is told of the job has changed. */
  changed(jobId: string): void;
}

export interface WatchedJob {
  readonly tenant: string;
  readonly jobId: string;
}

export interface JobFeedsDeps extends JobLookDeps {
  readonly logger: Logger;
  readonly streaming: Pick<Streaming, 'lookEveryMs' | 'looksApartMs'>;
}

interface Feed extends WatchedJob {
  readonly look: JobLook;
  /** Each with whether it waits for what comes after the job's end, too. */
  readonly watchers: Map<Watcher, boolean>;
  told: Told;
  /** What was told, without what ticks by itself. */
  happened: string;
  isLooking: boolean;
  /** Something has happened since the look that is under way began. */
  again: boolean;
}

const MARK_CHARACTERS = 8;

/**
 * Looks at each job that somebody watches, once for all who do; at nothing while nobody does. A job that has ended is
 * looked at again only for watchers that wait for its retry, or where `lookSoon` says that something has happened.
 */
export class JobFeeds {
  private readonly feeds = new Map<string, Feed>();
  private readonly turns: Turns;
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;

  constructor(private readonly deps: JobFeedsDeps) {
    this.turns = new Turns(deps.streaming.looksApartMs);
  }

  /** Whether this tenant's job is watched already, so that nobody need look whose it is. */
  isWatched({ tenant, jobId }: WatchedJob): boolean {
    return this.feeds.get(jobId)?.tenant === tenant;
  }

  told(jobId: string): Told {
    return this.feeds.get(jobId)?.told ?? null;
  }

  /** Tells `watcher` of each change until the function that is returned is called. Whose job it is, is not checked. */
  watch({ tenant, jobId }: WatchedJob, watcher: Watcher, afterEnd = false): () => void {
    let feed = this.feeds.get(jobId);
    if (feed === undefined) {
      const look = new JobLook(tenant, jobId, this.deps);
      feed = { tenant, jobId, look, watchers: new Map(), told: null, happened: '', isLooking: false, again: false };
      this.feeds.set(jobId, feed);
      this.ask(feed, this.nowMs());
    }
    const watched = feed;
    watched.watchers.set(watcher, afterEnd);
    if (afterEnd && !watched.isLooking) this.ask(watched, this.nowMs() + this.deps.streaming.lookEveryMs);
    return () => {
      watched.watchers.delete(watcher);
      if (watched.watchers.size > 0 || this.feeds.get(jobId) !== watched) return;
      this.feeds.delete(jobId);
      this.turns.forget(jobId);
      this.setTimer();
    };
  }

  /** Looks at a watched job as soon as its turn comes. */
  lookSoon(jobId: string): void {
    const feed = this.feeds.get(jobId);
    if (feed?.isLooking === true) feed.again = true;
    else if (feed !== undefined) this.ask(feed, this.nowMs());
  }

  /** A clock that nobody sets. */
  private nowMs(): number {
    return performance.now();
  }

  private ask({ jobId }: Feed, dueMs: number): void {
    this.turns.ask(jobId, dueMs);
    this.setTimer();
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    const nextMs = this.turns.nextMs();
    if (nextMs === null) return;
    this.timer = setTimeout(
      () => {
        const jobId = this.turns.take(this.nowMs());
        const feed = jobId === null ? undefined : this.feeds.get(jobId);
        if (feed !== undefined) void this.look(feed);
        this.setTimer();
      },
      Math.ceil(Math.max(0, nextMs - this.nowMs())),
    ).unref();
  }

  /** Never rejects. */
  private async look(feed: Feed): Promise<void> {
    const beganMs = this.nowMs();
    feed.isLooking = true;
    try {
      this.tell(feed, await feed.look.look());
      this.isAway = false;
    } catch (error) {
      await this.lookFailed(feed, error);
    }
    this.lookLater(feed, beganMs);
  }

  private lookLater(feed: Feed, beganMs: number): void {
    const { again } = feed;
    Object.assign(feed, { isLooking: false, again: false });
    if (this.feeds.get(feed.jobId) !== feed) return;
    if (again) this.ask(feed, this.nowMs());
    else if (!isOver(feed)) this.ask(feed, beganMs + this.deps.streaming.lookEveryMs);
  }

  /** What was told last stays true while a service is away; who has not been told anything gets the record. */
  private async lookFailed(feed: Feed, error: unknown): Promise<void> {
    if (error instanceof Problem && (error.code === 'JOB_NOT_FOUND' || error.code === 'JOB_ERASED')) {
      this.changeTold(feed, 'gone');
      return;
    }
    if (!this.isAway) this.deps.logger.warn({ err: error, jobId: feed.jobId }, 'a watched job could not be looked at');
    this.isAway = true;
    if (feed.told !== null) return;
    const view = await feed.look.lookAtRecord().catch(() => null);
    if (view !== null) this.tell(feed, view);
  }

  private tell(feed: Feed, view: Omit<JobView, 'deliveries'>): void {
    const snapshot = jobSnapshot(view);
    const now = happened(snapshot);
    if (now === feed.happened) return;
    feed.happened = now;
    this.changeTold(feed, {
      mark: createHash('sha256').update(now).digest('base64url').slice(0, MARK_CHARACTERS),
      data: Buffer.from(`data: ${JSON.stringify(snapshot)}\n\n`),
      isLast: isFinal(snapshot.state),
    });
  }

  private changeTold(feed: Feed, told: Told): void {
    feed.told = told;
    for (const watcher of [...feed.watchers.keys()]) watcher.changed(feed.jobId);
  }
}

function isOver({ told, watchers }: Feed): boolean {
  if (told === null || told === 'gone') return told === 'gone';
  return told.isLast && ![...watchers.values()].includes(true);
}
