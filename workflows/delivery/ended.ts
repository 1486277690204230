import { ActivityFailure, ApplicationFailure, TemporalFailure, isCancellation } from '@temporalio/workflow';
import type { DeliveryRecord } from '../../contracts/messages/notifications';

/** How all tries of one notification together ended, and the other side's words. */
export interface Ended extends Pick<DeliveryRecord, 'status'> {
  readonly detail: string;
}

/** How an activity that sends a notification ended. Throws where it was cancelled, or is not an activity. */
export async function ended(sending: Promise<string>): Promise<Ended> {
  try {
    return { status: 'delivered', detail: await sending };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure && cause.nonRetryable === true)
      return { status: 'rejected', detail: cause.message };
    return { status: 'expired', detail: lastAnswer(cause) ?? error.message };
  }
}

/** End of the last try. Below a timeout only the server's message has it: the SDK's TimeoutFailure omits its cause. */
function lastAnswer(cause: Error | undefined): string | undefined {
  const below = cause instanceof TemporalFailure ? cause.failure?.cause?.message : undefined;
  return below ?? cause?.message;
}
