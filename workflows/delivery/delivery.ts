import { ActivityFailure, ApplicationFailure, TemporalFailure, isCancellation } from '@temporalio/workflow';
import type { DeliveryRecord, JobEvent } from '../../contracts/messages/notifications';
import { completePolicy } from '../../contracts/job/policy';
import type { DeliveryInput, Notification } from './input';
import { upperCase, type OutcomeCode } from '../../contracts/messages/outcomes';
import { deliveryProxies, type DeliveryProxies } from './proxies';

type Outcome = Pick<DeliveryRecord, 'status' | 'detail'>;

/**
 * One notification to one destination, tried until it is taken, refused for good, or the policy's time is over; then
 * its end is recorded with the job. It fails, as MAIL_REJECTED, MAIL_EXPIRED, WEBHOOK_REJECTED or WEBHOOK_EXPIRED,
 * when nobody took it: such a workflow is found in Temporal by its status, and no job depends on it.
 */
export async function delivery({
  deployment,
  policy,
  jobId,
  eventId,
  event,
  notification,
}: DeliveryInput): Promise<void> {
  const activities = deliveryProxies(deployment, completePolicy(policy));
  const { channel } = notification;
  const { status, detail } = await deliver(notification, event, activities);
  const record: DeliveryRecord = { eventId, event, channel, status, detail, at: new Date().toISOString() };
  await activities.deliveries.recordDelivery.executeWithOptions({ summary: `Record: ${channel} ${status}` }, [
    jobId,
    record,
  ]);
  if (status === 'delivered') return;
  const code: OutcomeCode = `${upperCase(channel)}_${upperCase(status)}`;
  throw ApplicationFailure.nonRetryable(detail, code);
}

/** All tries are one activity, so that days of them are a handful of events. */
async function deliver(
  notification: Notification,
  event: JobEvent,
  { mail, webhooks }: DeliveryProxies,
): Promise<Outcome> {
  try {
    const answer =
      notification.channel === 'mail'
        ? await mail.sendMail.executeWithOptions({ summary: `Mail: ${event}` }, [notification.content])
        : await webhooks.sendWebhook.executeWithOptions({ summary: `Webhook: ${event}` }, [notification.content]);
    return { status: 'delivered', detail: answer };
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
