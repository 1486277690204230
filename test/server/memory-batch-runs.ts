import type { BatchRecord } from '../../contracts/batch/record';
import type { BatchRuns } from '../../server/batches/runs';

/** Runs of batches in memory. */
export class MemoryBatchRuns implements BatchRuns {
  readonly open = new Set<string>();
  readonly started: BatchRecord[] = [];
  readonly cancelled: unknown[] = [];
  readonly retried: string[] = [];
  away = false;

  async start(batch: BatchRecord): Promise<void> {
    if (this.away) throw new Error('connection refused');
    if (this.started.some(({ batchId }) => batchId === batch.batchId)) return;
    this.started.push(batch);
    this.open.add(batch.batchId);
  }
  async isOpen(batchId: string): Promise<boolean> {
    return this.open.has(batchId);
  }
  async cancel(batchId: string, request: unknown): Promise<boolean> {
    if (this.open.has(batchId)) this.cancelled.push(request);
    return this.open.has(batchId);
  }
  async retry({ batchId }: BatchRecord): Promise<void> {
    this.retried.push(batchId);
    this.open.add(batchId);
  }
}
