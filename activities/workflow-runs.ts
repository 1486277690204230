import type { Client } from '@temporalio/client';

/** What needs a Temporal client. */
export interface WorkflowRunActivities {
  /**
   * Asks the server to cancel a run. A run ends as Canceled only after such a request, so a cancel that came as a
   * signal goes through here too.
   */
  requestCancellation(run: { readonly workflowId: string; readonly runId: string }): Promise<void>;
}

export function createWorkflowRunActivities({ client }: { readonly client: Client }): WorkflowRunActivities {
  return {
    async requestCancellation({ workflowId, runId }) {
      await client.workflow.getHandle(workflowId, runId).cancel();
    },
  };
}
