import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { batchWorkflowId, type BatchRecord } from '../../contracts/batch/record';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { SIGNAL, type CancelRequest } from '../../contracts/messages/signals';
import type { Config } from '../../platform/config';
import { describeRun } from '../../platform/job-run';
import { tenantKey } from '../../platform/temporal-client';
import type { BatchInput } from '../../workflows/batch/input';

/** What the server asks of Temporal about batches. Every call throws when Temporal does not answer. */
export interface BatchRuns {
  /** Starts a new batch's workflow; harmless when it was started before, whether or not it has ended. */
  start(batch: BatchRecord): Promise<void>;
  isOpen(batchId: string): Promise<boolean>;
  /** False when no run is open. */
  cancel(batchId: string, request: CancelRequest): Promise<boolean>;
  /** Tells the open run, or a new one. */
  retry(batch: BatchRecord): Promise<void>;
}

/** BatchRuns over a Temporal client. */
export function createTemporalBatchRuns(
  client: Client,
  { deployment, policy, publicUrl }: Pick<Config, 'deployment' | 'policy' | 'publicUrl'>,
): BatchRuns {
  const optionsOf = ({ batchId, tenant, concurrency, members }: BatchRecord) => {
    const input: BatchInput = { deployment, policy, publicUrl, batchId, concurrency };
    return {
      workflowId: batchWorkflowId(batchId),
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
      typedSearchAttributes: [{ key: tenantKey, value: tenant }],
      staticSummary: `${members.length} jobs, ${concurrency} at a time`,
    } satisfies WorkflowStartOptions;
  };

  return {
    async start(batch) {
      await client.workflow
        .start(WORKFLOW_TYPE.batch, {
          ...optionsOf(batch),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        })
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        });
    },

    isOpen: async (batchId) => (await describeRun(client, batchWorkflowId(batchId)))?.status === 'RUNNING',

    async cancel(batchId, request) {
      try {
        await client.workflow.getHandle(batchWorkflowId(batchId)).signal(SIGNAL.cancel, request);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    async retry(batch) {
      await client.workflow.signalWithStart(WORKFLOW_TYPE.batch, {
        ...optionsOf(batch),
        signal: SIGNAL.retry,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      });
    },
  };
}
