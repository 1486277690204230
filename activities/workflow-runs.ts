import type { Client } from '@temporalio/client';

/** What needs a Temporal client. */
export function createWorkflowRunActivities({ client }: { readonly client: Client }) {
  return {
    /**
     * Asks the server to cancel a run. A run ends as Canceled only after such a request, so a cancel that came as a
     * signal goes through here too.
     */
    async requestCancellation({ workflowId, runId }: { workflowId: string; runId: string }): Promise<void> {
      await client.workflow.getHandle(workflowId, runId).cancel();
    },
  };
}

export type WorkflowRunActivities = ReturnType<typeof createWorkflowRunActivities>;
