import { log } from '@temporalio/activity';
import type { AuditEntry } from '../contracts/access/audit-schema';
import { iso } from '../contracts/job/view';
import type { AuditLog } from '../platform/audit/audit-log';

/** Something that a batch, a schedule or upkeep does to a job. */
export interface Deed extends Pick<AuditEntry, 'operation' | 'by'> {
  /** A deed of the same job, time and operation is the same deed: it is noted once. */
  readonly atMs: number;
  readonly details?: unknown;
}

export const BY_UPKEEP = { kind: 'upkeep', keyId: null } as const;

/**
 * Notes a deed with its job, once it is done. Never rejects: where S3 is away the worker's log alone has it, and the
 * deed is not done again for that.
 */
export type NoteDeed = (jobId: string, deed: Deed) => Promise<void>;

export const createNoteDeed =
  (audit: Pick<AuditLog, 'write'>): NoteDeed =>
  async (jobId, { operation, by, atMs, details = null }) => {
    log.info('done for nobody who waits', { audit: operation, jobId, by: by.kind, keyId: by.keyId, of: by.of });
    try {
      await audit.write(jobId, { at: iso(atMs), operation, by, requestId: null, details });
    } catch (error) {
      log.error('a deed is in this log alone', { jobId, audit: operation, error });
    }
  };
