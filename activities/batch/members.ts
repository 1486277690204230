import { isDeepStrictEqual } from 'node:util';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { AuditEntry } from '../../contracts/access/audit-schema';
import { needsPerson, type Member } from '../../contracts/batch/member';
import { batchWorkflowId, requestOf, type BatchChange, type BatchRecord } from '../../contracts/batch/record';
import { afterRetry } from '../../contracts/job/commands';
import { newJobRecord, type JobRecord } from '../../contracts/job/record';
import { runStatus, type JobRun, type PipelineInput } from '../../contracts/job/run';
import { jobState } from '../../contracts/job/view';
import { workflowId } from '../../contracts/machines/names';
import { SIGNAL, type CancelRequest } from '../../contracts/messages/signals';
import type { BatchStore } from '../../platform/batch-store';
import { bounded } from '../../platform/bounded';
import { describeRun, startRun } from '../../platform/job-run';
import type { RecordStore } from '../../platform/record-store';
import { stateKey } from '../../platform/temporal-client';
import type { UsedUpBudgets } from '../../platform/used-up-budgets';
import { notYet } from '../application-failures';
import type { NoteDeed } from '../deeds';

export interface BatchDeps {
  readonly batches: Pick<BatchStore, 'read' | 'change'>;
  readonly records: Pick<RecordStore, 'claim' | 'read'>;
  readonly usedUpBudgets: Pick<UsedUpBudgets, 'find'>;
  readonly client: Client;
  readonly note: NoteDeed;
}

/** One job of a batch, to be started. */
export interface MemberStart extends Pick<PipelineInput, 'deployment' | 'policy' | 'publicUrl'> {
  readonly batchId: string;
  readonly jobId: string;
  /**
   * A job that has failed, is parked or was cancelled is retried, unless its tenant's budget is used up by now; else it
   * is left as it is.
   */
  readonly again: boolean;
}

/** What a batch does with its jobs, which are jobs like others. Each activity is safe to repeat. */
export interface BatchActivities {
  /** How all members stand. */
  surveyJobs(batch: { readonly batchId: string }): Promise<readonly Member[]>;
  /** Claims the job's record and starts its workflow, as a request of its own would; returns how it stands. */
  startJob(start: MemberStart): Promise<Member>;
  /**
   * Those of the members that have changed. Throws JOBS_UNCHANGED, tried again after `pollMs`, while none has, so that
   * days of looking are one activity, and hold no slot between two looks.
   */
  awaitJobs(watched: { readonly members: readonly Member[]; readonly pollMs: number }): Promise<readonly Member[]>;
  /** Tells jobs to stop; one that has ended meanwhile has what it was told. */
  cancelJobs(jobs: { readonly jobIds: readonly string[]; readonly cancel: CancelRequest }): Promise<void>;
  /** Writes down what has become of the batch. */
  noteBatch(note: { readonly batchId: string; readonly change: BatchChange }): Promise<void>;
}

const READS_AT_ONCE = 8;
/** Workflow ids that one query names. */
const IDS_AT_ONCE = 100;

