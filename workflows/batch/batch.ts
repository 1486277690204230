import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { completePolicy } from '../../contracts/job/policy';
import { continueInCurrentVersion, CurrentVersion } from '../current-version';
import { Inbox } from './inbox';
import type { BatchInput } from './input';
import { batchProxies } from './proxies';
import { BatchRun } from './run';

/**
 * Starts the jobs of a batch, so many at a time, looks after them until the last has ended, and sends one mail about
 * all of them. The jobs are no children of it: whatever becomes of the batch, each of them goes on.
 *
 * A job that fails, or that waits for a person, stops no other and holds no place. The signal `cancel` starts nothing
 * more and cancels what has not ended; then the run ends Canceled. `retry` starts again what has failed, is parked, was
 * cancelled or was never started; it also begins a new run of a batch that has ended.
 */
export async function batch(input: BatchInput): Promise<void> {
  const rootScope = CancellationScope.current();
  const run = BatchRun.of(input, new Inbox(rootScope));
  const version = new CurrentVersion();
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested || version.isAnother;
  const carried = await CancellationScope.nonCancellable(() => run.toItsEnd(isLong));
  if (carried !== null) await continueInCurrentVersion<typeof batch>({ ...input, carried });
  if (!run.isCancelled) return;
  // A run ends Canceled only after a request to the server: a cancel that came as a signal makes it now.
  const { runs } = batchProxies(input.deployment, completePolicy(input.policy));
  const { workflowId, runId } = workflowInfo();
  if (!rootScope.consideredCancelled)
    await CancellationScope.nonCancellable(() => runs.requestCancellation({ workflowId, runId }));
  await rootScope.cancelRequested;
}
