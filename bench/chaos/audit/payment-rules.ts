import {
  disagreement,
  finding,
  jobIdOfMachine,
  type Evidence,
  type Finding,
  type LedgerLine,
  type Machine,
  type StartedJob,
} from './evidence';

const doublePaid = (jobId: string | null, what: string): Finding => finding('doublePaid', jobId, what);

/** USD an hour, us-west-2, on demand, 2026-11: a copy of docs and contract, so that a wrong price there is seen. */
const PRICES: Readonly<Record<string, number>> = {
  'ml.c6i.2xlarge': 0.408,
  'ml.c6i.4xlarge': 0.816,
  'ml.c6i.8xlarge': 1.632,
  'ml.g4dn.xlarge': 0.736,
  'ml.g5.xlarge': 1.408,
};
const STAGES = ['sfm', 'training', 'compression'];
/** Of sums of floating-point numbers. */
const CENT_OF_A_CENT = 1e-4;
const MILLISECOND = 1.001e-3;
/** Billed before a program starts and after it is told to end: what MaxRuntimeInSeconds does not count. */
const OVERHEAD_SECONDS = 15;

/** Each attempt is paid once, is in the ledger, and costs there what SageMaker bills. */
export function judgePayments(evidence: Evidence): Finding[] {
  const { jobs, records, machines } = evidence;
  const lines = new Map(
    [...records].flatMap(([jobId, { attempts }]) => attempts.map((line) => [line.jobName, { jobId, line }] as const)),
  );
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  return [
    ...judgeStarts(evidence),
    ...machines
      .filter(({ name }) => !lines.has(name))
      .map(({ name, status, billedSeconds }): Finding =>
        doublePaid(
          jobIdOfMachine(name),
          `SageMaker billed ${billedSeconds} s of ${name} (${status}), which no ledger knows`,
        ),
      ),
    ...[...lines.values()].flatMap(({ jobId, line }) => judgeLine(jobId, line, byName.get(line.jobName))),
    ...[...records].flatMap(([jobId, { request, attempts }]): Finding[] => {
      const limitSeconds = (request?.maxHours ?? Infinity) * 3600;
      const billedSeconds = attempts.reduce((sum, line) => sum + line.billedSeconds, 0);
      return billedSeconds <= limitSeconds + OVERHEAD_SECONDS
        ? []
        : [disagreement(jobId, `it may be billed for ${limitSeconds} s and was for ${billedSeconds} s`)];
    }),
    ...jobs.flatMap((job) => judgeRepeats(job, records.get(job.jobId)?.attempts ?? [], byName)),
  ];
}

/** A program starts once a SageMaker job, and once more for each machine that was taken away from it. */
function judgeStarts({ stamps, fired }: Evidence): Finding[] {
  const starts = new Map<string, number>();
  for (const { what, jobName } of stamps) if (what === 'start') starts.set(jobName, (starts.get(jobName) ?? 0) + 1);
  return [...starts].flatMap(([jobName, count]) => {
    const interruptions = fired.filter((fault) => fault.kind === 'interrupted' && fault.jobName === jobName).length;
    return count <= 1 + interruptions
      ? []
      : [
          doublePaid(
            jobIdOfMachine(jobName),
            `the program of ${jobName} was started ${count} times, with ${interruptions} interruptions`,
          ),
        ];
  });
}

function judgeLine(jobId: string, line: LedgerLine, machine: Machine | undefined): Finding[] {
  const problem = (what: string): Finding => disagreement(jobId, `${line.jobName}: ${what}`);
  if (machine === undefined) {
    // A line is written before its machine is asked for.
    const costs = line.costUsd !== 0 || line.billedSeconds !== 0 || line.status === 'Completed';
    return costs
      ? [problem(`the ledger has ${line.status} with ${line.billedSeconds} s, SageMaker does not know it`)]
      : [];
  }
  const { status, instanceType, billedSeconds } = machine;
  const price = PRICES[instanceType];
  if (price === undefined) return [problem(`there is no price for ${instanceType}`)];
  const billedUsd = (price * billedSeconds) / 3600;
  const findings: Finding[] = [];
  if (line.status !== status)
    findings.push(problem(`the ledger says ${line.status}, SageMaker says ${status} ${machine.failureReason}`));
  if (line.instanceType !== instanceType)
    findings.push(problem(`the ledger says ${line.instanceType}, SageMaker says ${instanceType}`));
  if (Math.abs(line.billedSeconds - billedSeconds) > MILLISECOND)
    findings.push(problem(`the ledger has ${line.billedSeconds} s, SageMaker bills ${billedSeconds} s`));
  if (Math.abs(line.costUsd - billedUsd) > CENT_OF_A_CENT)
    findings.push(problem(`the ledger has ${line.costUsd} USD, SageMaker bills ${billedUsd} USD`));
  return findings;
}

/**
 * Two machines never work for one job at once, and a stage that has a result is not paid again unless somebody asked
 * for it.
 */
function judgeRepeats(
  { jobId, deeds }: StartedJob,
  attempts: readonly LedgerLine[],
  machines: ReadonlyMap<string, Machine>,
): Finding[] {
  const findings: Finding[] = [];
  const rented = attempts
    .map(({ jobName }) => machines.get(jobName))
    .filter((machine) => machine !== undefined && machine.startedAtMs !== null) as (Machine & {
    startedAtMs: number;
  })[];
  const inOrder = rented.sort((a, b) => a.startedAtMs - b.startedAtMs);
  for (const [index, machine] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next !== undefined && next.startedAtMs < (machine.endedAtMs ?? Infinity))
      findings.push(doublePaid(jobId, `${machine.name} and ${next.name} ran at the same time`));
  }
  const taken = deeds.filter(({ status }) => status === null || status === 202);
  for (const stage of STAGES) {
    const good = attempts.filter(
      (line) => line.stage === stage && line.status === 'Completed' && line.failure === null,
    );
    const askedFor = taken.filter(
      ({ what, fromStage }) =>
        what === 'retry' &&
        STAGES.includes(fromStage ?? '') &&
        STAGES.indexOf(fromStage ?? '') <= STAGES.indexOf(stage),
    ).length;
    if (good.length > 1 + askedFor)
      findings.push(
        doublePaid(jobId, `${stage} was paid for ${good.length} times with success, asked for again ${askedFor} times`),
      );
  }
  return findings;
}
