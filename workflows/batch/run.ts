import { CancellationScope, condition, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import type { BatchRecord } from '../../contracts/batch/record';
import { completePolicy, type Policy } from '../../contracts/job/policy';
import type { CancelRequest } from '../../contracts/messages/signals';
import type { Inbox } from './inbox';
import type { BatchInput, Carried, PlannedMember } from './input';
import { Members } from './members';
import { batchProxies, type BatchProxies } from './proxies';
import { Summary } from './summary';

/** One run of a batch: follows messages, starts what may start, and looks at what has started. */
export class BatchRun {
  private readonly policy: Policy;
  private readonly proxies: BatchProxies;
  private readonly summary: Summary;
  private cancelled: BatchRecord['cancelled'];
  private hasEnded = false;
  /** Jobs that were told to stop. */
  private readonly stopped = new Set<string>();
  /** Something has happened that is worth another look at what is to be done. */
  private news = false;

  private constructor(
    private readonly input: BatchInput,
    private readonly inbox: Inbox,
    { cancelled, told, hasWorked }: Omit<Carried, 'members'>,
  ) {
    this.policy = completePolicy(input.policy);
    this.proxies = batchProxies(input.deployment, this.policy);
    this.summary = new Summary(input, this.proxies, () => (this.news = true), told, hasWorked);
    this.cancelled = cancelled;
  }

  /** Of a batch that begins, or continues the run before. */
  static of(input: BatchInput, inbox: Inbox): BatchRun {
    return new BatchRun(input, inbox, input.carried ?? { cancelled: null, told: null, hasWorked: false });
  }

  get isCancelled(): boolean {
    return this.cancelled !== null;
  }

  /** Until the end, then null; else what another run is to continue with, once `isLong` says that this one is, or is of another version. */
  async toItsEnd(isLong: () => boolean): Promise<Carried | null> {
    const members = await this.members();
    for (;;) {
      this.news = false;
      await this.followMessages(members);
      if (!this.isCancelled) for (const due of members.begin(this.input.concurrency)) void this.begin(members, due);
      // Starts that are made at once are waited for together; one that cannot be made holds up nothing.
      await condition(() => !members.isStarting || !this.inbox.isEmpty, this.policy.batchPollMs);
      await this.stopOpen(members);
      this.summary.consider(members);
      await this.noteEnd(members);
      setCurrentDetails(this.details(members));
      if (!this.inbox.isEmpty || (!this.isCancelled && members.isDue(this.input.concurrency))) continue;
      if (members.isOver && !this.summary.isUnderWay) return null;
      if (isLong() && !this.summary.isUnderWay)
        return { members: members.list, cancelled: this.cancelled, ...this.summary.state };
      await this.watch(members);
    }
  }

  private async members(): Promise<Members> {
    const { carried, batchId } = this.input;
    if (carried !== undefined) return new Members(carried.members);
    return Members.of(await this.proxies.survey.surveyJobs({ batchId }));
  }

  private async begin(members: Members, { jobId, plan }: PlannedMember): Promise<void> {
    const { deployment, publicUrl, batchId } = this.input;
    const start = { deployment, policy: this.policy, publicUrl, batchId, jobId, again: plan === 'again' };
    members.began(await this.proxies.jobs.startJob.executeWithOptions({ summary: `Start job ${jobId}` }, [start]));
    this.news = true;
  }

  private async followMessages(members: Members): Promise<void> {
    const cancel = this.inbox.takeCancel();
    if (cancel !== null) await this.cancel(members, cancel);
    if (this.inbox.takeRetry()) await this.retry(members);
  }

  private async cancel(members: Members, request: CancelRequest): Promise<void> {
    members.stop();
    if (this.isCancelled || members.isOver) return;
    this.cancelled = { ...request, atMs: Date.now() };
    await Promise.all([this.stopOpen(members), this.note({ cancelled: this.cancelled })]);
  }

  private async retry(members: Members): Promise<void> {
    // What is being cancelled is not taken up again before it has ended.
    if ((this.isCancelled && !members.isOver) || !members.retry()) return;
    this.cancelled = null;
    this.hasEnded = false;
    this.stopped.clear();
    this.summary.startOver();
    await this.note({ cancelled: null, endedAtMs: null });
  }

  private async stopOpen(members: Members): Promise<void> {
    const open = members.open().map(({ jobId }) => jobId);
    const jobIds = open.filter((jobId) => !this.stopped.has(jobId));
    if (this.cancelled === null || jobIds.length === 0) return;
    const { reason, by } = this.cancelled;
    await this.proxies.jobs.cancelJobs.executeWithOptions({ summary: `Cancel ${jobIds.length} jobs` }, [
      { jobIds, cancel: { reason, by } },
    ]);
    for (const jobId of jobIds) this.stopped.add(jobId);
  }

  private async noteEnd(members: Members): Promise<void> {
    if (!members.isOver || this.hasEnded) return;
    this.hasEnded = true;
    await this.note({ endedAtMs: Date.now() });
  }

  private note(change: Partial<Pick<BatchRecord, 'cancelled' | 'endedAtMs'>>): Promise<void> {
    return this.proxies.jobs.noteBatch({ batchId: this.input.batchId, change });
  }

  /** Waits until a job has changed, or there is something else to be done. */
  private async watch(members: Members): Promise<void> {
    const watched = members.open();
    const woken = condition(() => this.news || !this.inbox.isEmpty);
    if (watched.length === 0) return woken;
    const scope = new CancellationScope({ cancellable: true });
    const looked = scope
      .run(async () => {
        const watching = { members: watched, pollMs: this.policy.batchPollMs };
        const looking = { summary: `Look at ${watched.length} jobs` };
        members.note(await this.proxies.watch.awaitJobs.executeWithOptions(looking, [watching]));
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
    await Promise.race([looked, woken]);
    scope.cancel();
    await looked;
  }

  /** For Temporal's Web UI. */
  private details(members: Members): string {
    const { cancelled } = this;
    return `**${members.counts}**${cancelled === null ? '' : `\n\nCancelled by ${cancelled.by}: ${cancelled.reason}`}`;
  }
}
