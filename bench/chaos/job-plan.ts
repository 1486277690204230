import { STAGES, type Stage } from '../../contracts/stages/stage';
import { jobIdOfKey } from '../../platform/job-id';
import { FAULT_KINDS, type FaultKind, type PlannedFault } from './fault-kinds';
import { Random } from './random';

/** What a stage's program does, attempt by attempt (bench/scripted/container.py). */
export type Script = Readonly<Record<string, unknown>>;

/** How a cancel is sent: the three ways that people have. */
type CancelWay = 'api' | 'signal' | 'server';

/**
 * What the person does about a job, beside starting it; times count from its start. `onMachine` = not before a machine
 * runs.
 */
interface PersonPlan {
  readonly cancel: { readonly way: CancelWay; readonly afterMs: number; readonly onMachine: boolean } | null;
  /** Ends the job's workflow in Temporal, where nothing of it can act any more: upkeep has to, or a retry. */
  readonly terminatesAfterMs: number | null;
  readonly pause: { readonly afterMs: number; readonly forMs: number } | null;
  /** Sends the request a second time, as a client does that has lost the answer. */
  readonly repeatsStartAfterMs: number | null;
  /** About a parked job: null leaves it to its deadline. */
  readonly whenParked: {
    readonly way: 'api' | 'signal';
    readonly afterMs: number;
    readonly fromStage: Stage | null;
  } | null;
  /** About a result that the job asks about: null leaves it to its deadline. */
  readonly whenUndecided: {
    readonly what: 'accept' | 'cancel';
    readonly way: 'api' | 'signal';
    readonly afterMs: number;
  } | null;
  /** Whether a failed or cancelled job is retried once, which is a new run. */
  readonly retriesEnded: boolean;
}

/** People of two companies, who must never see anything of each other. */
export const TENANTS = ['north', 'south'] as const;
export type Tenant = (typeof TENANTS)[number];

/** All that will happen to one job on purpose. */
export interface JobPlan {
  readonly jobId: string;
  readonly tenant: Tenant;
  /** Idempotency-Key. */
  readonly key: string;
  readonly uploadPrefix: string;
  readonly request: { readonly preset: string; readonly retryWindowSeconds: number; readonly maxHours?: number };
  readonly scripts: Readonly<Record<Stage, readonly Script[]>>;
  readonly faults: { readonly sagemaker: readonly PlannedFault[]; readonly s3: readonly PlannedFault[] };
  readonly person: PersonPlan;
  /** Of a program that is told of each event: how often it refuses one first, and how. Null where there is none. */
  readonly webhook: { readonly fails: number; readonly how: 500 | 503 | 429 | 'hangs-up' } | null;
  /** Codes of contracts/job/failures that this plan can end the job with. */
  readonly mayFailWith: readonly string[];
}

/** What a stage's program does once instead of ending well. */
interface BadEnd {
  readonly script: Script;
  readonly onlyIn?: Stage;
  /** What the job then fails with, if at all. */
  readonly code: string;
}

const BAD_ENDS: readonly BadEnd[] = [
  { script: { do: 'fail' }, code: 'INTERNAL_ERROR' },
  { script: { do: 'crash' }, code: 'CONTAINER_FAILED' },
  { script: { do: 'say-nothing' }, code: 'REPORT_MISSING' },
  { script: { do: 'be-killed' }, code: 'OUT_OF_MEMORY' },
  { script: { do: 'reject', code: 'TOO_FEW_POINTS', message: 'the script says so' }, code: 'TOO_FEW_POINTS' },
  // Half of the photos: a person is asked.
  { script: { metrics: { photos: 6, registered: 3 } }, onlyIn: 'sfm', code: 'TOO_FEW_REGISTERED' },
  { script: { metrics: { photos: 6, registered: 3 } }, onlyIn: 'sfm', code: 'TOO_FEW_REGISTERED' },
  // Longer than the limit of such a job lets it.
  { script: { seconds: 300 }, onlyIn: 'training', code: 'BUDGET_EXCEEDED' },
];

/** Its machine runs on, until upkeep or a retry stops it. */
const TERMINATED: BadEnd = { script: { seconds: 120 }, onlyIn: 'training', code: 'STOPPED_FROM_OUTSIDE' };

/** A window that a person's retry surely falls into, and one that it may miss. */
const LONG_WINDOW_SECONDS = 600;
const SHORT_WINDOW_SECONDS = 3;
/** The least that a request may ask for: 36 seconds, far more than the stages take that are not told to. */
const MAX_HOURS = 0.01;

