import { CancellationScope, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import { nextAttempt, type Attempt, type JobRecord } from '../contracts/job-record';
import type { JobState, Step } from '../contracts/job-state';
import { SEARCH_ATTRIBUTE } from '../contracts/pipeline';
import type { Stage } from '../contracts/stages';
import type { ActivityProxies } from './activity-proxies';
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
    this.current = { ...this.current, ...change, updatedAtMs: Date.now() };
    if (this.current.state !== state || this.current.step !== step || change.request !== undefined)
      upsertSearchAttributes([
        { key: stateKey, value: this.current.state },
        { key: stageKey, value: this.current.step ?? 'none' },
      ]);
    setCurrentDetails(describeForPeople(this.current, this.pageUrl));
    this.saving = this.saving.then(() => CancellationScope.nonCancellable(() => this.activities.artifacts.saveRecord(this.current)));
    await this.saving;
  }

  enter(state: JobState, step: Step | null): Promise<void> {
    return this.change({ state, step });
  }

  /** Adds an attempt to the ledger, or replaces its line; saved together with `change`. */
  account(line: Attempt, change: Partial<JobRecord> = {}): Promise<void> {
    this.note(line);
    return this.change(change);
  }

  /** As `account`, for a line that the next save takes along: whatever comes next, a save follows. */
  note(line: Attempt): void {
    const others = this.current.attempts.filter((attempt) => attempt.jobName !== line.jobName);
    this.current = { ...this.current, attempts: [...others, line] };
  }

  end(state: 'succeeded' | 'failed' | 'cancelled', change: Pick<Partial<JobRecord>, 'failure' | 'cancelled' | 'result'> = {}): Promise<void> {
    return this.change({ state, endedAtMs: Date.now(), parkedUntilMs: null, ...change });
  }
}
