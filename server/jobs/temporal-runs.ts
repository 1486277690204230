import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { workflowId } from '../../contracts/machines/names';
import { LOCAL_TENANT, type JobRecord } from '../../contracts/job/record';
import { isJobState, type JobState } from '../../contracts/job/state';
import { SIGNAL, type SignalName } from '../../contracts/messages/signals';
import { SEARCH_ATTRIBUTE, WORKFLOW_TYPE, erasureWorkflowId, taskQueue } from '../../contracts/job/temporal-names';
import type { ErasureInput } from '../../workflows/erasure/input';
import { runStatus, type PipelineInput } from '../../contracts/job/run';
import type { Config } from '../../platform/config';
import { describeRun, recordInMemory, startRun } from '../../platform/job-run';
import { presetKey, stageKey, stateKey, tenantKey } from '../../platform/temporal-client';
import type { Delivery, ErasureRun, JobRuns, TenantRun } from './runs';

/** An update waits for a worker. After this long it is sent as a signal, which does not. */
const UPDATE_DEADLINE_MS = 3000;
/** Temporal's own limit of a page of a list (`frontend.visibilityMaxPageSize`). */
const MAX_PAGE = 1000;
const SECONDS_PER_DAY = 24 * 3600;

type RunsConfig = Pick<Config, 'deployment' | 'policy' | 'publicUrl'>;

const WORKFLOW_ID_PREFIX = workflowId('');
const ERASURE_ID_PREFIX = erasureWorkflowId('');

/** JobRuns over a Temporal client. */
export function createTemporalJobRuns(client: Client, { deployment, policy, publicUrl }: RunsConfig): JobRuns {
  const controlQueue = taskQueue(deployment, 'control');

  const inputOf = (record: JobRecord): PipelineInput => ({ deployment, record, policy, publicUrl });

  /** The newest run of each job that the conditions hold for, newest first. */
  const listRuns = async (conditions: readonly string[], limit: number): Promise<TenantRun[]> => {
    const query = [`WorkflowType = '${WORKFLOW_TYPE.pipeline}'`, `TaskQueue = '${controlQueue}'`, ...conditions];
    const runs = new Map<string, TenantRun>();
    for await (const info of client.workflow.list({
      query: query.join(' AND '),
      pageSize: Math.min(limit, MAX_PAGE),
    })) {
      const jobId = info.workflowId.slice(WORKFLOW_ID_PREFIX.length);
      const known = runs.get(jobId);
      if (known === undefined && runs.size === limit) break;
      // An earlier run of a retried job.
      if (known !== undefined && known.startedAtMs > info.startTime.getTime()) continue;
      runs.set(jobId, {
        jobId,
        tenant: info.typedSearchAttributes.get(tenantKey) ?? LOCAL_TENANT,
        status: runStatus(info.status.name),
        startedAtMs: info.startTime.getTime(),
        state: info.typedSearchAttributes.get(stateKey) ?? null,
        stage: info.typedSearchAttributes.get(stageKey) ?? null,
        preset: info.typedSearchAttributes.get(presetKey) ?? null,
      });
    }
    return [...runs.values()].sort((a, b) => b.startedAtMs - a.startedAtMs);
  };

  /** Sends an update; as a signal of the same name and payload where no worker takes the update in time. */
  const send = async (jobId: string, name: SignalName, payload: unknown): Promise<Delivery> => {
    const handle = client.workflow.getHandle(workflowId(jobId));
    try {
      const answer = await client.withDeadline(Date.now() + UPDATE_DEADLINE_MS, () =>
        handle.executeUpdate<unknown, [unknown]>(SIGNAL[name], { args: [payload] }),
      );
      return { kind: 'accepted', state: answeredState(answer) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
      if (error instanceof WorkflowUpdateFailedError)
        return { kind: 'rejected', message: error.cause?.message ?? error.message };
      if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error;
    }
    try {
      await handle.signal(SIGNAL[name], payload);
      return { kind: 'delivered' };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
      throw error;
    }
  };

  return {
    start: (record) => startRun(client, 'first', inputOf(record)),

    startAgain: async (record) => (await startRun(client, 'again', inputOf(record))) !== null,

    describe: (jobId) => describeRun(client, workflowId(jobId)),

    record: (jobId) => recordInMemory(client, jobId),

    recent: ({ endedAfterMs, limit, queuedAfterMs }) =>
      listRuns(
        [openOrEndedAfter(endedAfterMs), ...(queuedAfterMs === undefined ? [] : [busyOrSince(queuedAfterMs)])],
        limit,
      ),

    async recentErasures(endedAfterMs) {
      const conditions = [
        `WorkflowType = '${WORKFLOW_TYPE.erasure}'`,
        `TaskQueue = '${controlQueue}'`,
        openOrEndedAfter(endedAfterMs),
      ];
      const erasures: ErasureRun[] = [];
      for await (const info of client.workflow.list({ query: conditions.join(' AND '), pageSize: MAX_PAGE }))
        erasures.push({
          jobId: info.workflowId.slice(ERASURE_ID_PREFIX.length),
          startedAtMs: info.startTime.getTime(),
          status: runStatus(info.status.name),
        });
      return erasures;
    },

    send,

    async erase({ jobId, request }) {
      const input: ErasureInput = { deployment, policy, jobId, location: request.location };
      await client.workflow.start(WORKFLOW_TYPE.erasure, {
        workflowId: erasureWorkflowId(jobId),
        taskQueue: controlQueue,
        args: [input],
        staticSummary: `Erase job ${jobId}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    },

    async isErasing(jobId) {
      return (await describeRun(client, erasureWorkflowId(jobId)))?.status === 'RUNNING';
    },

    async retentionDays() {
      const { config } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
      return Math.round(Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / SECONDS_PER_DAY);
    },

    async check(deadlineMs) {
      await client.withDeadline(deadlineMs, () => client.workflowService.getSystemInfo({}));
    },
  };
}

const openOrEndedAfter = (ms: number): string =>
  `(ExecutionStatus = 'Running' OR CloseTime > '${new Date(ms).toISOString()}')`;

const busyOrSince = (ms: number): string =>
  `(${SEARCH_ATTRIBUTE.state} != 'queued' OR StartTime > '${new Date(ms).toISOString()}' OR ExecutionStatus != 'Running')`;

/** Updates answer with the state that follows; what a workflow of another version answers is not ours to judge. */
function answeredState(answer: unknown): JobState | null {
  const { state } = (answer ?? {}) as { state?: unknown };
  return isJobState(state) ? state : null;
}
