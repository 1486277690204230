import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordStore } from '../../platform/record-store';
import type { JobRuns } from '../jobs/runs';
import type { Registry } from '../storage/registry/registry';
import type { Storage } from '../storage/storage';
import { createJobReader, type JobReaderDeps, type JobToRead } from './job-reader';
import { RunWatch } from './run-watch';
import { createSpell } from './spell';
import { sweep } from './sweep';
import { sweepBatches, type SweepBatchesDeps } from './sweep-batches';

export interface IndexerDeps extends JobReaderDeps {
  readonly records: Pick<RecordStore, 'read' | 'jobIds'>;
  readonly runs: Pick<JobRuns, 'describe' | 'recent' | 'recentErasures'>;
  readonly batches: SweepBatchesDeps['batches'];
  readonly storage: Storage;
  readonly registry: Registry;
  /** Looks once at the budgets of tenants, and sends the mails about them that are due. */
  readonly lookAtBudgets: () => Promise<void>;
  /** Puts into the database what it lacks of the registry in S3. */
  readonly restore: (signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly rules?: IndexerRules;
}

export interface IndexerRules {
  /** Between two lists of Temporal's, in milliseconds: with reading and writing a list of jobs is 5 s behind at most. */
  readonly listEveryMs: number;
  /** Between two of these lists that have all queued jobs too: thousands may wait, of which there is nothing new. */
  readonly listQueuedEveryMs: number;
  readonly settleMs: number;
  readonly refreshed: number;
  readonly refreshedQueued: number;
  readonly sweepEveryMs: number;
  readonly budgetsEveryMs: number;
  readonly settledAtOnce: number;
  /** How long the work stays with a server that does not answer any more. */
  readonly leaseMs: number;
}

export const INDEXER_RULES: IndexerRules = {
  listEveryMs: 1500,
  listQueuedEveryMs: 30_000,
  settleMs: 6000,
  refreshed: 50,
  refreshedQueued: 5,
  sweepEveryMs: 10 * 60_000,
  budgetsEveryMs: 15_000,
  settledAtOnce: 5000,
  leaseMs: 15_000,
};

/** Keeps the index of jobs up to date, on one of the servers that share a database. */
export interface Indexer {
  start(): void;
  /** Whether this is the server that keeps it. */
  isLeader(): boolean;
  /** When Temporal was listed last whose news are in the index; null on a server that does not keep it. */
  listedAtMs(): number | null;
  /** Ends what is under way, and hands the work to another server. */
  stop(): Promise<void>;
}

/** Nothing was to be done, or it was: as far as what failed, if anything. */
type Outcome = 'idle' | { readonly failure: unknown };

const LEASE = 'indexer';
/** Ends of runs before the last list that are looked at again: visibility may be that much late. */
const OVERLAP_MS = 60_000;
/** The same of starts, which the server that starts a job indexes itself: what comes later is in the next whole list. */
const START_OVERLAP_MS = 10_000;
const MAX_LISTED = 10_000;
/** Longest that a call which does not answer keeps a server that was told to stop. */
const STOP_WITHIN_MS = 5000;
/** How long answers are kept for a repeated Idempotency-Key. */
const IDEMPOTENCY_KEPT_MS = 24 * 3600 * 1000;

export function createIndexer(deps: IndexerDeps): Indexer {
  const { runs, storage, registry, restore, lookAtBudgets, logger, now = Date.now, rules = INDEXER_RULES } = deps;
  const holder = randomUUID();
  const read = createJobReader(deps);
  const stopping = new AbortController();
  const { signal } = stopping;
  const loops: Promise<void>[] = [];
  let heldUntilMs = 0;
  /** Of a list that was read and written without a failure. */
  let completeAtMs: number | null = null;

  const isLeader = (): boolean => now() < heldUntilMs;

  /** Takes or renews the lease in good time before its end. */
  async function hold(): Promise<void> {
    const nowMs = now();
    if (heldUntilMs - nowMs > rules.leaseMs / 2) return;
    const untilMs = nowMs + rules.leaseMs;
    const wasLeader = isLeader();
    heldUntilMs = (await storage.leases.hold(LEASE, holder, nowMs, untilMs)) ? untilMs : 0;
    if (isLeader() && !wasLeader) logger.info('this server keeps the index of jobs');
  }

  async function follow(): Promise<void> {
    const watch = new RunWatch(rules);
    const erasureWatch = new RunWatch({ ...rules, refreshed: 0, refreshedQueued: 0 });
    let listedAtMs = now();
    let listedQueuedAtMs = -Infinity;
    await again('the index of jobs cannot be kept up to date', rules.listEveryMs, async () => {
      await hold();
      if (!isLeader()) {
        listedQueuedAtMs = -Infinity;
        return 'idle';
      }
      const nowMs = now();
      const endedAfterMs = listedAtMs - OVERLAP_MS;
      const queuedAfterMs = listedAtMs - START_OVERLAP_MS;
      const isWhole = nowMs - listedQueuedAtMs >= rules.listQueuedEveryMs;
      const [listed, erasures] = await Promise.all([
        runs.recent({ endedAfterMs, limit: MAX_LISTED, ...(isWhole ? {} : { queuedAfterMs }) }),
        runs.recentErasures(endedAfterMs),
      ]);
      listedAtMs = nowMs;
      if (isWhole) listedQueuedAtMs = nowMs;
      const jobs = isWhole ? watch.due(listed, nowMs) : watch.dueBesideQueued(listed, nowMs);
      const due = new Set([...jobs, ...erasureWatch.due(erasures, nowMs)]);
      const { done, failure } = await read(
        [...due].map((jobId): JobToRead => ({ jobId, mayHaveRun: true })),
        signal,
      );
      for (const [jobId, record] of done) for (const each of [watch, erasureWatch]) each.looked(jobId, nowMs, record);
      if (failure === null) completeAtMs = nowMs;
      return { failure };
    });
  }

  async function sweepAgainAndAgain(): Promise<void> {
    let number = 0;
    let sweptAtMs = -Infinity;
    await again('not every job is in the index: its record cannot be had', rules.listEveryMs, async () => {
      if (!isLeader() || now() - sweptAtMs < rules.sweepEveryMs) return 'idle';
      const startedMs = now();
      await restore(signal);
      const failure = await sweep({ ...deps, read }, number, rules.settledAtOnce, signal);
      await sweepBatches(deps, signal);
      await storage.sessions.removeExpired(startedMs);
      await storage.signInLinks.removeExpired(startedMs);
      await storage.idempotency.removeBefore(startedMs - IDEMPOTENCY_KEPT_MS);
      number += 1;
      sweptAtMs = startedMs;
      return { failure };
    });
  }

  const settleRegistry = (): Promise<void> =>
    again('the registry in S3 is behind', rules.listEveryMs, async () => {
      if (!isLeader()) return 'idle';
      await registry.settle(signal);
      return { failure: null };
    });

  const watchBudgets = (): Promise<void> =>
    again('nobody is told of budgets', rules.budgetsEveryMs, async () => {
      if (!isLeader()) return 'idle';
      await lookAtBudgets();
      return { failure: null };
    });

  /** Does some work again and again until the indexer is stopped; what fails is tried again, and told of once. */
  async function again(trouble: string, everyMs: number, work: () => Promise<Outcome>): Promise<void> {
    const spell = createSpell(logger, trouble);
    const tell = (outcome: Outcome): void => {
      if (outcome === 'idle' || signal.aborted) return;
      if (outcome.failure === null) spell.succeeded();
      else spell.failed(outcome.failure);
    };
    do tell(await work().catch((failure: unknown) => ({ failure })));
    while (await slept(everyMs));
  }

  /** Waits; false when the indexer is stopped. */
  const slept = (ms: number): Promise<boolean> => sleep(ms, true, { signal, ref: false }).catch(() => false);

  return {
    start() {
      loops.push(follow(), sweepAgainAndAgain(), settleRegistry(), watchBudgets());
    },
    isLeader,
    listedAtMs: () => (isLeader() ? completeAtMs : null),
    async stop() {
      stopping.abort();
      await Promise.race([Promise.all(loops), sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
      if (isLeader()) await storage.leases.release(LEASE, holder).catch(() => undefined);
    },
  };
}
