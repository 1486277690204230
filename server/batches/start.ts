import type { BatchRecord, MemberRequest } from '../../contracts/batch/record';
import type { StartedBatch } from '../../contracts/batch/view-schema';
import type { JobRequest } from '../../contracts/job/record';
import type { BatchStore } from '../../platform/batch-store';
import { bounded } from '../../platform/bounded';
import type { Logger } from '../../platform/logger';
import { whoIs } from '../audit/who-is';
import type { CalibrationOf } from '../estimates/calibrations';
import { reached } from '../http/availability';
import type { Caller } from '../http/context';
import { Problem } from '../http/problem';
import type { Asked, ReadStart } from '../jobs/input-access';
import { batchIdOfKey, jobIdOfMember, randomJobId } from '../../platform/job-id';
import { digestOf } from '../idempotency/request-digest';
import { isNotReady } from '../jobs/start';
import type { BatchIndex } from '../storage/jobs/batch-index';
import type { BatchRuns } from './runs';
import type { BatchRequest } from './schemas';

export interface StartBatchDeps {
  readonly batches: Pick<BatchStore, 'claim' | 'read'>;
  readonly runs: Pick<BatchRuns, 'start'>;
  readonly index: Pick<BatchIndex, 'add'>;
  readonly read: ReadStart;
  readonly calibrationOf: CalibrationOf;
  readonly statusUrl: (batchId: string) => string;
  readonly logger: Logger;
  readonly now: () => number;
}

/** `isNew` is false when the key was used for the same request before. */
export type StartBatch = (
  caller: Caller,
  request: BatchRequest,
  idempotencyKey: string | null,
) => Promise<{ readonly batch: StartedBatch; readonly isNew: boolean }>;

const CHECKS_AT_ONCE = 8;

/**
 * Starts batches as jobs are started: the record claims the id for ever, then the workflow starts, and a repeat under
 * the same key does what is missing. Every member is checked before anything is claimed. Throws Problem.
 */
export function createStartBatch(deps: StartBatchDeps): StartBatch {
  const { batches, runs, index, read, calibrationOf, statusUrl, logger, now } = deps;

  /** All members by the same check, which names the one that is wrong. */
  const each = <T, R>(members: readonly T[], check: (member: T) => Promise<R>): Promise<R[]> => {
    const inTurn = bounded(CHECKS_AT_ONCE);
    return Promise.all(members.map((member, number) => inTurn(() => ofMember(number, check(member)))));
  };

  const claim = async (
    caller: Caller,
    batchId: string,
    request: BatchRequest,
    digest: string,
    members: readonly JobRequest[],
  ): Promise<BatchRecord | null> => {
    const { name, email, mailPerJob, concurrency } = request;
    const presets = [...new Set(members.map(({ preset }) => preset))];
    const calibrations = await Promise.all(
      presets.map(async (preset) => [preset, await calibrationOf(caller.tenant, preset)] as const),
    );
    const record: BatchRecord = {
      version: 1,
      batchId,
      tenant: caller.tenant,
      setBy: whoIs(caller),
      name,
      email,
      mailPerJob,
      concurrency,
      requestDigest: digest,
      createdAtMs: now(),
      updatedAtMs: now(),
      members: members.map((member, number) => ({ jobId: jobIdOfMember(batchId, number), request: ofOne(member) })),
      calibrations: Object.fromEntries(calibrations),
      cancelled: null,
      endedAtMs: null,
      mail: null,
    };
    return (await reached('The storage', batches.claim(record))) ? record : null;
  };

  const run = async (record: BatchRecord, isNew: boolean): ReturnType<StartBatch> => {
    // Harmless where it has been started before.
    await reached('Temporal', runs.start(record));
    if (isNew) void list(record);
    const { batchId, members } = record;
    const jobs = members.map(({ jobId }) => jobId);
    return { batch: { batchId, jobs, statusUrl: statusUrl(batchId) }, isNew };
  };

  /** At once in lists; where that does not succeed the indexer finds it. */
  const list = async (record: BatchRecord): Promise<void> => {
    await index.add([record]).catch((error: unknown) => {
      logger.warn({ err: error, batchId: record.batchId }, 'a new batch is not in lists yet');
    });
  };

  /** The batch that a key was used for before; null where it was not. */
  const earlier = async (batchId: string, digest: string): Promise<BatchRecord | null> => {
    const record = await reached('The storage', batches.read(batchId));
    if (record === null || record.requestDigest === digest) return record;
    throw new Problem(
      'IDEMPOTENCY_KEY_REUSED',
      `the key stands for batch ${batchId}, which was started with another body; use a new key for a new batch`,
    );
  };

  return async (caller, request, idempotencyKey) => {
    const asked = await each(request.jobs, (job) => read(caller, job));
    const digest = digestOf({ ...request, tenant: caller.tenant, jobs: asked.map((job) => job.asked) }, 'left-out');
    const keyed = idempotencyKey === null ? null : batchIdOfKey(caller.tenant, idempotencyKey);
    let members: JobRequest[];
    try {
      members = await each(asked, (job: Asked) => job.ready());
    } catch (error) {
      // A repeat is answered as it was, also when photos have been removed meanwhile.
      const known = keyed === null || !isNotReady(error) ? null : await earlier(keyed, digest);
      if (known === null) throw error;
      return run(known, false);
    }
    for (;;) {
      const batchId = keyed ?? randomJobId();
      const claimed = await claim(caller, batchId, request, digest, members);
      if (claimed !== null) return run(claimed, true);
      const known = keyed === null ? null : await earlier(keyed, digest);
      if (known !== null) return run(known, false);
    }
  };
}

const ofOne = ({ tenant, email, batch, ...request }: JobRequest): MemberRequest => request;

/** Says which member a problem is of. */
async function ofMember<T>(number: number, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, detail } = error;
    throw new Problem(code, `jobs.${number}: ${detail}`, [{ field: `jobs.${number}`, message: detail }]);
  }
}