/** The plans of all jobs of a run. The first so many jobs cover every kind of fault, and so on. */
export function planJobs(seed: number, count: number): JobPlan[] {
  const kinds = new Random(seed, 'kinds of faults').deck(Object.entries(FAULT_KINDS));
  return Array.from({ length: count }, (_, index) => {
    const random = new Random(seed, `job ${index}`);
    const mine = Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, () => kinds.next().value);
    return planJob(TENANTS[index % TENANTS.length] ?? TENANTS[0], `chaos-${seed}-${index}`, mine, random);
  });
}

function planJob(
  tenant: Tenant,
  key: string,
  kinds: readonly (readonly [string, FaultKind])[],
  random: Random,
): JobPlan {
  const jobId = jobIdOfKey(tenant, key);
  const uploadPrefix = `uploads/${tenant}/${key}/`;
  const person = planPerson(
    random,
    kinds.some(([, { needsCancel }]) => needsCancel),
  );
  const secondsOf = {
    sfm: random.seconds(0.2, 2),
    training: random.seconds(0.5, 4),
    compression: random.seconds(0.2, 1),
  };
  const usualEnd = random.chance(0.2) ? random.pick(BAD_ENDS) : null;
  const badEnd = person.terminatesAfterMs === null ? usualEnd : TERMINATED;
  const badStage = badEnd?.onlyIn ?? random.pick(STAGES);
  const isLimited = badEnd?.code === 'BUDGET_EXCEEDED';

  const faults: { sagemaker: PlannedFault[]; s3: PlannedFault[] } = { sagemaker: [], s3: [] };
  for (const [kind, { endpoint, onlyIn, plan }] of new Set(kinds)) {
    const stage = onlyIn ?? random.pick(STAGES);
    faults[endpoint].push({ kind, ...plan({ jobId, stage, stageSeconds: secondsOf[stage], uploadPrefix }, random) });
  }

  const script = (stage: Stage): Script[] => {
    const usual: Script = {
      do: 'complete',
      seconds: secondsOf[stage],
      child: true,
      ...(stage === 'training' && random.chance(0.5) ? { checkpoint: true } : {}),
      ...(stage === 'training' && random.chance(0.08) ? { modelMb: 18 } : {}),
    };
    return badEnd !== null && badStage === stage ? [{ ...usual, ...badEnd.script }, usual] : [usual];
  };

  return {
    jobId,
    tenant,
    key,
    uploadPrefix,
    request: {
      preset: 'preview',
      retryWindowSeconds: random.pick([0, 0, SHORT_WINDOW_SECONDS, LONG_WINDOW_SECONDS, LONG_WINDOW_SECONDS]),
      ...(isLimited ? { maxHours: MAX_HOURS } : {}),
    },
    scripts: { sfm: script('sfm'), training: script('training'), compression: script('compression') },
    faults,
    person,
    webhook: random.chance(0.4)
      ? { fails: random.pick([0, 0, 1, 2, 4]), how: random.pick([500, 503, 429, 'hangs-up'] as const) }
      : null,
    mayFailWith: [
      ...new Set([...(badEnd === null ? [] : [badEnd.code]), ...kinds.flatMap(([, { mayFailWith }]) => mayFailWith)]),
    ],
  };
}

function planPerson(random: Random, mustCancel: boolean): PersonPlan {
  const terminates = !mustCancel && random.chance(0.03);
  const cancels = mustCancel || (!terminates && random.chance(0.15));
  return {
    cancel: cancels
      ? {
          way: random.pick(['api', 'api', 'signal', 'server']),
          afterMs: random.integer(0, 15_000),
          onMachine: mustCancel || random.chance(0.5),
        }
      : null,
    terminatesAfterMs: terminates ? random.integer(5000, 20_000) : null,
    pause: random.chance(0.08) ? { afterMs: random.integer(0, 6000), forMs: random.integer(0, 4000) } : null,
    repeatsStartAfterMs: random.chance(0.15) ? random.integer(0, 8000) : null,
    whenParked: random.chance(0.85)
      ? {
          way: random.pick(['api', 'signal']),
          afterMs: random.integer(0, 4000),
          fromStage: random.chance(0.2) ? 'sfm' : null,
        }
      : null,
    whenUndecided: random.chance(0.8)
      ? {
          what: random.pick(['accept', 'accept', 'cancel']),
          way: random.pick(['api', 'signal']),
          afterMs: random.integer(0, 2500),
        }
      : null,
    retriesEnded: random.chance(0.4),
  };
}
