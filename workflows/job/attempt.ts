import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { InputFolder } from '../../activities/machines/create-requests';
import type { MachineJobOutcome, SubmitInput } from '../../activities/machines/machine-jobs';
import { allowance, budgetMessage, type Allowance } from '../../contracts/job/budget';
import { failure, failureClass, type Failure } from '../../contracts/job/failures';
import { machineJobName } from '../../contracts/machines/names';
import { acceptedParts, nextAttempt, type Attempt } from '../../contracts/job/record';
import type { StageMachine } from '../../contracts/machines/choice';
import { capacityOf } from '../../contracts/machines/capacity';
import { billOf } from '../../contracts/machines/prices';
import { layout } from '../../contracts/storage/layout';
import type { StageSettings } from '../../contracts/generated/settings';
import type { Part, Stage } from '../../contracts/stages/stage';
import { STAGE } from '../../contracts/stages/stages';
import type { PipelineInput } from './input';
import type { AttemptLogs } from './attempt-logs';
import type { ActivityProxies } from './proxies';
import type { Job } from './job';
import { RentedMachine } from './rented-machine';
import { errorOf, toFailure } from './stage-failure';

export type AttemptContext = Pick<PipelineInput, 'deployment' | 'policy'> & {
  readonly job: Job;
  readonly activities: ActivityProxies;
  readonly logs: AttemptLogs;
};

/** How one attempt is to be made. */
export interface AttemptPlan {
  readonly stage: Stage;
  readonly part: Part;
  readonly settings: StageSettings[Stage];
  readonly memoryStep: number;
  /** Whether this is the last rung of the memory ladder: a larger machine. */
  readonly onLarger: boolean;
  /** In the order in which they are asked for. */
  readonly machines: readonly StageMachine[];
  /** The earlier attempt whose checkpoints it resumes from. */
  readonly resumedFrom: number | null;
  /** When the waiting for a machine ends; milliseconds since 1970. */
  readonly capacityUntilMs: number;
}

/** A machine with what the job's limits let it run. */
type AllowedMachine = StageMachine & Allowance;

/**
 * Makes one attempt: submit, watch, account. When cancelled, or at a limit of the budget, the machine is stopped at
 * once and its end is waited for; a cancellation is then thrown again. Throws failures that no further attempt could
 * mend. Returns its line in the ledger, and why it has no result (null when it has one).
 */
export async function runAttempt(
  plan: AttemptPlan,
  context: AttemptContext,
): Promise<{ line: Attempt; why: Failure | null }> {
  const { stage } = plan;
  const { job, activities, policy, logs } = context;
  const machines = allowedMachines(plan, context);
  const [first] = machines;
  const spec = submission(plan, machines, context);
  let line = newLine(plan, spec, first, context);
  // In the ledger before the machine exists: no later run can take the same number for another machine.
  await job.work(line);

  const machine = new RentedMachine({ stage, jobName: line.jobName }, titleOf(line), activities, policy, logs);
  try {
    const { instanceType } = await obtain(machine, spec, plan, context);
    const rented = machines.find((allowed) => allowed.instanceType === instanceType) ?? first;
    const asPlanned = rented === first && job.record.state === 'running';
    line = { ...line, instanceType, maxRuntimeSeconds: rented.maxRuntimeSeconds };
    if (!asPlanned) await job.work(line);

    const { boundBy, maxRuntimeSeconds } = rented;
    // Of a spot machine nobody but AWS knows how long it was there: its MaxRuntimeInSeconds is the limit.
    const isWatched = boundBy !== null && line.capacity !== 'spot';
    const watched = await machine.watch(isWatched ? maxRuntimeSeconds - policy.stopMarginMs / 1000 : null);
    const outcome = watched.status === 'AtLimit' ? await machine.stop() : watched;
    line = endedLine(line, outcome);
    job.noteAttempt(line);
    if (outcome.status === 'Completed') return { line, why: null };
    const atLimit = watched.status === 'AtLimit' || outcome.failure?.code === 'MAX_RUNTIME_EXCEEDED';
    const { code, message } = outcome.failure ?? {
      code: 'PLATFORM_ERROR',
      message: 'SageMaker does not know the job any more',
    };
    const why =
      boundBy !== null && atLimit
        ? failure('BUDGET_EXCEEDED', budgetMessage(job.record, boundBy))
        : failure(code, message);
    line = { ...line, failure: { code: why.code, message: why.message } };
    job.noteAttempt(line);
    return { line, why };
  } catch (error) {
    if (isCancellation(error)) {
      const [last] = await Promise.all([machine.stop(), job.change({ state: 'cancelling', step: stage })]);
      job.noteAttempt(stoppedByJob(line, last));
      throw error;
    }
    const why = toFailure(error);
    // A submit that ran out of time may have created one; a refused one has not, and NOT_OURS is not ours to stop.
    const outOfTime = failureClass(why.code) === 'platform' || why.code === 'NO_MACHINE_IN_TIME';
    const last = outOfTime ? await machine.stop() : null;
    const settled = last === null || last.status === 'NotFound' ? line : endedLine(line, last);
    job.noteAttempt({ ...settled, status: 'Failed', failure: { code: why.code, message: why.message } });
    throw error;
  }
}

