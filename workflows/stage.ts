import { CancellationScope, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { JobOutcome } from '../activities/compute-jobs';
import type { JobSpec } from '../activities/job-requests';
import { failure, failureClass, type Failure } from '../contracts/failures';
import { gate } from '../contracts/gates';
import { stageSettings } from '../contracts/job-options';
import { computeJobName } from '../contracts/job-names';
import type { Attempt } from '../contracts/job-record';
import type { PipelineInput } from '../contracts/pipeline';
import { PRESET } from '../contracts/presets';
import { settingsAfterMemoryFailures } from '../contracts/memory-ladder';
import { costUsd } from '../contracts/prices';
import { layout } from '../contracts/s3-layout';
import type { StageSettings } from '../contracts/stage-settings';
import { STAGE_TITLE, type Stage } from '../contracts/stages';
import type { ActivityProxies } from './activity-proxies';
import type { Job } from './job';
import { failed, throwIfCancelled, toFailure } from './stage-failure';

type StageContext = Pick<PipelineInput, 'deployment' | 'policy'> & { readonly job: Job; readonly activities: ActivityProxies };

/**
 * Runs one stage until an attempt is accepted: submit, watch, read the report, apply the gate, add to the ledger.
 * By the failure's class: `platform` gets a new attempt (`policy.maxPlatformAttempts` in all), `capacity` waits for
 * one however long, `memory` gets one with smaller settings as long as the ladder has rungs; anything else ends the
 * stage with its code.
 * When cancelled, the SageMaker job is stopped at once and its end is waited for; then the cancellation goes on.
 */
export async function runStage(stage: Stage, context: StageContext): Promise<void> {
  const { job, policy } = context;
  let platformFailures = 0;
  let memoryStep = 0;
  for (;;) {
    throwIfCancelled();
    const { request } = job.record;
    const asked = stageSettings(request.preset, request.options)[stage];
    const settings = settingsAfterMemoryFailures(stage, asked, memoryStep) ?? asked;
    const why = await runAttempt(stage, settings, memoryStep, context);
    if (why === null) return;
    switch (failureClass(why.code)) {
      case 'capacity':
        await job.enter('waiting', stage);
        await sleep(policy.capacityRetryMs, { summary: `${why.code}: next attempt` });
        break;
      case 'platform':
        platformFailures += 1;
        if (platformFailures >= policy.maxPlatformAttempts) throw failed(why);
        break;
      case 'memory':
        memoryStep += 1;
        if (settingsAfterMemoryFailures(stage, asked, memoryStep) === null) throw failed(why);
        break;
      case 'input':
      case 'stopped':
      case 'defect':
        throw failed(why);
    }
  }
}

/** One attempt: null when its result is accepted, else why not. */
async function runAttempt(stage: Stage, settings: StageSettings[Stage], memoryStep: number, context: StageContext): Promise<Failure | null> {
  const { job, activities, policy } = context;
  const { request } = job.record;
  const spec = jobSpec(stage, context);
  const jobName = computeJobName(spec);
  const summary = `${STAGE_TITLE[stage]} on ${spec.machine.instanceType}, attempt ${spec.attempt}`;
  const line: Attempt = {
    stage,
    attempt: spec.attempt,
    jobName,
    instanceType: spec.machine.instanceType,
    status: 'Running',
    failure: null,
    startedAtMs: null,
    endedAtMs: null,
    billedSeconds: 0,
    costUsd: 0,
    options: request.options,
    memoryStep,
  };
  // In the ledger before the machine exists: no later run can take the same number for another machine.
  await job.account(line, { state: 'running', step: stage });

  const watchInput = { stage, jobName, pollIntervalMs: policy.pollIntervalMs };
  let watching: Promise<JobOutcome> | null = null;
  // Never cancelled: only the terminal status proves that the machine is off.
  const watch = (): Promise<JobOutcome> =>
    (watching ??= CancellationScope.nonCancellable(() =>
      activities.watch.watchJob.executeWithOptions({ summary: `Watch: ${summary}` }, [watchInput]),
    ));
  let outcome: JobOutcome;
  try {
    await activities.compute.submitJob.executeWithOptions({ summary: `Submit: ${summary}` }, [
      { ...spec, settings, capacityRetryMs: policy.capacityRetryMs },
    ]);
    outcome = await Promise.race([watch(), CancellationScope.current().cancelRequested]);
  } catch (error) {
    if (!isCancellation(error)) {
      await job.account({ ...line, status: 'Failed', failure: toFailure(error) });
      throw error;
    }
    await CancellationScope.nonCancellable(async () => {
      // Stop at once, whoever watches and wherever the watch queue stands; then wait for the end.
      const stop = activities.compute.stopJob.executeWithOptions({ summary: `Stop: ${summary}` }, [{ stage, jobName }]);
      await Promise.all([stop, job.enter('cancelling', stage)]);
      const last = await watch();
      await job.account(ended(line, last.status === 'NotFound' ? { ...last, status: 'Stopped' } : last));
    });
    throw error;
  }
  job.note(ended(line, outcome));
  if (outcome.status !== 'Completed') {
    await job.change({});
    const { code, message } = outcome.failure ?? { code: 'PLATFORM_ERROR' as const, message: 'SageMaker does not know the job any more' };
    return failure(code, message);
  }
  const report = await activities.artifacts.readReport({ jobId: spec.jobId, stage, attempt: spec.attempt, jobName });
  const rejected = gate(report, request.preset, { gaussians: job.record.accepted.training?.metrics.gaussians });
  if (rejected === null) await job.change({ accepted: { ...job.record.accepted, [stage]: { attempt: spec.attempt, jobName, metrics: report.metrics } } });
  else await job.account({ ...ended(line, outcome), failure: rejected });
  return rejected;
}

function ended(line: Attempt, outcome: JobOutcome): Attempt {
  const { status, failure: why, startedAtMs, endedAtMs, billedSeconds } = outcome;
  return {
    ...line,
    status: status === 'NotFound' ? 'Failed' : status, // it was created, and SageMaker has lost it
    failure: why,
    startedAtMs,
    endedAtMs,
    billedSeconds,
    costUsd: costUsd(line.instanceType, billedSeconds),
  };
}

function jobSpec(stage: Stage, { job, deployment }: StageContext): JobSpec {
  const { jobId, request, accepted } = job.record;
  const folder = (from: 'sfm' | 'training'): string | undefined => {
    const done = accepted[from];
    return done === undefined ? undefined : layout.artifactFolder(jobId, from, done.attempt, done.jobName);
  };
  return {
    deployment,
    jobId,
    stage,
    attempt: job.nextAttempt(stage),
    runId: workflowInfo().firstExecutionRunId,
    machine: PRESET[request.preset].machines[stage],
    inputs: { sfmFolder: stage === 'training' ? folder('sfm') : undefined, modelFolder: stage === 'compression' ? folder('training') : undefined },
  };
}
