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

type Part = (target: FaultTarget, random: Random) => object;

export interface FaultKind {
  readonly endpoint: 'sagemaker' | 's3';
  /** What the job may end with because of it, beside succeeding. */
  readonly mayFailWith: readonly string[];
  /** It befalls a job only while that is being stopped. */
  readonly needsCancel?: true;
  /** Such as spot interruptions, which only training has. */
  readonly onlyIn?: Stage;
  readonly plan: Part;
}

const API_NOUN: Readonly<Record<Stage, string>> = {
  sfm: 'ProcessingJob',
  training: 'TrainingJob',
  compression: 'ProcessingJob',
};
const anyCall: Part = ({ jobId, stage }, random) => ({
  jobName: `-${jobId}-`,
  operation: `${random.pick(['Create', 'Create', 'Describe', 'Stop'])}${API_NOUN[stage]}`,
});
const attempts: Part = ({ jobId, stage }) => ({ jobName: `-${jobId}-${stage}-` });
const everyMachine: Part = ({ jobId }) => ({ jobName: `-${jobId}-` });
/** Its files, or the photos that it was started with. */
const anyObject: Part = ({ jobId, uploadPrefix }, random) => ({
  key: random.chance(0.8) ? `jobs/${jobId}/` : uploadPrefix,
});
/** While the program works. */
const inTheMiddle: Part = ({ stageSeconds }, random) => ({ afterSeconds: random.seconds(0, stageSeconds * 0.7) });
const exactly =
  (times: number): Part =>
  () => ({ times });
const upTo =
  (times: number): Part =>
  (_target, random) => ({ times: random.integer(1, times) });
const lasting =
  (low: number, high: number): Part =>
  (_target, random) => ({ seconds: random.seconds(low, high) });

/** The parts draw their random numbers in this order. */
const all =
  (...parts: readonly Part[]): Part =>
  (target, random) =>
    Object.assign({}, ...parts.map((part) => part(target, random))) as object;
const sagemaker = (mayFailWith: readonly string[], ...parts: readonly Part[]): FaultKind => ({
  endpoint: 'sagemaker',
  mayFailWith,
  plan: all(...parts),
});
const s3 = (...parts: readonly Part[]): FaultKind => ({ endpoint: 's3', mayFailWith: [], plan: all(...parts) });

/** Every kind of fault, with what makes it fire. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  throttle: sagemaker([], anyCall, upTo(5)),
  'server-error': sagemaker([], anyCall, upTo(5)),
  'drop-answer': sagemaker([], anyCall, upTo(3)),
  // The second one befalls training's fallback.
  'quota-zero': sagemaker(['QUOTA_ZERO'], attempts, upTo(2)),
  'slow-logs': sagemaker([], attempts, exactly(3), lasting(0.5, 3)),
  'failing-logs': sagemaker([], attempts, upTo(10)),
  capacity: sagemaker([], attempts, upTo(3)),
  'internal-server-error': sagemaker(['PLATFORM_ERROR'], attempts, inTheMiddle, upTo(3)),
  'out-of-memory': sagemaker(['OUT_OF_MEMORY'], attempts, inTheMiddle, upTo(4)),
  'disk-full': sagemaker(['DISK_FULL'], attempts, upTo(2)),
  'stop-from-outside': sagemaker(['STOPPED_FROM_OUTSIDE'], attempts, inTheMiddle),
  // Of a processing job SageMaker says no more than that it was stopped.
  'max-runtime': sagemaker(['MAX_RUNTIME_EXCEEDED', 'STOPPED_FROM_OUTSIDE'], attempts, inTheMiddle, upTo(2)),
  'slow-stop': { ...sagemaker([], everyMachine, exactly(9), lasting(1, 6)), needsCancel: true },
  stall: sagemaker([], attempts, inTheMiddle, lasting(0.5, 6)),
  interrupted: { ...sagemaker([], attempts, inTheMiddle), onlyIn: 'training' },
  'slow-down': s3(anyObject, upTo(4)),
  'internal-error': s3(anyObject, upTo(4)),
  // Of what a program has made, there may be no room for it; everything else is tried again.
  'storage-full': { ...s3(anyObject, upTo(3)), mayFailWith: ['DISK_FULL'] },
  'truncated-body': s3(anyObject, upTo(2)),
  'slow-read': s3(anyObject, upTo(3), lasting(0.5, 4)),
};
