import { isStage, type Part, type Stage } from '../stages/stage';

/** SageMaker's limit for the names of processing and training jobs. */
export const MAX_MACHINE_JOB_NAME_LENGTH = 63;

/** Prefix of every name and tag, so that deployments in one account never meet. */
export const DEPLOYMENT_PATTERN = /^[a-z][a-z0-9]{0,19}$/;
export const JOB_ID_PATTERN = /^[a-z0-9]{8,20}$/;

export const workflowId = (jobId: string): string => `job-${jobId}`;

export interface MachineJobOwner {
  readonly deployment: string;
  readonly jobId: string;
  readonly stage: Stage;
  /** Not set = the whole scene, as in calls that earlier versions have scheduled. */
  readonly part?: Part;
  readonly attempt: number;
}

/** End of every name that belongs to one part of the scene. */
export const partSuffix = (part: Part): string => (part === null ? '' : `-p${String(part).padStart(4, '0')}`);

/** `<deployment>-<jobId>-<stage>-a<NN>[-p<NNNN>]`: one name an attempt, so a repeated Create finds the same machine. */
export function machineJobName({ deployment, jobId, stage, part = null, attempt }: MachineJobOwner): string {
  const name = `${deployment}-${jobId}-${stage}-a${String(attempt).padStart(2, '0')}${partSuffix(part)}`;
  if (!DEPLOYMENT_PATTERN.test(deployment) || !JOB_ID_PATTERN.test(jobId) || name.length > MAX_MACHINE_JOB_NAME_LENGTH)
    throw new RangeError(`not a SageMaker job name of ours: ${name}`);
  return name;
}

/** The owner that a name speaks of, or null for a name that is not ours. */
export function parseMachineJobName(name: string): MachineJobOwner | null {
  const [, deployment, jobId, stage, attempt, part] =
    /^([a-z][a-z0-9]*)-([a-z0-9]+)-([a-z]+)-a(\d{2,})(?:-p(\d{4,}))?$/.exec(name) ?? [];
  if (deployment === undefined || jobId === undefined || attempt === undefined || !isStage(stage)) return null;
  return { deployment, jobId, stage, part: part === undefined ? null : Number(part), attempt: Number(attempt) };
}
