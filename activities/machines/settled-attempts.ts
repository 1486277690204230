import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { Attempt } from '../../contracts/job/record';
import { billOf } from '../../contracts/machines/prices';
import { STAGE } from '../../contracts/stages/stages';
import { describeMachineJob } from './described-machine-job';
import { explainEnd } from './sagemaker-errors';

/** A ledger in which every line is final, or the lines whose machines still run. */
export type Settlement =
  | { readonly settled: true; readonly attempts: readonly Attempt[] }
  | { readonly settled: false; readonly running: readonly Attempt[] };

/** Asks SageMaker how each attempt ended that the ledger still calls running: status, reason, seconds, cost. */
export async function settleAttempts(
  sagemaker: SageMakerClient,
  ledger: readonly Attempt[],
  abortSignal: AbortSignal,
): Promise<Settlement> {
  const attempts: Attempt[] = [];
  const running: Attempt[] = [];
  for (const attempt of ledger) {
    const last = attempt.status === 'Running' ? await settle(sagemaker, attempt, abortSignal) : attempt;
    (last.status === 'Running' ? running : attempts).push(last);
  }
  return running.length > 0 ? { settled: false, running } : { settled: true, attempts };
}

async function settle(sagemaker: SageMakerClient, attempt: Attempt, abortSignal: AbortSignal): Promise<Attempt> {
  const job = await describeMachineJob(sagemaker, STAGE[attempt.stage].kind, attempt.jobName, abortSignal);
  // A line is written before its machine is asked for: this one never was.
  if (job === null) return { ...attempt, status: 'Stopped' };
  const { status, startedAtMs, endedAtMs, billedSeconds, machineSeconds } = job;
  if (status === 'InProgress' || status === 'Stopping') return attempt;
  const instanceType = job.instanceType || attempt.instanceType;
  return {
    ...attempt,
    instanceType,
    status,
    failure: status === 'Completed' ? null : explainEnd({ ...job, status, ranSeconds: billedSeconds }),
    startedAtMs,
    endedAtMs,
    ...billOf(instanceType, billedSeconds, machineSeconds),
  };
}