export function createBatchActivities({ batches, records, usedUpBudgets, client, note }: BatchDeps): BatchActivities {
  const readBatch = async (batchId: string): Promise<BatchRecord> => {
    const batch = await batches.read(batchId, cancellationSignal());
    if (batch === null) throw new Error(`batch ${batchId} has no record`);
    return batch;
  };

  /** @param outdatedMs a record that is no newer says nothing: then null */
  const memberAfter = async (jobId: string, outdatedMs: number): Promise<Member | null> => {
    // In this order: a run that is closed has written its last record.
    const run = await describeRun(client, workflowId(jobId));
    const record = (await records.read(jobId, cancellationSignal()))?.record ?? null;
    if (record === null) return { jobId, state: 'pending', needsPerson: false, seen: null, outdatedMs: null };
    return run?.status === 'RUNNING' && record.updatedAtMs <= outdatedMs ? null : memberBy(record, run);
  };

  const memberOf = async (jobId: string): Promise<Member> => (await memberAfter(jobId, -Infinity)) as Member;

  /** As who a batch does something to its jobs. */
  const byBatch = ({ batchId, setBy }: BatchRecord): AuditEntry['by'] => ({
    kind: 'batch',
    keyId: setBy?.keyId ?? null,
    of: batchId,
  });

  const noteRetry = async (batchId: string, jobId: string): Promise<void> =>
    note(jobId, { operation: 'retryJob', by: byBatch(await readBatch(batchId)), atMs: Date.now() });

  const startAgain = async (record: JobRecord, { deployment, policy, publicUrl }: MemberStart): Promise<void> => {
    if (record.deleting) throw new Error(`files of job ${record.jobId} are being deleted at this moment`);
    const nowMs = Date.now();
    const retried = afterRetry(record, { fromStage: null, options: {} }, nowMs);
    const next = { ...retried, state: 'queued', step: null, updatedAtMs: nowMs } as const;
    await startRun(client, 'again', { deployment, policy, publicUrl, record: next });
  };

  /** Whether there was somebody to hear it. */
  const signal = async (jobId: string, name: keyof typeof SIGNAL, payload: unknown): Promise<boolean> => {
    try {
      await client.workflow.getHandle(workflowId(jobId)).signal(SIGNAL[name], payload);
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      return false;
    }
  };

  /** What Temporal lists of the newest run of each job, which may be a second behind. */
  const listed = async (jobIds: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const newest = new Map<string, { readonly startedAtMs: number; readonly seen: string }>();
    for (let first = 0; first < jobIds.length; first += IDS_AT_ONCE) {
      const ids = jobIds.slice(first, first + IDS_AT_ONCE).map((jobId) => `'${workflowId(jobId)}'`);
      for await (const info of client.workflow.list({ query: `WorkflowId IN (${ids.join(', ')})` })) {
        const jobId = info.workflowId.slice(workflowId('').length);
        const startedAtMs = info.startTime.getTime();
        if ((newest.get(jobId)?.startedAtMs ?? -1) > startedAtMs) continue;
        const state = info.typedSearchAttributes.get(stateKey) ?? null;
        newest.set(jobId, {
          startedAtMs,
          seen: seenOf({ runId: info.runId, status: runStatus(info.status.name), state }),
        });
      }
    }
    return new Map([...newest].map(([jobId, { seen }]) => [jobId, seen]));
  };

  return {
    async surveyJobs({ batchId }) {
      const { members } = await readBatch(batchId);
      const inTurn = bounded(READS_AT_ONCE);
      return Promise.all(members.map(({ jobId }) => inTurn(() => memberOf(jobId))));
    },

    async startJob(start) {
      const { batchId, jobId, again, deployment, policy, publicUrl } = start;
      const begin = async (record: JobRecord, batch: BatchRecord): Promise<void> => {
        await startRun(client, 'first', { deployment, policy, publicUrl, record });
        await note(jobId, { operation: 'createJob', by: byBatch(batch), atMs: record.createdAtMs });
      };
      const stored = await records.read(jobId, cancellationSignal());
      if (stored === null) {
        const batch = await readBatch(batchId);
        const member = batch.members.find((one) => one.jobId === jobId);
        const request = member === undefined ? null : requestOf(batch, member);
        if (request === null) throw new Error(`batch ${batchId} does not say what job ${jobId} is to do`);
        const calibration = batch.calibrations[request.preset];
        const record = {
          ...newJobRecord(jobId, request, Date.now()),
          ...(calibration !== undefined && { calibration }),
        };
        // Else an earlier try has claimed it in this moment: the next one finds its record.
        if (!(await records.claim(record, cancellationSignal()))) throw new Error(`job ${jobId} was claimed meanwhile`);
        await begin(record, batch);
        return memberOf(jobId);
      }
      const { record } = stored;
      const run = await describeRun(client, workflowId(jobId));
      const state = jobState(record, run);
      if (record.erasedAtMs !== null) return memberBy(record, run);
      const isRetry = again && ['parked', 'failed', 'cancelled'].includes(state);
      if (isRetry && (await usedUpBudgets.find(record.request.tenant, Date.now(), cancellationSignal())) !== null)
        return memberBy(record, run);
      if (run?.status === 'RUNNING') {
        if (again && state === 'parked') {
          if (await signal(jobId, 'retry', undefined)) await noteRetry(batchId, jobId);
          const outdatedMs = record.updatedAtMs;
          return { ...memberBy(record, run), state: 'running', needsPerson: false, outdatedMs };
        }
      } else if (run === null && state === 'queued') await begin(record, await readBatch(batchId));
      else if (again && (state === 'failed' || state === 'cancelled')) {
        await startAgain(record, start);
        await noteRetry(batchId, jobId);
      }
      return memberOf(jobId);
    },

    async awaitJobs({ members, pollMs }) {
      const seen = await listed(members.map(({ jobId }) => jobId));
      // A job may have come from one wait to another since, which Temporal's lists do not tell.
      const suspects = members.filter(
        ({ jobId, state, ...member }) =>
          state === 'waiting' || member.outdatedMs !== null || (seen.get(jobId) ?? null) !== member.seen,
      );
      const inTurn = bounded(READS_AT_ONCE);
      const looked = await Promise.all(
        suspects.map((member) => inTurn(() => memberAfter(member.jobId, member.outdatedMs ?? -Infinity))),
      );
      // Compared with what was known, and not with the list, which may have been behind.
      const changed = looked.filter(
        (member, index): member is Member => member !== null && !isDeepStrictEqual(member, suspects[index]),
      );
      if (changed.length === 0) throw notYet('JOBS_UNCHANGED', `none of ${members.length} jobs has changed`, pollMs);
      return changed;
    },

    async cancelJobs({ jobIds, cancel }) {
      const batchId = ownBatch();
      const by = byBatch(await readBatch(batchId));
      const inTurn = bounded(READS_AT_ONCE);
      const cancelOne = async (jobId: string): Promise<void> => {
        if (!(await signal(jobId, 'cancel', cancel))) return;
        await note(jobId, { operation: 'cancelJob', by, atMs: Date.now(), details: cancel });
      };
      await Promise.all(jobIds.map((jobId) => inTurn(() => cancelOne(jobId))));
    },

    async noteBatch({ batchId, change }) {
      await batches.change(
        batchId,
        (record) => ({ ...record, ...change, updatedAtMs: Date.now() }),
        cancellationSignal(),
      );
    },
  };
}

/** The batch whose workflow has scheduled this activity. */
const ownBatch = (): string => (activityInfo().workflowExecution?.workflowId ?? '').slice(batchWorkflowId('').length);

const memberBy = (record: JobRecord, run: JobRun | null): Member => {
  const state = jobState(record, run);
  return {
    jobId: record.jobId,
    state,
    needsPerson: needsPerson(state, record),
    seen: run === null ? null : seenOf(run),
    outdatedMs: null,
  };
};

const seenOf = ({ runId, status, state }: Pick<JobRun, 'runId' | 'status' | 'state'>): string =>
  [runId, status, state ?? 'queued'].join(' ');
