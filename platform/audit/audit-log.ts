import { AUDIT_ENTRY, type AuditEntry } from '../../contracts/access/audit-schema';
import { layout } from '../../contracts/storage/layout';
import { timePrefix } from '../../contracts/webhooks/delivery';
import { keysAfter, readJson, writeJson, type BucketDeps } from '../s3-objects';

/** Part of a list, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Null where nothing older is there. */
  readonly nextCursor: string | null;
}

/** What was done to jobs: an object each in the job's folder, so that it is erased with the job. */
export interface AuditLog {
  write(jobId: string, entry: AuditEntry): Promise<void>;
  /** @param cursor of the page before */
  page(jobId: string, cursor: string | null, limit: number): Promise<AuditPage>;
}

const ENTRY_ID = /^\d{13}-[\w-]{1,100}$/;

/** Whether a text can be the cursor of a page at all; nothing else becomes part of a key. */
export const isAuditCursor = (text: string): boolean => ENTRY_ID.test(text);

export function createAuditLog({ s3, bucket }: BucketDeps): AuditLog {
  return {
    async write(jobId, entry) {
      const key = layout.auditEntry(jobId, `${timePrefix(Date.parse(entry.at))}-${entry.requestId ?? entry.operation}`);
      await writeJson(s3, { bucket, key }, entry);
    },

    async page(jobId, cursor, limit) {
      const folder = layout.auditFolder(jobId);
      const start = cursor === null ? folder : layout.auditEntry(jobId, cursor);
      const { keys, isLast } = await keysAfter({ s3, bucket }, folder, start, limit);
      const found = await Promise.all(keys.map(async (key) => (await readJson(s3, { bucket, key }))?.value ?? null));
      const last = keys.at(-1)?.slice(folder.length, -'.json'.length) ?? null;
      return {
        entries: found.flatMap((stored) => (stored === null ? [] : [AUDIT_ENTRY.parse(stored)])),
        nextCursor: isLast ? null : last,
      };
    },
  };
}
