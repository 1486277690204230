/**
 * The one table of failures: workflow, API, pages and mails all read it, so the table is the documentation.
 *
 * `class` decides what the pipeline does by itself:
 * - `input`     a person must change something; never retried by itself
 * - `capacity`  waits, slowly; not counted as a failure
 * - `platform`  a new attempt, at most `policy.maxPlatformAttempts`
 * - `memory`    a new attempt with smaller settings, rung by rung (contracts/memory-ladder)
 * - `stopped`   someone else stopped the machine; parked
 * - `defect`    ours; parked
 */
export type FailureClass = 'input' | 'capacity' | 'platform' | 'memory' | 'stopped' | 'defect';

interface FailureEntry {
  readonly class: FailureClass;
  /** One sentence: what the person who sent the photos can do. */
  readonly advice: string;
}

const MORE_OVERLAP =
  'Fly again with 70 to 80 % overlap between neighbouring photos, in even light, with some oblique photos (camera tilted 30 to 45 degrees), and avoid water, snow and plain roofs.';
const TELL_US = 'Retry the job; if it happens again, tell the operator the job id.';

export const FAILURES = {
  // Intake
  INPUT_NOT_FOUND: { class: 'input', advice: 'Check that the address names a folder or an archive that exists, and that it holds your photos.' },
  INPUT_FORBIDDEN: { class: 'input', advice: 'Use a bucket that this deployment may read, and not the folder of another job.' },
  NO_PHOTOS: { class: 'input', advice: 'Send JPEG or PNG photos; nothing else in that place can be used.' },
  TOO_FEW_PHOTOS: { class: 'input', advice: `Send at least as many overlapping photos as the message names; 20 or more work well. ${MORE_OVERLAP}` },
  TOO_MANY_PHOTOS: { class: 'input', advice: 'Split the photos into several jobs, or choose a preset that takes more.' },
  ARCHIVE_INVALID: { class: 'input', advice: 'Make the archive again (.zip, .tar or .tar.gz, no password) and send it once more.' },
  ARCHIVE_UNSAFE: { class: 'input', advice: 'Make an archive that holds only ordinary files and folders, without ".." or absolute paths.' },
  ARCHIVE_TOO_LARGE: { class: 'input', advice: 'Send the photos as a folder, or split the archive.' },
  // Structure from motion
  TOO_FEW_POINTS: { class: 'input', advice: MORE_OVERLAP },
  TOO_FEW_REGISTERED: { class: 'input', advice: `Leave out photos of other places and blurred ones. ${MORE_OVERLAP}` },
  // Training and compression
  MODEL_TOO_SMALL: { class: 'input', advice: `The model is nearly empty. ${MORE_OVERLAP}` },
  MODEL_NOT_FINITE: { class: 'defect', advice: TELL_US },
  NOT_TRAINED: { class: 'defect', advice: TELL_US },
  MODEL_INVALID: { class: 'defect', advice: TELL_US },
  SOG_INCOMPLETE: { class: 'defect', advice: TELL_US },
  SOG_TOO_LARGE: { class: 'defect', advice: 'Retry with fewer spherical harmonics bands (option shBands).' },
  SETTINGS_INVALID: { class: 'defect', advice: TELL_US },
  INTERNAL_ERROR: { class: 'defect', advice: TELL_US },
  REPORT_MISSING: { class: 'defect', advice: TELL_US },
  // Rented machines
  OUT_OF_MEMORY: { class: 'memory', advice: 'Retry with a smaller preset, or with fewer or smaller photos.' },
  GPU_OUT_OF_MEMORY: { class: 'memory', advice: 'Retry with a smaller preset, or with fewer or smaller photos.' },
  NO_CAPACITY: { class: 'capacity', advice: 'Nothing to do: the job goes on when a machine is free.' },
  QUOTA_REACHED: { class: 'capacity', advice: 'Nothing to do: the job goes on when another one has ended.' },
  QUOTA_ZERO: { class: 'input', advice: 'Ask AWS for the quota named in the message (Service Quotas, Amazon SageMaker), then retry the job.' },
  PLATFORM_ERROR: { class: 'platform', advice: 'Retry the job: the rented machine failed, not your photos.' },
  MAX_RUNTIME_EXCEEDED: { class: 'input', advice: 'Retry with a faster preset or fewer photos.' },
  STOPPED_FROM_OUTSIDE: { class: 'stopped', advice: 'Someone stopped the machine outside Spaceport. Retry the job when that is settled.' },
  NOT_OURS: { class: 'defect', advice: 'A SageMaker job of this name exists that this job did not make. Tell the operator the job id.' },
  REQUEST_REFUSED: { class: 'defect', advice: 'Tell the operator: AWS refused the request, the message says why.' },
  CONTAINER_FAILED: { class: 'defect', advice: TELL_US },
} as const satisfies Record<string, FailureEntry>;

export type FailureCode = keyof typeof FAILURES;

export const isFailureCode = (value: unknown): value is FailureCode => typeof value === 'string' && Object.hasOwn(FAILURES, value);

/** A failure as people and programs see it: a stable code, what happened and why, what to do. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly advice: string;
}

export const failure = (code: FailureCode, message: string): Failure => ({ code, message, advice: FAILURES[code].advice });

export const failureClass = (code: FailureCode): FailureClass => FAILURES[code].class;
