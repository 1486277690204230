import { hasEnded, isOpen, type Member } from '../../contracts/batch/member';
import type { PlannedMember } from './input';

/**
 * The jobs of a batch: which are to be started, which work, which wait for a person. A rule over plain data, which
 * knows nothing of Temporal.
 */
export class Members {
  private readonly members: Map<string, PlannedMember>;
  private readonly starting = new Set<string>();

  constructor(members: readonly PlannedMember[]) {
    this.members = new Map(members.map((member) => [member.jobId, member]));
  }

  /** Of a new run: what has not been started is to be. */
  static of(members: readonly Member[]): Members {
    return new Members(
      members.map((member) => ({
        ...member,
        plan: member.state === 'pending' || (member.state === 'queued' && member.seen === null) ? 'start' : null,
      })),
    );
  }

  /** For the next run: what is being started is still to be. */
  get list(): readonly PlannedMember[] {
    return [...this.members.values()];
  }

  /** Those that may start now, in order, so that not more than `concurrency` work. */
  private due(concurrency: number): readonly PlannedMember[] {
    const free = Math.max(0, concurrency - this.working().length - this.starting.size);
    return this.list.filter(({ jobId, plan }) => plan !== null && !this.starting.has(jobId)).slice(0, free);
  }

  isDue(concurrency: number): boolean {
    return this.due(concurrency).length > 0;
  }

  /** Takes those that may start now. */
  begin(concurrency: number): readonly PlannedMember[] {
    const due = this.due(concurrency);
    for (const { jobId } of due) this.starting.add(jobId);
    return due;
  }

  /** A start has been made. */
  began(member: Member): void {
    this.starting.delete(member.jobId);
    this.members.set(member.jobId, { ...member, plan: null });
  }

  note(changed: readonly Member[]): void {
    for (const member of changed) {
      const plan = this.members.get(member.jobId)?.plan ?? null;
      // What somebody else has retried needs no start any more.
      this.members.set(member.jobId, { ...member, plan: isOpen(member) && !member.needsPerson ? null : plan });
    }
  }

  /** Whatever has not succeeded and does not work is to be started; false where there is nothing of that kind. */
  retry(): boolean {
    const due = this.list.filter(
      (member) => (hasEnded(member) && member.state !== 'succeeded') || ['pending', 'parked'].includes(member.state),
    );
    for (const member of due)
      this.members.set(member.jobId, { ...member, plan: member.state === 'pending' ? 'start' : 'again' });
    return due.length > 0;
  }

  /** Nothing more is started. */
  stop(): void {
    for (const member of this.list)
      if (!this.starting.has(member.jobId)) this.members.set(member.jobId, { ...member, plan: null });
  }

  get isStarting(): boolean {
    return this.starting.size > 0;
  }

  /** Jobs that have not ended. */
  open(): readonly Member[] {
    return this.list.filter((member) => isOpen(member) && !this.starting.has(member.jobId));
  }

  /** Jobs that hold a place: those that work or wait for a machine. */
  private working(): readonly Member[] {
    return this.open().filter((member) => !member.needsPerson);
  }

  /** Nothing goes on by itself any more. */
  get isStill(): boolean {
    return !this.isStarting && this.working().length === 0 && this.list.every(({ plan }) => plan === null);
  }

  /** Nothing goes on, whatever anybody does. */
  get isOver(): boolean {
    return this.isStill && this.open().length === 0;
  }

  /** How many there are in each state, for people. */
  get counts(): string {
    const counts = new Map<string, number>();
    for (const { state } of this.list) counts.set(state, (counts.get(state) ?? 0) + 1);
    return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
  }
}
