import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailureCode } from '../contracts/job/failures';

/** The stage or the job cannot go on like this: Temporal does not retry, the workflow reads the code from `type`. */
export const refusal = (code: FailureCode, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code);

/** Nothing is wrong, it is only not our turn: tried again after `delayMs`, logged at debug level, no failure metric. */
export const notYet = (code: FailureCode | 'STILL_RUNNING', message: string, delayMs: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: false,
    nextRetryDelay: delayMs,
    category: ApplicationFailureCategory.BENIGN,
  });
