import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { failure, isFailureCode, type Failure } from '../../contracts/job/failures';

/** The error that ends a stage, or the job, with this failure. */
export const errorOf = ({ code, message, advice }: Failure): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, advice);

/**
 * The failure that an error stands for. Anything that is no TemporalFailure is a defect of workflow code and is
 * thrown again: it fails the workflow task, which is retried until the code is mended, and not the job.
 */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof TemporalFailure)) throw error;
  const cause = error instanceof ActivityFailure && error.cause instanceof TemporalFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && isFailureCode(cause.type)) {
    const [advice] = cause.details ?? [];
    return failure(cause.type, cause.message, typeof advice === 'string' ? advice : null);
  }
  if (cause instanceof TimeoutFailure)
    return failure('PLATFORM_ERROR', 'the stage did not end in the time that it may take');
  return failure('INTERNAL_ERROR', cause.message);
}

/** An activity that is not cancelled in time ends as if nothing had happened: what follows it asks here first. */
export function throwIfCancelled(): void {
  if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('the job was cancelled');
}
