import { requestOf, type BatchRecord } from '../../contracts/batch/record';
import type { BatchList, BatchListEntry, BatchMemberView, BatchView } from '../../contracts/batch/view-schema';
import { isFailureCode } from '../../contracts/job/failures';
import { iso, type JobLinks } from '../../contracts/job/view';
import { jobName } from '../../contracts/job/words';
import { JOB_ID_PATTERN } from '../../contracts/machines/names';
import { s3Uri } from '../../contracts/storage/location';
import type { BatchStore } from '../../platform/batch-store';
import { reached, reachedPage } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { BatchIndex, IndexedMember } from '../storage/jobs/batch-index';
import { countsOf, isAllOver, isNeverStarted, standing, type BatchSituation } from './standing';

/** What the server says of batches. Every call throws Problem for what a caller can mend. */
export interface ReadBatches {
  /** The record of a caller's batch. */
  record(caller: Caller, batchId: string): Promise<BatchRecord>;
  get(caller: Caller, batchId: string): Promise<BatchView>;
  list(caller: Caller, page: { readonly cursor?: string | undefined; readonly limit: number }): Promise<BatchList>;
}

export interface ReadBatchesDeps {
  readonly batches: Pick<BatchStore, 'read'>;
  readonly index: Pick<BatchIndex, 'list' | 'tallies' | 'members'>;
  readonly links: JobLinks;
  readonly statusUrl: (batchId: string) => string;
}

/** Of a batch whose record is gone: what is not a job never will be. */
const FORGOTTEN: BatchSituation = { cancelled: null, endedAtMs: 0 };

export function createReadBatches({ batches, index, links, statusUrl }: ReadBatchesDeps): ReadBatches {
  const record = async ({ tenant }: Caller, batchId: string): Promise<BatchRecord> => {
    const found = JOB_ID_PATTERN.test(batchId) ? await reached('The storage', batches.read(batchId)) : null;
    if (found?.tenant !== tenant)
      throw new Problem(
        'BATCH_NOT_FOUND',
        `no batch has the id ${JSON.stringify(batchId.slice(0, 40))}; check the link or the id`,
      );
    return found;
  };

  const memberView = (
    batch: BatchRecord,
    member: BatchRecord['members'][number],
    job: IndexedMember | undefined,
  ): BatchMemberView => {
    const { jobId } = member;
    if (job === undefined) {
      const request = requestOf(batch, member);
      const state = isNeverStarted(batch) ? 'cancelled' : 'pending';
      const asked = { name: request && jobName(request), input: request && s3Uri(request.location) };
      return { jobId, ...asked, state, costUsd: 0, failure: null, erased: false, statusUrl: null, pageUrl: null };
    }
    const { name, input, state, costUsd, failure, isErased } = job;
    return {
      jobId,
      name,
      input,
      state,
      costUsd,
      failure: failure !== null && isFailureCode(failure.code) ? { ...failure, code: failure.code } : null,
      erased: isErased,
      statusUrl: isErased ? null : links.status(jobId),
      pageUrl: isErased ? null : links.page(jobId),
    };
  };

  return {
    record,

    async get(caller, batchId) {
      const batch = await record(caller, batchId);
      const { members, cancelled, endedAtMs, mail } = batch;
      const found = await reached('The database', index.members(caller.tenant, batchId));
      const jobs = new Map(found.map((job) => [job.jobId, job]));
      const counted = countsOf(
        members.length,
        found.map(({ state }) => ({ state, jobs: 1 })),
      );
      return {
        batchId,
        name: batch.name,
        ...standing(counted, batch),
        jobs: members.length,
        costUsd: found.reduce((sum, { costUsd }) => sum + costUsd, 0),
        createdAt: iso(batch.createdAtMs),
        statusUrl: statusUrl(batchId),
        concurrency: batch.concurrency,
        mailPerJob: batch.mailPerJob,
        cancelled: cancelled && { reason: cancelled.reason, by: cancelled.by, at: iso(cancelled.atMs) },
        endedAt: endedAtMs === null ? null : iso(endedAtMs),
        mail: mail && { status: mail.status, detail: mail.detail, at: iso(mail.atMs) },
        members: members.map((member) => memberView(batch, member, jobs.get(member.jobId))),
      };
    },

    async list({ tenant }, page) {
      const { batches: found, nextCursor } = await reachedPage(index.list(tenant, page));
      const tallies = await reached(
        'The database',
        index.tallies(
          tenant,
          found.map(({ batchId }) => batchId),
        ),
      );
      const entries = found.map(async ({ batchId, name, members, createdAtMs }): Promise<BatchListEntry> => {
        const own = tallies.filter((tally) => tally.batchId === batchId);
        const counted = countsOf(members, own);
        // The record says of those alone that have not ended what their jobs do not tell.
        const situation = isAllOver(counted) ? FORGOTTEN : await reached('The storage', batches.read(batchId));
        return {
          batchId,
          name,
          ...standing(counted, situation ?? FORGOTTEN),
          jobs: members,
          costUsd: own.reduce((sum, { costUsd }) => sum + costUsd, 0),
          createdAt: iso(createdAtMs),
          statusUrl: statusUrl(batchId),
        };
      });
      return { batches: await Promise.all(entries), nextCursor };
    },
  };
}
