import { z } from 'zod';
import type { FaultPlan } from '../../faults/fault-plan-file';
import { isDue, matchesName, seconds, when } from '../../faults/fault-rule';

const selection = {
  /** A part of a job's name, or a pattern of the whole name in which * stands for anything. */
  jobName: z.string().min(1),
  /** Such as CreateTrainingJob. Default: every operation that the kind of fault can affect. */
  operation: z.string().min(1).optional(),
  ...when,
};
const kind = <K extends string>(name: K) => z.strictObject({ kind: z.literal(name), ...selection });
/** From the start of the container on. */
const afterSeconds = seconds.default(0);
/** Below the container's /opt/ml: not before the program has written it. */
const afterFile = z.string().min(1).optional();

const callRules = [
  kind('throttle'),
  kind('drop-answer'),
  kind('server-error'),
  kind('quota-zero'),
  kind('slow-logs').extend({ seconds }),
  kind('failing-logs'),
] as const;
const jobRules = [
  kind('capacity'),
  /** While its inputs are downloaded. */
  kind('disk-full'),
  kind('internal-server-error').extend({ afterSeconds }),
  kind('out-of-memory').extend({ afterSeconds }),
  kind('stop-from-outside').extend({ afterSeconds }),
  kind('max-runtime').extend({ afterSeconds, afterFile }),
  /** Without `seconds`: until the job is ended. */
  kind('stall').extend({ afterSeconds, seconds: seconds.optional() }),
  /**
   * Of training jobs only, as spot interruptions are. `forGood`: no other machine is free before MaxWaitTimeInSeconds is
   * over, which it is at once.
   */
  kind('interrupted').extend({ afterSeconds, afterFile, forGood: z.boolean().default(false) }),
  kind('slow-stop').extend({ seconds }),
] as const;

/** A line of the fault plan of SageMaker and its logs. */
export const sageMakerRule = z.discriminatedUnion('kind', [...callRules, ...jobRules]);

/** Befalls one call. */
export type CallFault = z.infer<(typeof callRules)[number]>;
/** Befalls a job after its creation; part of its record. */
export type JobFault = z.infer<(typeof jobRules)[number]>;
export type SageMakerRule = CallFault | JobFault;
type SageMakerFaultPlan = FaultPlan<SageMakerRule>;

/** The part of a fault plan that concerns one job. */
export interface RecordedFaults {
  planId: string;
  /**
   * The rules that the job matched, as indices into the plan: counting these in all records counts the jobs of a rule.
   */
  matched: number[];
  /** The matching rules that fire at this job. */
  due: JobFault[];
}

const JOB_KINDS_OF_FAULT: ReadonlySet<string> = new Set(jobRules.map(({ shape }) => shape.kind.value));
const isJobFault = (rule: SageMakerRule): rule is JobFault => JOB_KINDS_OF_FAULT.has(rule.kind);

/** The rules for calls that one call matches, each with its index in the plan. */
export function matchingCallRules(
  plan: SageMakerFaultPlan,
  operation: string,
  jobName: string,
): [index: number, rule: CallFault][] {
  return matching(plan, operation, jobName).filter((entry): entry is [number, CallFault] => !isJobFault(entry[1]));
}

/**
 * The faults of a job that `operation` is about to create. Jobs are counted in the records of those that
 * exist, so that a refused Create uses up nothing, and a killed endpoint forgets nothing.
 */
export function faultsOfNewJob(
  plan: SageMakerFaultPlan,
  operation: string,
  jobName: string,
  earlier: readonly { readonly record: { readonly faults?: RecordedFaults } }[],
): RecordedFaults {
  const matched = matching(plan, operation, jobName).filter((entry): entry is [number, JobFault] =>
    isJobFault(entry[1]),
  );
  const met = (index: number): number =>
    earlier.filter(({ record: { faults } }) => faults?.planId === plan.id && faults.matched.includes(index)).length;
  return {
    planId: plan.id,
    matched: matched.map(([index]) => index),
    due: matched.filter(([index, rule]) => isDue(rule, met(index) + 1)).map(([, rule]) => rule),
  };
}

function matching({ rules }: SageMakerFaultPlan, operation: string, jobName: string): [number, SageMakerRule][] {
  return [...rules.entries()].filter(([, rule]) => befalls(rule, operation) && matchesName(rule.jobName, jobName));
}

function befalls({ kind: name, operation: wanted }: SageMakerRule, operation: string): boolean {
  if (wanted !== undefined && wanted !== operation) return false;
  if (name === 'slow-logs' || name === 'failing-logs')
    return operation === 'GetLogEvents' || operation === 'DescribeLogStreams';
  if (name === 'interrupted') return operation === 'CreateTrainingJob';
  if (name === 'quota-zero' || JOB_KINDS_OF_FAULT.has(name)) return operation.startsWith('Create');
  return true;
}
