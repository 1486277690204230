/**
 * The one file that reads AWS's texts. SageMaker says why a job failed, or why a call was refused, in sentences whose
 * spacing and empty parts vary (reference: grand-challenge's SageMaker backend, public scripts, SDK documentation);
 * everything after this file branches on codes.
 */
import { saysDiskFull } from '../../contracts/machines/disk-full';
import { sentence, isFailureCode, type FailureCode } from '../../contracts/job/failures';

export interface CodedFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** Describe's answer about a machine job that has ended. */
export interface EndedMachineJob {
  readonly status: 'Failed' | 'Stopped';
  /** Training only; `MaxRuntimeExceeded` and `MaxWaitTimeExceeded` are the ones that matter. */
  readonly secondaryStatus: string | null;
  readonly failureReason: string;
  /** Processing only: what the container wrote to `output/message`. */
  readonly exitMessage: string;
  readonly ranSeconds: number;
  readonly maxRuntimeSeconds: number;
}

/** SIGKILL: on SageMaker nearly always the kernel's out-of-memory killer. */
const EXIT_KILLED = 137;

/** Why a job ended without a result. */
export function explainEnd(job: EndedMachineJob): CodedFailure {
  if (job.status === 'Stopped') {
    if (job.secondaryStatus === 'MaxWaitTimeExceeded')
      return { code: 'NO_SPOT_IN_TIME', message: 'AWS had no spare machine for long enough' };
    // A processing job has no secondary status; that it ran for as long as it might is the only sign.
    const outOfTime =
      job.secondaryStatus === 'MaxRuntimeExceeded' ||
      (job.secondaryStatus === null && job.ranSeconds >= job.maxRuntimeSeconds);
    return outOfTime
      ? {
          code: 'MAX_RUNTIME_EXCEEDED',
          message: `the machine was stopped after its longest run of ${job.maxRuntimeSeconds} s`,
        }
      : { code: 'STOPPED_FROM_OUTSIDE', message: 'the machine was stopped, and not by this job' };
  }
  const reason = job.failureReason.trim();
  // Before anything else: who says it, SageMaker or the program, does not matter.
  if (saysDiskFull(reason) || saysDiskFull(job.exitMessage)) {
    const whose = /\bthis machine\b/i.test(reason) ? 'this machine' : 'the rented machine';
    return { code: 'DISK_FULL', message: `the disk of ${whose} is full` };
  }
  if (/^CapacityError\b/i.test(reason))
    return { code: 'NO_CAPACITY', message: 'AWS has no free machine of this type at the moment' };
  if (/^InternalServerError\b/i.test(reason))
    return { code: 'PLATFORM_ERROR', message: 'AWS reports an internal error of the rented machine' };
  if (/^ClientError\b.*more memory/is.test(reason))
    return { code: 'OUT_OF_MEMORY', message: sentence('OUT_OF_MEMORY', {}) };

  const [, said = '', exitText = ''] = /^AlgorithmError:\s*(.*?)\s*,?\s*exit code:\s*(\d+)/is.exec(reason) ?? [];
  const own = programSentence(said) ?? programSentence(job.exitMessage);
  if (own !== null) return own;
  if (Number(exitText) === EXIT_KILLED)
    return { code: 'OUT_OF_MEMORY', message: `the program was killed: ${sentence('OUT_OF_MEMORY', {})}` };
  return { code: 'CONTAINER_FAILED', message: reason || job.exitMessage || 'the program ended without saying why' };
}

/** `CODE: sentence`, as our own programs write it (docs/container-contract.md). */
function programSentence(text: string): CodedFailure | null {
  const [, code, sentence = ''] = /^\s*([A-Z][A-Z_]+):\s*(.*)$/s.exec(text) ?? [];
  return isFailureCode(code) ? { code, message: sentence.trim() } : null;
}

const errorName = (error: unknown): string => (error instanceof Error ? error.name : '');
const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isNameTaken = (error: unknown): boolean => errorName(error) === 'ResourceInUse';

/** Describe's way of saying 404: a ValidationException with one of two sentences (ACK's generator.yaml). */
export const isUnknownJob = (error: unknown): boolean =>
  errorName(error) === 'ResourceNotFound' ||
  (errorName(error) === 'ValidationException' &&
    /requested resource not found|could not find (requested )?job/i.test(errorText(error)));

/** Stop's way of saying that there is nothing to stop any more. */
export const isAlreadyEnded = (error: unknown): boolean =>
  errorName(error) === 'ValidationException' &&
  /the request was rejected because the \w+ job is in status|could not find job to update/i.test(errorText(error));

/** Why a Create was refused; null for throttling, 5xx and lost connections, which are simply tried again. */
export function explainRefusal(error: unknown): CodedFailure | null {
  const message = errorText(error);
  switch (errorName(error)) {
    case 'ResourceLimitExceeded': {
      const [, quota = 'a SageMaker quota', limit] = /service limit '([^']+)' is (\d+) /i.exec(message) ?? [];
      return limit === '0'
        ? { code: 'QUOTA_ZERO', message: `this account's quota "${quota}" is 0` }
        : { code: 'QUOTA_REACHED', message: `the quota "${quota}" of ${limit ?? '?'} is in use` };
    }
    case 'ValidationException':
    case 'AccessDeniedException':
    case 'AccessDenied':
    case 'ResourceNotFound':
    case 'UnrecognizedClientException':
      return { code: 'REQUEST_REFUSED', message };
    default:
      return null;
  }
}
