import type { JobRequest } from '../job/record';
import type { BatchMember, BatchRecord } from './record-schema';

/** What a record holds, without the schema: workflows, which must not load zod, use these types. */
export type * from './record-schema';

export const MAX_BATCH_JOBS = 500;
export const CONCURRENCY = { minimum: 1, maximum: 50, default: 4 } as const;

export const batchWorkflowId = (batchId: string): string => `batch-${batchId}`;

/** What changes in a record while its batch runs. */
export type BatchChange = Partial<Pick<BatchRecord, 'cancelled' | 'endedAtMs' | 'mail'>>;

/** The request of a member's job; null where the job was erased. */
export const requestOf = (batch: BatchRecord, { request }: BatchMember): JobRequest | null =>
  request && {
    ...request,
    tenant: batch.tenant,
    email: batch.email,
    batch: { id: batch.batchId, mails: batch.mailPerJob },
  };

/** The record without what was asked for a job that is erased; with the last of them the address goes too. */
export function withoutJob(batch: BatchRecord, jobId: string): BatchRecord {
  const members = batch.members.map((member) => (member.jobId === jobId ? { jobId, request: null } : member));
  const isLast = members.every(({ request }) => request === null);
  return { ...batch, members, ...(isLast && { email: '' }) };
}
