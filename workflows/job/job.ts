import { CancellationScope, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import {
  nextAttempt,
  type AcceptedAttempt,
  type Attempt,
  type GateResult,
  type JobRecord,
  type PhotoSummary,
  type Waiting,
} from '../../contracts/job/record';
import type { JobState, Step } from '../../contracts/job/state';
import type { CancelRequest } from '../../contracts/messages/signals';
import { SEARCH_ATTRIBUTE } from '../../contracts/job/temporal-names';
import type { Stage } from '../../contracts/stages/stage';
import type { ActivityProxies } from './proxies';
import { describeForPeople } from './current-details';

const stateKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');
const stageKey = defineSearchAttributeKey(SEARCH_ATTRIBUTE.stage, 'KEYWORD');

/**
 * The record of a running job. Each change is shown in the Web UI (search attributes, current details) and written
 * to S3, so that the page, the API and a later run see what this workflow knows.
 */
export class Job {
  /** Saves run one after the other, each with the newest record: an older one never lands last. */
  private saving = Promise.resolve();

  constructor(
    private current: JobRecord,
    private readonly activities: ActivityProxies,
    private readonly pageUrl: string,
  ) {}

  get record(): JobRecord {
    return this.current;
  }

  nextAttempt(stage: Stage): number {
    return nextAttempt(this.current, stage);
  }

  /** Changes the record, shows it and saves it; a cancellation never leaves a change half-saved. */
  async change(change: Partial<JobRecord>): Promise<void> {
    const { state, step } = this.current;
    this.note(change);
    if (this.current.state !== state || this.current.step !== step || change.request !== undefined)
      upsertSearchAttributes([
        { key: stateKey, value: this.current.state },
        { key: stageKey, value: this.current.step ?? 'none' },
      ]);
    setCurrentDetails(describeForPeople(this.current, this.pageUrl));
    this.saving = this.saving.then(() =>
      CancellationScope.nonCancellable(() => this.activities.artifacts.saveRecord(this.current)),
    );
    await this.saving;
  }

  enter(state: JobState, step: Step | null): Promise<void> {
    return this.change({ state, step });
  }

  /** Nothing goes on before something else happens: a machine, a person's answer. */
  wait(step: Step, waiting: Omit<Waiting, 'sinceMs'>): Promise<void> {
    return this.change({ state: 'waiting', step, waiting: { ...waiting, sinceMs: Date.now() } });
  }

  /** Adds an attempt to the ledger, or replaces its line; saved together with `change`. */
  account(line: Attempt, change: Partial<JobRecord> = {}): Promise<void> {
    this.noteAttempt(line);
    return this.change(change);
  }

  /** As `account`, for a line that the next save takes along: whatever comes next, a save follows. */
  noteAttempt(line: Attempt): void {
    const others = this.current.attempts.filter((attempt) => attempt.jobName !== line.jobName);
    this.note({ attempts: [...others, line] });
  }

  /** As `noteAttempt`, for what a gate said of an attempt. */
  noteGate(result: GateResult): void {
    const others = this.current.gates.filter(
      ({ stage, attempt }) => stage !== result.stage || attempt !== result.attempt,
    );
    this.note({ gates: [...others, result] });
  }

  /** As `noteAttempt`, for a result that the next stage builds on. */
  noteAccepted(done: AcceptedAttempt): void {
    const others = this.current.accepted.filter(({ stage, part }) => stage !== done.stage || part !== done.part);
    this.note({ accepted: [...others, done] });
  }

  /** As `noteAttempt`, for what intake found. */
  notePhotos(photos: PhotoSummary): void {
    this.note({ photos });
  }

  /** As `noteAttempt`, for who wants the job to end, and why. */
  noteCancel(request: CancelRequest): void {
    this.note({ cancelled: { ...request, atMs: Date.now() } });
  }

  private note(change: Partial<JobRecord>): void {
    const next = { ...this.current, ...change };
    this.current = { ...next, waiting: next.state === 'waiting' ? next.waiting : null, updatedAtMs: Date.now() };
  }

  end(
    state: 'succeeded' | 'failed' | 'cancelled',
    change: Pick<Partial<JobRecord>, 'failure' | 'result'> = {},
  ): Promise<void> {
    return this.change({ state, endedAtMs: Date.now(), parkedUntilMs: null, ...change });
  }
}
