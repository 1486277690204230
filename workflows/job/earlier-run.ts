import { CancellationScope, sleep } from '@temporalio/workflow';
import { stoppedByJob, titleOf, type AttemptContext } from './attempt';
import { RentedMachine } from './rented-machine';

/**
 * Stops the machines that an earlier run of this job has left running, because it was terminated, waits for their end
 * and accounts for them: a retry never rents beside them. What one has completed meanwhile is there for its gate.
 */
export async function settleEarlierRun({
  job,
  activities,
  policy,
  logs,
}: Pick<AttemptContext, 'job' | 'activities' | 'policy' | 'logs'>): Promise<void> {
  const left = job.record.attempts.filter(({ status }) => status === 'Running');
  if (left.length === 0) return;
  const entering = job.change({ state: 'running', step: job.record.step });
  for (const line of left) {
    const title = `${titleOf(line)} of an earlier run`;
    const machine = new RentedMachine(line, title, activities, policy, logs);
    let last = await machine.stop();
    if (last.status === 'NotFound') {
      // A Create of the terminated run may be under way for as long as a call takes.
      await CancellationScope.nonCancellable(() => sleep(policy.callTimeoutMs, { summary: `Is there none: ${title}` }));
      last = await machine.stop();
    }
    job.noteAttempt(stoppedByJob(line, last));
  }
  await entering;
}
