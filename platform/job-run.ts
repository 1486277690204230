import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowStartOptions,
} from '@temporalio/client';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow';
import { failureClass, isFailureCode } from '../contracts/job/failures';
import { runStatus, type JobRun, type PipelineInput } from '../contracts/job/run';
import { isWatchHeartbeat, type WatchHeartbeat } from '../contracts/stages/progress';
import type { JobRecord } from '../contracts/job/record';
import { parseRecord, UnreadableRecordError } from './record-store';
import { QUERY, taskQueue, WORKFLOW_TYPE } from '../contracts/job/temporal-names';
import { workflowId } from '../contracts/machines/names';
import { s3Uri } from '../contracts/storage/location';
import { presetKey, stateKey, tenantKey } from './temporal-client';

/** A worker answers in milliseconds; one that has to replay the run first in a second or two. */
const QUERY_DEADLINE_MS = 5000;
/** Temporal's limit for a summary is 200 bytes. */
const MAX_SUMMARY_CHARACTERS = 60;

/** Whether a job's run may begin beside, or after, the one that it has. */
const POLICIES = {
  /** A new job's only run: harmless when it was started before, whether or not it has ended. */
  first: { workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'REJECT_DUPLICATE' },
  /** Another run of an ended job. */
  again: { workflowIdConflictPolicy: 'FAIL', workflowIdReusePolicy: 'ALLOW_DUPLICATE' },
} as const satisfies Record<string, Partial<WorkflowStartOptions>>;

/** Starts a run of a job's workflow; its id, or null where the job has one that stands in the way. */
export async function startRun(
  client: Client,
  which: keyof typeof POLICIES,
  input: PipelineInput,
): Promise<string | null> {
  const { jobId, request } = input.record;
  const { preset, location, tenant, priority } = request;
  try {
    const { firstExecutionRunId } = await client.workflow.start(WORKFLOW_TYPE.pipeline, {
      ...POLICIES[which],
      workflowId: workflowId(jobId),
      taskQueue: taskQueue(input.deployment, 'control'),
      priority: { priorityKey: priority },
      args: [input],
      typedSearchAttributes: [
        { key: stateKey, value: 'queued' },
        { key: presetKey, value: preset },
        { key: tenantKey, value: tenant },
      ],
      staticSummary: `${preset} · ${shortened(s3Uri(location).slice('s3://'.length))}`,
    });
    return firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

const shortened = (text: string): string =>
  text.length <= MAX_SUMMARY_CHARACTERS ? text : `…${text.slice(1 - MAX_SUMMARY_CHARACTERS)}`;

/**
 * The newest run of a workflow, read without asking a worker. Null when Temporal says that there is no such workflow,
 * or not any more. Throws when Temporal does not answer.
 */
export async function describeRun(client: Client, workflowId: string): Promise<JobRun | null> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    const heartbeats = await watchHeartbeats(client, description);
    return {
      runId: description.runId,
      firstRunId: description.raw.workflowExecutionInfo?.firstRunId || null,
      status: runStatus(description.status.name),
      startedAtMs: description.startTime.getTime(),
      closedAtMs: description.closeTime?.getTime() ?? null,
      state: description.typedSearchAttributes.get(stateKey) ?? null,
      historyLength: description.historyLength,
      mayBeWriting: (description.raw.pendingActivities ?? []).length > heartbeats.length,
      heartbeats,
      obstacle: await obstacleOf(client, description),
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/**
 * The record that an open run of a job has in memory. Null where no worker answers in time, or no run is open: then
 * what is stored is all that is known.
 */
export async function recordInMemory(client: Client, jobId: string): Promise<JobRecord | null> {
  try {
    const handle = client.workflow.getHandle(workflowId(jobId));
    const record = await client.withDeadline(Date.now() + QUERY_DEADLINE_MS, () => handle.query<unknown>(QUERY.record));
    return parseRecord(jobId, record);
  } catch (error) {
    if (error instanceof UnreadableRecordError) throw error;
    return null;
  }
}

/** The newest heartbeat of each watch among the activities under way. */
async function watchHeartbeats(client: Client, { raw }: WorkflowExecutionDescription): Promise<WatchHeartbeat[]> {
  const converter = client.options.loadedDataConverter;
  const details = await Promise.all(
    (raw.pendingActivities ?? []).map(({ heartbeatDetails }) =>
      decodeArrayFromPayloads(converter, heartbeatDetails?.payloads),
    ),
  );
  return details.flat().filter(isWatchHeartbeat);
}

/** What an activity under way has met, which its job does not say itself: of a machine that is not to be had it does. */
async function obstacleOf(client: Client, { raw }: WorkflowExecutionDescription): Promise<JobRun['obstacle']> {
  for (const { lastFailure } of raw.pendingActivities ?? []) {
    const code = lastFailure?.applicationFailureInfo?.type;
    if (!isFailureCode(code) || failureClass(code) === 'capacity') continue;
    const error = await decodeOptionalFailureToOptionalError(client.options.loadedDataConverter, lastFailure);
    return { code, message: error?.message ?? '' };
  }
  return null;
}
