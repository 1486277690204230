import { isCancellation, sleep } from '@temporalio/workflow';
import { failure, failureClass, type Failure } from '../../contracts/job/failures';
import { photoFit } from '../../contracts/photos/fit';
import { gate } from '../../contracts/stages/reports';
import { stageSettings } from '../../contracts/stages/options';
import { acceptedAttempt, acceptedParts, partsOf, type Attempt, type GateResult } from '../../contracts/job/record';
import { capacityPauseMs, machinesToTry } from '../../contracts/machines/choice';
import { afterMemoryFailures } from '../../contracts/machines/memory-ladder';
import { resumableAttempt, unjudgedAttempt } from '../../contracts/machines/resumption';
import type { Part, Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import { runAttempt, type AttemptContext, type AttemptPlan } from './attempt';
import type { Inbox } from './inbox';
import { errorOf, throwIfCancelled, toFailure } from './stage-failure';

export interface StageContext extends AttemptContext {
  readonly inbox: Inbox;
  /** Tells the person what the job's state is now. */
  readonly tell: () => Promise<void>;
}

/** Attempts that ended without a result, counted by the way in which the stage responds. */
interface Failures {
  platform: number;
  memory: number;
  lastOfMemory: Failure | null;
  runtime: number;
  capacity: number;
  /** Since when there has been no machine; null while there is one. */
  noMachineSinceMs: number | null;
}

/**
 * Runs one stage: all its open parts at once, each until an attempt is accepted. A part that fails for good leaves the
 * others to their end, since what they have cost is worth their results: a retry builds on them. Then its failure ends
 * the stage.
 */
export async function runStage(stage: Stage, context: StageContext): Promise<void> {
  const { job } = context;
  const open = partsOf(job.record, stage).filter((part) => acceptedAttempt(job.record, stage, part) === undefined);
  job.open(open);
  const runAndClose = async (part: Part): Promise<void> => {
    try {
      await runPart(stage, part, context);
    } finally {
      await job.close(part);
    }
  };
  const ends = await Promise.allSettled(open.map(runAndClose));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/**
 * Runs one part of a stage, or the stage for the whole scene: plan, attempt, gate. By the failure's class: `platform`
 * gets a new attempt (`policy.maxPlatformAttempts` in all), `capacity` waits for one (`policy.capacityWaitMs`) and
 * tries other instance types, `memory` gets one further down the ladder, `runtime` one from the checkpoint, once;
 * anything else ends the stage with its code.
 */
async function runPart(stage: Stage, part: Part, context: StageContext): Promise<void> {
  const { policy } = context;
  const failures: Failures = {
    platform: 0,
    memory: 0,
    lastOfMemory: null,
    runtime: 0,
    capacity: 0,
    noMachineSinceMs: null,
  };
  const unjudged = unjudgedAttempt(context.job.record, stage, part);
  if (unjudged !== null && (await judge(unjudged, context)) === null) return;
  for (;;) {
    throwIfCancelled();
    const plan = await planAttempt(stage, part, failures, context);
    const { line, why: noResult } = await runAttempt(plan, context).catch((error: unknown) => {
      throw plan.onLarger ? withoutLarger(error, failures) : error;
    });
    const why = noResult ?? (await judge(line, context));
    if (why === null) return;
    const kind = failureClass(why.code);
    if (kind !== 'capacity') failures.noMachineSinceMs = null;
    switch (kind) {
      case 'capacity':
        failures.capacity += 1;
        await waitForCapacity(plan, why, failures.capacity, context);
        break;
      case 'platform':
        failures.platform += 1;
        if (failures.platform >= policy.maxPlatformAttempts) throw errorOf(why);
        break;
      case 'memory':
        failures.memory += 1;
        failures.lastOfMemory = why;
        if (ladderStep(stage, failures.memory, context) === null) throw errorOf(why);
        break;
      case 'runtime':
        failures.runtime += 1;
        if (failures.runtime > 1 || (await checkpoint(stage, part, failures.memory, context)) === null)
          throw errorOf(why);
        break;
      case 'input':
      case 'stopped':
      case 'defect':
        throw errorOf(why);
    }
  }
}

async function planAttempt(stage: Stage, part: Part, failures: Failures, context: StageContext): Promise<AttemptPlan> {
  const { job, policy } = context;
  const step = ladderStep(stage, failures.memory, context);
  if (step === null) throw new Error('the stage continues only while the ladder has rungs');
  failures.noMachineSinceMs ??= Date.now();
  return {
    stage,
    part,
    settings: step.settings,
    memoryStep: failures.memory,
    onLarger: step.onLarger,
    machines: machinesToTry(STAGE[stage].machines[job.record.request.preset], failures.capacity, step.onLarger),
    resumedFrom: await checkpoint(stage, part, failures.memory, context),
    capacityUntilMs: failures.noMachineSinceMs + policy.capacityWaitMs,
  };
}

function ladderStep(
  stage: Stage,
  memoryFailures: number,
  { job }: StageContext,
): ReturnType<typeof afterMemoryFailures> {
  const { preset, options } = job.record.request;
  const hasLarger = STAGE[stage].machines[preset].larger !== null;
  return afterMemoryFailures(stage, stageSettings(preset, options)[stage], memoryFailures, hasLarger);
}

/** An account without the larger machine has run out of memory, and not of quota. */
function withoutLarger(error: unknown, { lastOfMemory }: Failures): unknown {
  if (isCancellation(error) || lastOfMemory === null) return error;
  const { code, message } = toFailure(error);
  return code === 'QUOTA_ZERO'
    ? errorOf(failure(lastOfMemory.code, `${lastOfMemory.message}; a larger machine cannot be rented: ${message}`))
    : error;
}

/** The attempt whose checkpoint the next one resumes from; null where it starts anew. */
async function checkpoint(
  stage: Stage,
  part: Part,
  memoryStep: number,
  { job, activities }: StageContext,
): Promise<number | null> {
  const attempt = resumableAttempt(job.record, stage, part, memoryStep);
  if (attempt === null) return null;
  return (await activities.artifacts.hasCheckpoint({ jobId: job.record.jobId, stage, part, attempt })) ? attempt : null;
}

async function waitForCapacity(
  { stage, part, capacityUntilMs }: AttemptPlan,
  why: Failure,
  times: number,
  { job, policy }: StageContext,
): Promise<void> {
  if (Date.now() >= capacityUntilMs) throw errorOf(failure('NO_MACHINE_IN_TIME', why.message));
  const pauseMs = capacityPauseMs(STAGE[stage].machines[job.record.request.preset], times, policy.capacityRetryMs);
  if (pauseMs === 0) return;
  await job.wait(stage, { for: 'capacity', message: why.message, untilMs: capacityUntilMs }, part);
  await sleep(pauseMs, { summary: `${why.code}: next attempt` });
}

/** Whether a completed attempt may be built on: null, or why not. A person is asked where the gate leaves it open. */
async function judge(line: Attempt, context: StageContext): Promise<Failure | null> {
  const { job, activities } = context;
  const { stage, part, attempt, jobName } = line;
  const { jobId, request } = job.record;
  const report = await activities.artifacts
    .readReport({ jobId, stage, part, attempt, jobName })
    .catch((error: unknown) => {
      if (!isCancellation(error)) {
        const { code, message } = toFailure(error);
        job.noteAttempt({ ...line, failure: { code, message } });
      }
      throw error;
    });
  const { verdict, failure: why } = gate(report, {
    settings: stageSettings(request.preset, request.options)[stage],
    earlier: (from) => (acceptedParts(job.record, from) ?? []).map(({ metrics }) => metrics),
  });
  const result: GateResult = {
    stage,
    part,
    attempt,
    verdict,
    failure: why,
    atMs: Date.now(),
    ...(stage === 'sfm' && why !== null && { fit: photoFit(report.metrics) }),
    acceptedBy: null,
  };
  job.noteGate(result);
  if (why !== null && (verdict === 'rejected' || !(await job.ask(() => acceptedByPerson(result, why, context))))) {
    job.noteAttempt({ ...line, failure: { code: why.code, message: why.message } });
    return why;
  }
  job.noteAccepted({ stage, part, attempt, jobName, metrics: report.metrics });
  return null;
}

/** Asks, and waits for the answer as long as a failed job would wait for a retry. */
async function acceptedByPerson(
  result: GateResult,
  why: Failure,
  { job, inbox, tell }: StageContext,
): Promise<boolean> {
  const windowMs = job.record.request.retryWindowSeconds * 1000;
  if (windowMs === 0) return false;
  const waiting = { for: 'decision', message: why.message, untilMs: Date.now() + windowMs } as const;
  await job.wait(result.stage, waiting, result.part);
  await tell();
  const accept = await inbox.takeAccept(windowMs);
  if (accept === null) return false;
  job.noteGate({ ...result, acceptedBy: { by: accept.by, atMs: Date.now() } });
  return true;
}
