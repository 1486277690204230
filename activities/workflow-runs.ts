import type { Client } from '@temporalio/client';
import { JOB_ID_PATTERN } from '../contracts/machines/names';
import { CHANNELS, deliveryWorkflowId } from '../contracts/messages/notifications';
import { WORKFLOW_TYPE } from '../contracts/job/temporal-names';

/** Activities on runs of workflows. */
export interface WorkflowRunActivities {
  /**
   * Asks the server to cancel a run. A run ends as Canceled only after such a request, so a cancel that came as a
   * signal goes through here too.
   */
  requestCancellation(run: { readonly workflowId: string; readonly runId: string }): Promise<void>;
  /** Cancels the notifications of a job that are still being tried; they hold its address. Returns their number. */
  cancelDeliveries(job: { readonly jobId: string }): Promise<number>;
}

export function createWorkflowRunActivities({ client }: { readonly client: Client }): WorkflowRunActivities {
  return {
    async requestCancellation({ workflowId, runId }) {
      await client.workflow.getHandle(workflowId, runId).cancel();
    },

    async cancelDeliveries({ jobId }) {
      if (!JOB_ID_PATTERN.test(jobId)) throw new RangeError(`not a job id: ${jobId}`);
      const ids = CHANNELS.map((channel) => `WorkflowId STARTS_WITH '${deliveryWorkflowId(channel, jobId)}-'`);
      const type = `WorkflowType = '${WORKFLOW_TYPE.delivery}'`;
      const query = `${type} AND ExecutionStatus = 'Running' AND (${ids.join(' OR ')})`;
      let cancelled = 0;
      for await (const { workflowId, runId } of client.workflow.list({ query })) {
        await client.workflow.getHandle(workflowId, runId).cancel();
        cancelled += 1;
      }
      return cancelled;
    },
  };
}
