import { workflowInfo } from '@temporalio/workflow';
import { ended } from '../delivery/ended';
import type { BatchInput, Carried } from './input';
import type { Members } from './members';
import type { BatchProxies } from './proxies';

/**
 * The mails about a batch: one when nothing of it goes on by itself any more, and one more at its end where somebody
 * has made it go on after that. They are tried for days, while the batch goes on.
 */
export class Summary {
  private underWay = false;

  constructor(
    private readonly input: BatchInput,
    private readonly proxies: BatchProxies,
    private readonly onSent: () => void,
    private told: Carried['told'] = null,
    private hasWorked = false,
  ) {}

  get isUnderWay(): boolean {
    return this.underWay;
  }

  get state(): Pick<Carried, 'told' | 'hasWorked'> {
    return { told: this.told, hasWorked: this.hasWorked };
  }

  /** A new round has begun: its end is told of, whatever was told before. */
  startOver(): void {
    this.told = null;
  }

  /** Begins to send what there is to tell. */
  consider(members: Members): void {
    if (!members.isStill) this.hasWorked = true;
    if (!members.isStill || this.underWay || this.told === 'end') return;
    const isNews = this.told === null || (members.isOver && this.hasWorked);
    if (members.isOver) this.told = 'end';
    else if (isNews) this.told = 'waiting';
    if (isNews) void this.send();
  }

  private async send(): Promise<void> {
    this.hasWorked = false;
    this.underWay = true;
    const { batchId, publicUrl } = this.input;
    const { workflowId, runId } = workflowInfo();
    const { mail, jobs } = this.proxies;
    const sending = { batchId, publicUrl, messageId: `${workflowId}-${runId}-${this.told}` };
    const { status, detail } = await ended(mail.sendBatchMail.executeWithOptions({ summary: 'Mail' }, [sending]));
    await jobs.noteBatch({ batchId, change: { mail: { status, detail, atMs: Date.now() } } });
    this.underWay = false;
    this.onSent();
  }
}
