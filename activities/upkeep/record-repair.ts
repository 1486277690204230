import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { cancellationSignal, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { failure, type Failure } from '../../contracts/job/failures';
import { workflowId } from '../../contracts/machines/names';
import type { JobRecord } from '../../contracts/job/record';
import { parseRecord } from '../../platform/record-store';
import { isFinal } from '../../contracts/job/state';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { afterReset, endedFromOutside, isBeforeReset, STATE_OF_CLOSED, type JobRun } from '../../contracts/job/run';
import { describeRun, recordInMemory } from '../../platform/job-run';
import type { RecordStore, StoredRecord } from '../../platform/record-store';
import { isOfDeployment, walkRecords, type RecordWalk } from './record-walk';
import { BY_UPKEEP, type NoteDeed } from '../deeds';
import { settleAttempts } from '../machines/settled-attempts';

export interface RecordRepairDeps {
  readonly records: RecordStore;
  readonly sagemaker: SageMakerClient;
  readonly client: Client;
  readonly note: NoteDeed;
}

export interface RecordRepairInput {
  readonly deployment: string;
  /** Records that were written, and runs that were closed, a shorter time ago are left alone. */
  readonly minAgeMs: number;
  /** A job that was claimed so long ago and never started has failed. */
  readonly unstartedAgeMs: number;
}

/** Records that are not what their job's workflow knows: it ended without writing how, or was reset. */
export interface RecordRepairActivities {
  /**
   * Completes each record that has no end, or has attempts without one, although no run of its workflow is open: state
   * and reason by how the run ended, attempts by what SageMaker says of them. A job whose machine still runs is left
   * to the next round; a record that changes meanwhile is left as it is.
   *
   * Before that it writes the record of each open run that a reset has made: such a run writes nothing of what it has
   * taken over, and the stored record is that of another run until it comes to its next change.
   */
  repairRecords(input: RecordRepairInput): Promise<RecordWalk>;
}

export function createRecordRepairActivities({
  records,
  sagemaker,
  client,
  note,
}: RecordRepairDeps): RecordRepairActivities {
  async function repair(stored: StoredRecord, input: RecordRepairInput, abortSignal: AbortSignal): Promise<boolean> {
    const { record } = stored;
    const nowMs = Date.now();
    if (!lacksAnEnd(record) || nowMs - record.updatedAtMs < input.minAgeMs || !isOfDeployment(record, input.deployment))
      return false;
    const run = await describeRun(client, workflowId(record.jobId));
    if (!isOver(run, record, nowMs, input)) return false;
    const settlement = await settleAttempts(sagemaker, record.attempts, abortSignal);
    if (!settlement.settled) return false;
    const attempts = settlement.attempts;
    const repaired = isFinal(record.state) ? { ...record, attempts } : await ended({ ...record, attempts }, run, nowMs);
    // A retry may have begun while we asked: its run writes the record from now on.
    if ((await describeRun(client, workflowId(record.jobId)))?.status === 'RUNNING') return false;
    if ((await records.replace(stored, repaired, abortSignal)) === null) return false;
    log.warn('completed the record of a job that had ended without one', {
      jobId: record.jobId,
      from: record.state,
      to: repaired.state,
    });
    const details = { from: record.state, to: repaired.state };
    await note(record.jobId, { operation: 'completeRecord', by: BY_UPKEEP, atMs: nowMs, details });
    return true;
  }

  /** The record with the end that its run had; a run that completed has the whole record as its result. */
  async function ended(record: JobRecord, run: JobRun | null, nowMs: number): Promise<JobRecord> {
    if (run?.status === 'COMPLETED')
      return parseRecord(record.jobId, await client.workflow.getHandle(workflowId(record.jobId), run.runId).result());
    const state = run === null || run.status === 'RUNNING' ? 'failed' : STATE_OF_CLOSED[run.status];
    const endedAtMs = run?.closedAtMs ?? nowMs;
    const why = run === null ? neverStartedOrForgotten(record) : endedFromOutside(run.status);
    return {
      ...record,
      state,
      updatedAtMs: nowMs,
      endedAtMs,
      failure: state === 'failed' ? (record.failure ?? why) : null,
      cancelled:
        state === 'cancelled'
          ? (record.cancelled ?? { reason: 'cancelled in Temporal', by: 'Temporal', atMs: endedAtMs })
          : record.cancelled,
      waiting: null,
      pauseRequested: false,
      parkedUntilMs: null,
    };
  }

  /** Ids of the jobs whose records are those of their open runs again. */
  async function saveRecordsOfResets({ deployment }: RecordRepairInput, abortSignal: AbortSignal): Promise<string[]> {
    const saved: string[] = [];
    const open = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue(deployment, 'control')}'`;
    for await (const { workflowId: id } of client.workflow.list({
      query: `WorkflowType = '${WORKFLOW_TYPE.pipeline}' AND ${open}`,
    })) {
      const jobId = id.slice(workflowId('').length);
      const stored = await records.read(jobId, abortSignal).catch((error: unknown) => {
        log.warn('a record could not be read', { jobId, error });
        return null;
      });
      const run = stored === null ? null : await describeRun(client, id);
      if (stored === null || !isBeforeReset(stored.record, run)) continue;
      const known = await recordInMemory(client, jobId);
      if (known === null || (await records.replace(stored, afterReset(known, run), abortSignal)) === null) continue;
      log.warn('wrote the record of a job whose workflow was reset', { jobId, state: known.state });
      saved.push(jobId);
    }
    return saved;
  }

  return {
    async repairRecords(input) {
      const abortSignal = cancellationSignal();
      const saved = await saveRecordsOfResets(input, abortSignal);
      const walk = await walkRecords(records, (stored) => repair(stored, input, abortSignal));
      return { ...walk, changed: walk.changed + saved.length, jobIds: [...saved, ...walk.jobIds] };
    },
  };
}

const lacksAnEnd = ({ state, attempts, erasedAtMs }: JobRecord): boolean =>
  erasedAtMs === null && (!isFinal(state) || attempts.some(({ status }) => status === 'Running'));

/** Whether no run of the job is open, nor was a moment ago: a call that was under way may still have its effect. */
function isOver(
  run: JobRun | null,
  { state, updatedAtMs }: JobRecord,
  nowMs: number,
  { minAgeMs, unstartedAgeMs }: RecordRepairInput,
): boolean {
  if (run === null) return state !== 'queued' || nowMs - updatedAtMs >= unstartedAgeMs;
  return run.status !== 'RUNNING' && run.closedAtMs !== null && nowMs - run.closedAtMs >= minAgeMs;
}

const neverStartedOrForgotten = ({ state }: JobRecord): Failure =>
  failure(
    'INTERNAL_ERROR',
    state === 'queued'
      ? 'the job was accepted and never started'
      : 'Temporal does not know the workflow of this job any more, and it had not written its end',
  );
