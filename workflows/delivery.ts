import { ActivityFailure, ApplicationFailure, TemporalFailure, isCancellation } from '@temporalio/workflow';
import type { MailInput } from '../activities/mail';
import type { WebhookInput } from '../activities/webhooks';
import type { DeliveryRecord, JobEvent } from '../contracts/notifications';
import { completePolicy, type Policy } from '../contracts/policy';
import { activityProxies, type ActivityProxies } from './activity-proxies';

/** What is delivered, and how. */
export type Notification =
  | { readonly channel: 'mail'; readonly content: MailInput }
  | { readonly channel: 'webhook'; readonly content: WebhookInput };

export interface DeliveryInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly jobId: string;
  readonly eventId: string;
  readonly event: JobEvent;
  readonly notification: Notification;
}

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
  const activities = activityProxies(deployment, completePolicy(policy));
  const { channel } = notification;
  const { status, detail } = await deliver(notification, event, activities);
  const record: DeliveryRecord = { eventId, event, channel, status, detail, at: new Date().toISOString() };
  await activities.deliveries.recordDelivery.executeWithOptions({ summary: `Record: ${channel} ${status}` }, [
    jobId,
    record,
  ]);
  if (status !== 'delivered')
    throw ApplicationFailure.nonRetryable(detail, `${channel.toUpperCase()}_${status.toUpperCase()}`);
}

/** All tries are one activity, so that days of them are a handful of events. */
async function deliver(
  notification: Notification,
  event: JobEvent,
  { mail, webhooks }: ActivityProxies,
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

/** What the last try ended with. Below a timeout only the message from the server has it: the SDK's TimeoutFailure leaves its cause out. */
function lastAnswer(cause: Error | undefined): string | undefined {
  const below = cause instanceof TemporalFailure ? cause.failure?.cause?.message : undefined;
  return below ?? cause?.message;
}
