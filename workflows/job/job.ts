import { CancellationScope, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { AcceptedAttempt, Attempt, GateResult, JobRecord, Waiting } from '../../contracts/job/record';
import type { Step } from '../../contracts/job/state';
import { afterChange } from '../../contracts/job/commands';
import type { ChangeRequest, JobSettings } from '../../contracts/messages/settings';
import { SEARCH_ATTRIBUTE } from '../../contracts/job/temporal-names';
import type { Part } from '../../contracts/stages/stage';
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
  /** Nothing has been saved yet: the stored record may have settings that this run was started without. */
  private isFirstSave = true;
  private areSettingsChanged = false;
  /** What each open part of the running stage waits for; null = it works. */
  private readonly openParts = new Map<Part, Waiting | null>();
  private asked: Promise<unknown> = Promise.resolve();

  constructor(
    private current: JobRecord,
    private readonly activities: ActivityProxies,
    private readonly pageUrl: string,
  ) {}

  get record(): JobRecord {
    return this.current;
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
    this.saving = this.saving.then(() => CancellationScope.nonCancellable(() => this.save()));
    await this.saving;
  }

  /** Changes what people may change at any time, and saves it. */
  async changeSettings(change: ChangeRequest): Promise<void> {
    this.areSettingsChanged = true;
    await this.change(afterChange(this.current, change));
  }

  private async save(): Promise<void> {
    const isFirst = this.isFirstSave;
    this.isFirstSave = false;
    const settings = await this.activities.artifacts.saveRecord(this.current, isFirst);
    // Of an activity of earlier versions there are none.
    if (settings && !this.areSettingsChanged) this.adopt(settings);
  }

  /** Takes over what was changed between the last look at the stored record and this run's start. */
  private adopt(settings: JobSettings): void {
    this.current = { ...this.current, request: { ...this.current.request, ...settings } };
  }

  /** Names the parts that a stage runs from here on. */
  open(parts: readonly Part[]): void {
    this.openParts.clear();
    for (const part of parts) this.openParts.set(part, null);
  }

  /** A part needs something before it continues: a machine, a person's answer. */
  wait(step: Step, waiting: Omit<Waiting, 'sinceMs'>, part: Part = null): Promise<void> {
    this.openParts.set(part, { ...waiting, sinceMs: Date.now() });
    return this.change({ step, ...this.stateOfParts() });
  }

  /** A part works on this attempt: its line is added to the ledger, or replaced. */
  work(line: Attempt): Promise<void> {
    this.openParts.set(line.part, null);
    this.noteAttempt(line);
    return this.change({ step: line.stage, ...this.stateOfParts() });
  }

  /** A part has ended, well or not, and its state does not count any more beside those of the others. */
  async close(part: Part): Promise<void> {
    this.openParts.delete(part);
    if (this.openParts.size > 0) await this.change(this.stateOfParts());
  }

  /** A job waits for a person as soon as one of its parts does, and for a machine only while none of them works. */
  private stateOfParts(): Partial<JobRecord> {
    if (this.current.state === 'cancelling') return {};
    const waits = [...this.openParts.values()];
    const decision = waits.find((waiting) => waiting?.for === 'decision');
    const waiting = decision ?? (waits.includes(null) ? null : (waits[0] ?? null));
    return { state: waiting === null ? 'running' : 'waiting', waiting };
  }

  /** Asks people one thing at a time, since an `accept` names no part. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    const answer = this.asked.then(question);
    this.asked = answer.catch(() => undefined);
    return answer;
  }

  /** Notes an attempt in the ledger, in place of its earlier line. */
  noteAttempt(line: Attempt): void {
    const others = this.current.attempts.filter((attempt) => attempt.jobName !== line.jobName);
    this.note({ attempts: [...others, line] });
  }

  /** Notes what a gate said of an attempt; which photos fitted is told of the newest one only. */
  noteGate(result: GateResult): void {
    const others = this.current.gates.filter(
      ({ stage, part, attempt }) => stage !== result.stage || part !== result.part || attempt !== result.attempt,
    );
    this.note({ gates: [...others.map(({ fit, ...earlier }) => earlier), result] });
  }

  /** Notes a result that the next stage builds on. */
  noteAccepted(done: AcceptedAttempt): void {
    const others = this.current.accepted.filter(({ stage, part }) => stage !== done.stage || part !== done.part);
    this.note({ accepted: [...others, done] });
  }

  /** Changes the record without saving it: the next save takes the change along, and one always follows. */
  note(change: Partial<JobRecord>): void {
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
