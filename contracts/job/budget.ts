import { acceptedAttempt, partsOf, totalBilledSeconds, totalCostUsd, type Attempt, type JobRecord } from './record';
import { costUsd, priceUsdPerHour } from '../machines/prices';
import { parsed, type FieldProblem, type Parsed } from '../messages/parsed';
import type { Stage } from '../stages/stage';

/** Limits that a person sets for a job: money, and hours of machines that are billed. */
export interface BudgetLimits {
  readonly budgetUsd?: number;
  readonly maxHours?: number;
}

interface LimitRule {
  readonly minimum: number;
  readonly maximum: number;
}

export const LIMIT_RULES: Readonly<Record<keyof BudgetLimits, LimitRule>> = {
  budgetUsd: { minimum: 0.01, maximum: 10_000 },
  maxHours: { minimum: 0.01, maximum: 1000 },
};

/** Limits from an unknown object's fields `budgetUsd` and `maxHours`; null counts as left out. */
export function parseLimits(fields: Readonly<Record<string, unknown>>): Parsed<BudgetLimits> {
  const problems: FieldProblem[] = [];
  const value: { -readonly [K in keyof BudgetLimits]: number } = {};
  for (const name of Object.keys(LIMIT_RULES) as (keyof BudgetLimits)[]) {
    const given = fields[name] ?? null;
    if (given === null) continue;
    const { minimum, maximum } = LIMIT_RULES[name];
    if (typeof given === 'number' && given >= minimum && given <= maximum) value[name] = given;
    else problems.push({ field: name, message: limitMessage(name) });
  }
  return parsed(value, problems);
}

export function limitMessage(name: keyof BudgetLimits): string {
  const { minimum, maximum } = LIMIT_RULES[name];
  return `must be a number from ${minimum} to ${maximum}`;
}

/** How long a new machine may run. */
export interface Allowance {
  /** MaxRuntimeInSeconds of its Create, a whole number of at least 1; 0 = there is nothing left to start it with. */
  readonly maxRuntimeSeconds: number;
  /** The limit that is shorter than the stage's own cap; null where none is. */
  readonly boundBy: keyof BudgetLimits | null;
}

/**
 * The shorter of a stage's cap and what the job's limits leave on this machine. Machines of other parts that still run
 * count with the whole time that they may run, and the rest is shared among the parts that have none: whatever happens,
 * all of them together stay within the limits.
 */
export function allowance(record: JobRecord, stage: Stage, instanceType: string, capSeconds: number): Allowance {
  const { budgetUsd, maxHours } = record.request;
  const running = record.attempts.filter(({ status }) => status === 'Running');
  const committed = (most: (line: Attempt) => number): number => running.reduce((sum, line) => sum + most(line), 0);
  const without = partsOf(record, stage).filter(
    (part) =>
      acceptedAttempt(record, stage, part) === undefined &&
      !running.some((line) => line.stage === stage && line.part === part),
  );
  const shares = Math.max(1, without.length);
  const ways: Allowance[] = [{ maxRuntimeSeconds: capSeconds, boundBy: null }];
  if (budgetUsd !== null)
    ways.push({
      maxRuntimeSeconds:
        ((budgetUsd - totalCostUsd(record) - committed((line) => costUsd(line.instanceType, line.maxRuntimeSeconds))) /
          shares /
          priceUsdPerHour(instanceType)) *
        3600,
      boundBy: 'budgetUsd',
    });
  if (maxHours !== null)
    ways.push({
      maxRuntimeSeconds:
        (maxHours * 3600 - totalBilledSeconds(record) - committed((line) => line.maxRuntimeSeconds)) / shares,
      boundBy: 'maxHours',
    });
  const shortest = ways.reduce((least, way) => (way.maxRuntimeSeconds < least.maxRuntimeSeconds ? way : least));
  return { ...shortest, maxRuntimeSeconds: Math.max(0, Math.floor(shortest.maxRuntimeSeconds)) };
}

/** Why a job ends when its limits are used up; both figures are billed ones. */
export function budgetMessage(record: JobRecord, boundBy: keyof BudgetLimits): string {
  const hours = twoDigits(totalBilledSeconds(record) / 3600);
  const spent = `${twoDigits(totalCostUsd(record))} USD for ${hours} hours of machines`;
  const limit =
    boundBy === 'budgetUsd'
      ? `the budget of ${record.request.budgetUsd} USD`
      : `the limit of ${record.request.maxHours} machine hours`;
  return `${limit} would be passed; the job has cost ${spent}`;
}

/** Two decimals; two digits where that would say 0.00 or 0.01. */
const twoDigits = (value: number): string =>
  value >= 0.1 || value === 0 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
