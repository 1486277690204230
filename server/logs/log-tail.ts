import { text } from 'node:stream/consumers';
import type { Logger } from '../../platform/logger';
import type { LogPage, LogStream } from '../../platform/machine-logs/log-stream';
import { parseStoredLog } from '../../platform/machine-logs/stored-log';
import { isSettled, type ChosenAttempt } from './attempts';
import { LineWindow } from './line-window';
import type { LogStore } from './log-store';

export interface LogTailDeps {
  readonly store: LogStore;
  readonly logger: Logger;
  /** How the attempt stands now; null where its job is gone. */
  readonly attemptNow: () => Promise<ChosenAttempt | null>;
  readonly now: () => number;
  /** Between the end of one reading and the next; milliseconds. */
  readonly pauseMs: () => number;
}

/** What a new listener sees first. */
const NEWEST_LINES = 1000;
/** Pages have a megabyte at most: one with so much may not begin with the log. */
const FULL_PAGE_CHARACTERS = 500_000;
/** Read in one go. */
const MAX_PAGES = 10;
/** Readings that have to find nothing after a program's end, before it counts as the log's. */
const QUIET_READINGS = 4;

/** Reads one log on for all who listen to it, for as long as anybody does. */
export class LogTail {
  /** Null before the first line. */
  window: LineWindow | null = null;
  /** Nothing follows what is in the window. */
  isOver = false;
  /** Whether what there is has been read once. */
  hasRead = false;
  private readonly listeners = new Set<() => void>();
  private stream: LogStream | null = null;
  private token: string | null = null;
  /** Whether the window begins with the log. */
  private isWhole = true;
  private quietReadings = 0;
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;

  constructor(
    private readonly jobId: string,
    private readonly attempt: ChosenAttempt,
    private readonly deps: LogTailDeps,
  ) {}

  get listenerCount(): number {
    return this.listeners.size;
  }

  /** Calls `changed` whenever there is something new, until the returned function is called. */
  join(changed: () => void): () => void {
    this.listeners.add(changed);
    if (this.listeners.size === 1 && !this.isOver) void this.readOn();
    return () => {
      this.listeners.delete(changed);
      if (this.listeners.size === 0) clearTimeout(this.timer);
    };
  }

  /** Never rejects. */
  private async readOn(): Promise<void> {
    try {
      const before = this.window?.end ?? 0;
      await this.read();
      this.quietReadings = this.window === null || this.window.end === before ? this.quietReadings + 1 : 0;
      if (this.quietReadings > 0) await this.lookForEnd();
      // Its newest page was all that there is.
      else this.isOver ||= !this.hasRead && isSettled(this.attempt, this.deps.now());
      this.isAway = false;
      this.hasRead = true;
    } catch (error) {
      if (!this.isAway) this.deps.logger.warn({ err: error, jobName: this.attempt.jobName }, 'a log could not be read');
      this.isAway = true;
    }
    for (const changed of [...this.listeners]) changed();
    if (this.listeners.size > 0 && !this.isOver)
      this.timer = setTimeout(() => void this.readOn(), this.deps.pauseMs()).unref();
  }

  private async read(): Promise<void> {
    const { store } = this.deps;
    if (this.stream === null && this.attempt.hasEnded && (await this.readStored())) return;
    this.stream ??= await store.find(this.attempt);
    if (this.stream === null) return;
    if (this.token === null) {
      this.takeNewest(await store.page(this.stream, { newest: true, limit: NEWEST_LINES }));
      return;
    }
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page: LogPage | null = await store.page(this.stream, { token: this.token });
      this.take(page);
      if (page === null || page.isLast) return;
    }
  }

  /**
   * Begins with the newest page: where lines came before it, with the first whole millisecond of it, so that the places
   * of its lines are known.
   */
  private takeNewest(page: LogPage | null): void {
    if (page === null) return;
    const { lines } = page;
    const characters = lines.reduce((sum, { text: line }) => sum + line.length, 0);
    this.isWhole = lines.length < NEWEST_LINES && characters < FULL_PAGE_CHARACTERS;
    const later = lines.filter(({ atMs }) => atMs !== lines[0]?.atMs);
    this.take({ ...page, lines: this.isWhole || later.length === 0 ? lines : later });
  }

  private take(page: LogPage | null): void {
    if (page === null) return;
    this.token = page.token;
    if (page.lines.length === 0) return;
    this.window ??= new LineWindow(this.isWhole);
    this.window.add(page.lines);
  }

  /** False where no log is stored. */
  private async readStored(): Promise<boolean> {
    const stored = await this.deps.store.stored(this.jobId, this.attempt);
    if (stored === null) return false;
    this.window = new LineWindow(true);
    this.window.add(parseStoredLog(await text(stored)));
    this.isOver = true;
    return true;
  }

  private async lookForEnd(): Promise<void> {
    const attempt = await this.deps.attemptNow();
    if (attempt?.hasEnded === false) this.quietReadings = 0;
    this.isOver ||= attempt === null || this.quietReadings >= QUIET_READINGS || isSettled(attempt, this.deps.now());
  }
}