/** Rents a machine, and waits for one up to the plan's limit. */
async function obtain(
  machine: RentedMachine,
  spec: ReturnType<typeof submission>,
  plan: AttemptPlan,
  { job }: AttemptContext,
): Promise<{ instanceType: string }> {
  const submitted = await machine.submit(spec);
  if (submitted.created) return submitted;
  const { message } = submitted.refusal;
  await job.wait(plan.stage, { for: 'capacity', message, untilMs: plan.capacityUntilMs }, plan.part);
  const later = await machine.submit(spec, Math.max(1, plan.capacityUntilMs - Date.now())).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    const why = toFailure(error);
    const timeIsUp = ['capacity', 'platform'].includes(failureClass(why.code));
    throw errorOf(timeIsUp ? failure('NO_MACHINE_IN_TIME', message) : why);
  });
  if (!later.created) throw new Error('a submit that waits ends only with a machine');
  return later;
}

/** The plan's machines that the job's limits leave enough for; throws BUDGET_EXCEEDED when there is none. */
function allowedMachines(
  { stage, machines }: AttemptPlan,
  { job, policy }: AttemptContext,
): [AllowedMachine, ...AllowedMachine[]] {
  const all = machines.map((machine) => ({
    ...machine,
    ...allowance(job.record, stage, machine.instanceType, machine.maxRuntimeSeconds),
  }));
  const [first, ...others] = all.filter(({ maxRuntimeSeconds }) => maxRuntimeSeconds > policy.stopMarginMs / 1000);
  if (first === undefined)
    throw errorOf(failure('BUDGET_EXCEEDED', budgetMessage(job.record, all[0]?.boundBy ?? 'budgetUsd')));
  return [first, ...others];
}

function newLine(
  { stage, part, memoryStep, resumedFrom }: AttemptPlan,
  spec: ReturnType<typeof submission>,
  machine: AllowedMachine,
  { job }: AttemptContext,
): Attempt {
  return {
    stage,
    part,
    attempt: spec.attempt,
    jobName: machineJobName(spec),
    instanceType: machine.instanceType,
    status: 'Running',
    failure: null,
    startedAtMs: null,
    endedAtMs: null,
    billedSeconds: 0,
    costUsd: 0,
    capacity: spec.spot === undefined ? 'on-demand' : 'spot',
    savedUsd: 0,
    options: job.record.request.options,
    memoryStep,
    maxRuntimeSeconds: machine.maxRuntimeSeconds,
    resumedFrom,
  };
}

/** An attempt in words, for the Web UI. */
export const titleOf = ({ stage, part, instanceType, attempt }: Attempt): string =>
  `${STAGE[stage].title} on ${instanceType}, ${part === null ? '' : `part ${part}, `}attempt ${attempt}`;

/** The line of an attempt that this job has stopped: that is no failure. */
export function stoppedByJob(line: Attempt, outcome: MachineJobOutcome): Attempt {
  const stopped = outcome.status === 'Stopped' || outcome.status === 'NotFound';
  return endedLine(line, stopped ? { ...outcome, status: 'Stopped', failure: null } : outcome);
}

function endedLine(line: Attempt, outcome: MachineJobOutcome): Attempt {
  const { status, failure: why, startedAtMs, endedAtMs, billedSeconds, machineSeconds, quality } = outcome;
  // A cancelled submit may have found another machine than the first of its list, and never told.
  const instanceType = outcome.instanceType ?? line.instanceType;
  return {
    ...line,
    instanceType,
    status: status === 'NotFound' ? 'Failed' : status, // it was created, and SageMaker has lost it
    failure: why,
    startedAtMs,
    endedAtMs,
    ...billOf(instanceType, billedSeconds, machineSeconds),
    ...(quality === undefined ? {} : { quality }),
  };
}

function submission(
  plan: AttemptPlan,
  machines: readonly AllowedMachine[],
  { job, deployment, policy }: AttemptContext,
): Omit<SubmitInput, 'waits' | 'capacityRetryMs'> {
  const { jobId } = job.record;
  const { stage, part, settings, resumedFrom } = plan;
  const folders = (from: Stage): InputFolder[] =>
    (acceptedParts(job.record, from) ?? []).map((done) => ({
      part: done.part,
      folder: layout.artifactFolder(jobId, from, done.attempt, done.jobName, done.part),
    }));
  return {
    deployment,
    jobId,
    stage,
    part,
    attempt: nextAttempt(job.record, stage, part),
    runId: workflowInfo().firstExecutionRunId,
    tenant: job.record.request.tenant,
    machines: machines.map(({ instanceType, volumeGb, maxRuntimeSeconds }) => ({
      instanceType,
      volumeGb,
      maxRuntimeSeconds,
    })),
    ...(capacityOf(STAGE[stage], job.record.request.capacity) === 'spot' && {
      spot: { waitSeconds: Math.ceil(policy.capacityWaitMs / 1000) },
    }),
    settings,
    resumedFrom,
    beside: Object.entries(STAGE[stage].beside).flatMap(([name, { stage: from, file }]) =>
      folders(from)
        .filter((input) => input.part === null)
        .map(({ folder }) => ({ name, key: folder + file })),
    ),
    inputs: Object.fromEntries(
      Object.entries(STAGE[stage].inputs).flatMap(([channel, from]) =>
        from === 'photos' ? [] : [[channel, folders(from)] as const],
      ),
    ),
  };
}
