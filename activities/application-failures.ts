import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { FailureCode } from '../contracts/job/failures';
import { OUTCOMES, type OutcomeCode } from '../contracts/messages/outcomes';

/** Ends the stage or the job: Temporal does not retry, and the workflow reads the code from `type`. */
export const refusal = (code: FailureCode, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code);

/** Nothing is wrong, it is only not our turn: tried again after `delayMs`, logged at debug level, no failure metric. */
export const notYet = (code: FailureCode | OutcomeCode, message: string, delayMs: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: false,
    nextRetryDelay: delayMs,
    category: ApplicationFailureCategory.BENIGN,
  });

/** How a call ended that is no failure of a job; the table of outcomes says whether it is tried again. */
export const unsuccessful = (code: OutcomeCode, message: string): ApplicationFailure =>
  ApplicationFailure.create({ type: code, message, nonRetryable: !OUTCOMES[code].isRetried });
