import type { BatchRecord } from '../../contracts/batch/record';
import type { JobRecord } from '../../contracts/job/record';
import type { BatchStore } from '../../platform/batch-store';
import type { RecordStore } from '../../platform/record-store';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Records of jobs in memory; a claim succeeds once. */
export class MemoryRecords implements Pick<RecordStore, 'claim' | 'read'> {
  readonly records = new Map<string, JobRecord>();

  async claim(record: JobRecord): Promise<boolean> {
    if (this.records.has(record.jobId)) return false;
    this.records.set(record.jobId, copy(record));
    return true;
  }
  async read(jobId: string): ReturnType<RecordStore['read']> {
    const record = this.records.get(jobId);
    return record === undefined ? null : { record: copy(record), version: '1' };
  }
}

/** Records of batches in memory. */
export class MemoryBatches implements BatchStore {
  readonly batches = new Map<string, BatchRecord>();

  async claim(record: BatchRecord): Promise<boolean> {
    if (this.batches.has(record.batchId)) return false;
    this.batches.set(record.batchId, copy(record));
    return true;
  }
  async read(batchId: string): Promise<BatchRecord | null> {
    return copy(this.batches.get(batchId) ?? null);
  }
  async change(batchId: string, change: (record: BatchRecord) => BatchRecord): Promise<BatchRecord | null> {
    const before = await this.read(batchId);
    if (before === null) return null;
    const next = copy(change(before));
    this.batches.set(batchId, next);
    return next;
  }
  async *ids(): AsyncIterable<readonly string[]> {
    yield [...this.batches.keys()];
  }
}
