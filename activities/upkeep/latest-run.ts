import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { workflowId } from '../../contracts/machines/names';
import { runStatus, type RunStatus } from '../../contracts/job/run-end';

/** The newest run of a job's workflow; at most one run of a job is open, and then it is this one. */
export interface LatestRun {
  readonly runId: string;
  /** Of the chain that this run belongs to: what its SageMaker jobs are tagged with. Null where the server does not tell. */
  readonly firstRunId: string | null;
  readonly status: RunStatus;
  readonly closedAtMs: number | null;
}

/** Null when Temporal says that there is no such workflow, or not any more. Throws when it says nothing. */
export async function latestRun(client: Client, jobId: string): Promise<LatestRun | null> {
  try {
    const { runId, status, closeTime, raw } = await client.workflow.getHandle(workflowId(jobId)).describe();
    return {
      runId,
      firstRunId: raw.workflowExecutionInfo?.firstRunId || null,
      status: runStatus(status.name),
      closedAtMs: closeTime?.getTime() ?? null,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
