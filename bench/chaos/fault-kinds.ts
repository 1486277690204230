import type { Stage } from '../../contracts/stages/stage';
import type { Random } from './random';

/** What a job's fault has to know of the job that it befalls. */
interface FaultTarget {
  readonly jobId: string;
  readonly stage: Stage;
  /** How long the stage's program works. */
  readonly stageSeconds: number;
  readonly uploadPrefix: string;
}

/** A line of the fault plan of either endpoint. */
export type PlannedFault = { readonly kind: string } & Readonly<Record<string, unknown>>;

interface FaultKind {
  readonly endpoint: 'sagemaker' | 's3';
  /** What the job may end with because of it, beside succeeding. */
  readonly mayFailWith: readonly string[];
  /** It befalls a job only while that is being stopped. */
  readonly needsCancel?: true;
  /** Such as spot interruptions, which only training has. */
  readonly onlyIn?: Stage;
  plan(target: FaultTarget, random: Random): Omit<PlannedFault, 'kind'>;
}

const API_NOUN: Readonly<Record<Stage, string>> = {
  sfm: 'ProcessingJob',
  training: 'TrainingJob',
  compression: 'ProcessingJob',
};
const attempts = ({ jobId, stage }: FaultTarget): object => ({ jobName: `-${jobId}-${stage}-` });
const anyCall = (target: FaultTarget, random: Random): object => ({
  jobName: `-${target.jobId}-`,
  operation: `${random.pick(['Create', 'Create', 'Describe', 'Stop'])}${API_NOUN[target.stage]}`,
});
/** While the program works. */
const inTheMiddle = ({ stageSeconds }: FaultTarget, random: Random): object => ({
  afterSeconds: random.seconds(0, stageSeconds * 0.7),
});
/** Its files, or the photos that it was started with. */
const anyObject = ({ jobId, uploadPrefix }: FaultTarget, random: Random): object => ({
  key: random.chance(0.8) ? `jobs/${jobId}/` : uploadPrefix,
});

/** Every kind of fault, with what makes it fire. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  throttle: {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyCall(target, random), times: random.integer(1, 5) }),
  },
  'server-error': {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyCall(target, random), times: random.integer(1, 5) }),
  },
  'drop-answer': {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyCall(target, random), times: random.integer(1, 3) }),
  },
  'quota-zero': {
    endpoint: 'sagemaker',
    mayFailWith: ['QUOTA_ZERO'],
    // The second one befalls training's fallback.
    plan: (target, random) => ({ ...attempts(target), times: random.integer(1, 2) }),
  },
  'slow-logs': {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...attempts(target), times: 3, seconds: random.seconds(0.5, 3) }),
  },
  'failing-logs': {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...attempts(target), times: random.integer(1, 10) }),
  },
  capacity: {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({ ...attempts(target), times: random.integer(1, 3) }),
  },
  'internal-server-error': {
    endpoint: 'sagemaker',
    mayFailWith: ['PLATFORM_ERROR'],
    plan: (target, random) => ({ ...attempts(target), ...inTheMiddle(target, random), times: random.integer(1, 3) }),
  },
  'out-of-memory': {
    endpoint: 'sagemaker',
    mayFailWith: ['OUT_OF_MEMORY'],
    plan: (target, random) => ({ ...attempts(target), ...inTheMiddle(target, random), times: random.integer(1, 4) }),
  },
  'stop-from-outside': {
    endpoint: 'sagemaker',
    mayFailWith: ['STOPPED_FROM_OUTSIDE'],
    plan: (target, random) => ({ ...attempts(target), ...inTheMiddle(target, random) }),
  },
  'max-runtime': {
    endpoint: 'sagemaker',
    // Of a processing job SageMaker says no more than that it was stopped.
    mayFailWith: ['MAX_RUNTIME_EXCEEDED', 'STOPPED_FROM_OUTSIDE'],
    plan: (target, random) => ({ ...attempts(target), ...inTheMiddle(target, random), times: random.integer(1, 2) }),
  },
  'slow-stop': {
    endpoint: 'sagemaker',
    mayFailWith: [],
    needsCancel: true,
    plan: ({ jobId }, random) => ({ jobName: `-${jobId}-`, times: 9, seconds: random.seconds(1, 6) }),
  },
  stall: {
    endpoint: 'sagemaker',
    mayFailWith: [],
    plan: (target, random) => ({
      ...attempts(target),
      ...inTheMiddle(target, random),
      seconds: random.seconds(0.5, 6),
    }),
  },
  interrupted: {
    endpoint: 'sagemaker',
    mayFailWith: [],
    onlyIn: 'training',
    plan: (target, random) => ({ ...attempts(target), ...inTheMiddle(target, random) }),
  },
  'slow-down': {
    endpoint: 's3',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyObject(target, random), times: random.integer(1, 4) }),
  },
  'internal-error': {
    endpoint: 's3',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyObject(target, random), times: random.integer(1, 4) }),
  },
  'truncated-body': {
    endpoint: 's3',
    mayFailWith: [],
    plan: (target, random) => ({ ...anyObject(target, random), times: random.integer(1, 2) }),
  },
  'slow-read': {
    endpoint: 's3',
    mayFailWith: [],
    plan: (target, random) => ({
      ...anyObject(target, random),
      times: random.integer(1, 3),
      seconds: random.seconds(0.5, 4),
    }),
  },
};
