import type { ProcessingJobStatus, SecondaryStatus } from '@aws-sdk/client-sagemaker';
import { DISK_FULL } from '../../disk-full';
import type { ProcessingRequest, TrainingRequest } from '../api/request-shapes';
import type { RecordedFaults } from '../faults/fault-plan';
import type { ProcessIdentity } from '../../process-identity';
import { LONGEST_TICK_MS } from './machine-clock';

/** The command that stands for an image, resolved when the job is created. */
export interface ContainerCommand {
  argv: string[];
  cwd: string;
  /** Complete: nothing is inherited from the supervisor. */
  env: Record<string, string>;
  /** Removes the container where killing the command's process group does not, as with docker's client. */
  remove?: [program: string, ...args: string[]];
}

/** The part of a record that a Create call asks for. */
export type NewJob = { name: string } & (
  { kind: 'processing'; request: ProcessingRequest } | { kind: 'training'; request: TrainingRequest }
);

/** `record.json`: all that never changes, written once by the endpoint before the job exists for anyone. */
export type MachineJobRecord = NewJob & {
  arn: string;
  createdAtMs: number;
  command: ContainerCommand;
  /** From SIGTERM to SIGKILL. */
  stopGraceMs: number;
  /** Between two looks at a Continuous output or a checkpoint folder. */
  syncIntervalMs: number;
  /** Leaves the job's folder tree in place after its end, for looking at. */
  keepTree: boolean;
  /** Faults that a fault plan has in store for the job. */
  faults?: RecordedFaults;
};

/** The five values are the same for both kinds. */
type MachineJobStatus = ProcessingJobStatus;

interface StatusTransition {
  status: SecondaryStatus;
  startedAtMs: number;
  endedAtMs?: number;
  message: string;
}

/**
 * How far a job has come: `state.json`, written by its supervisor only, or by the endpoint once the supervisor is dead.
 */
export interface MachineJobState {
  status: MachineJobStatus;
  /** Training's secondary statuses, the current one last; a processing job has them too, but AWS does not show them. */
  transitions: StatusTransition[];
  lastModifiedMs: number;
  /** Begin of the billed interval: the download of the inputs. */
  startedAtMs?: number;
  endedAtMs?: number;
  /** Milliseconds since the begin that are not billed, as this machine slept in them (MachineClock). */
  sleptMs?: number;
  /** The leader of the container's process group, written before its program starts. */
  container?: ProcessIdentity;
  containerStartedAtMs?: number;
  /** 128 + signal number where a signal ended the program. */
  exitCode?: number;
  exitMessage?: string;
  failureReason?: string;
  modelArtifacts?: string;
}

export function isTerminal(status: MachineJobStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Stopped';
}

/** The status texts that AWS writes; "subject to change" there, so nothing may depend on them. */
const STATUS_MESSAGES: Partial<Record<SecondaryStatus, string>> = {
  Starting: 'Starting the job',
  Downloading: 'Downloading input data',
  Training: 'Container running',
  Interrupted: 'Training job interrupted, its machine was reclaimed',
  Uploading: 'Uploading generated output',
  Stopping: 'Stopping the job',
  Stopped: 'Job stopped',
  MaxRuntimeExceeded: 'Job runtime exceeded MaxRuntimeInSeconds provided',
  MaxWaitTimeExceeded: 'No machine was free for the time of MaxWaitTimeInSeconds',
  Completed: 'Job completed',
  Failed: 'Job failed',
};

export function initialState(nowMs: number): MachineJobState {
  return withTransition({ status: 'InProgress', transitions: [], lastModifiedMs: nowMs }, 'Starting', nowMs);
}

/** Closes the current secondary status and opens the next one; the status that AWS shows on top follows from it. */
export function withTransition(state: MachineJobState, next: SecondaryStatus, nowMs: number): MachineJobState {
  const transitions = state.transitions.map((transition) =>
    transition.endedAtMs === undefined ? { ...transition, endedAtMs: nowMs } : transition,
  );
  const status = topStatus(next);
  const ended = isTerminal(status) ? { endedAtMs: nowMs } : {};
  transitions.push({ status: next, startedAtMs: nowMs, ...ended, message: STATUS_MESSAGES[next] ?? next });
  return { ...state, ...ended, status, transitions, lastModifiedMs: nowMs };
}

/**
 * When the billed interval would have begun without the time that this machine slept in: between it and the end, or
 * this moment, lies what is billed. Undefined before the download of the inputs.
 *
 * `tickedAtMs` is when its supervisor last ticked. A longer silence is a sleep which that one has not noticed yet.
 */
export function billedFromMs(state: MachineJobState, tickedAtMs: number, nowMs: number): number | undefined {
  const { startedAtMs, endedAtMs, sleptMs = 0 } = state;
  if (startedAtMs === undefined) return undefined;
  const silentMs = endedAtMs === undefined ? nowMs - Math.max(tickedAtMs, startedAtMs) : 0;
  return startedAtMs + sleptMs + (silentMs > LONGEST_TICK_MS ? silentMs : 0);
}

export function currentSecondaryStatus(state: MachineJobState): SecondaryStatus {
  return state.transitions.at(-1)?.status ?? 'Starting';
}

/** The reason AWS gives when the platform, not the program, failed. */
export const INTERNAL_SERVER_ERROR = 'InternalServerError: We encountered an internal error. Please try again.';

/** The reason where a disk of this machine is full; AWS has many sentences for one of a rented machine. */
export const DISK_FULL_REASON = `ClientError: ${DISK_FULL}`;

/** FailureReason and ExitMessage hold at most so many characters (botocore model of SageMaker). */
export const MAX_REASON_LENGTH = 1024;

export function failed(state: MachineJobState, reason: string, nowMs: number): MachineJobState {
  return { ...withTransition(state, 'Failed', nowMs), failureReason: reason.slice(0, MAX_REASON_LENGTH) };
}

function topStatus(secondary: SecondaryStatus): MachineJobStatus {
  if (secondary === 'MaxRuntimeExceeded' || secondary === 'MaxWaitTimeExceeded') return 'Stopped';
  const shownOnTop = ['Completed', 'Failed', 'Stopping', 'Stopped'] as const;
  return shownOnTop.find((status) => status === secondary) ?? 'InProgress';
}
