import type { AuditEntry } from '../../contracts/access/audit-schema';
import type { AuditLog } from '../../platform/audit/audit-log';

/** Deeds in memory, those of each job in the order in which they were done. */
export class MemoryAudit implements AuditLog {
  readonly entries = new Map<string, AuditEntry[]>();

  async write(jobId: string, entry: AuditEntry): Promise<void> {
    this.entries.set(jobId, [...(this.entries.get(jobId) ?? []), entry]);
  }
  async page(jobId: string): ReturnType<AuditLog['page']> {
    return { entries: (this.entries.get(jobId) ?? []).toReversed(), nextCursor: null };
  }
}
