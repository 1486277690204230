import { ApplicationFailure } from '@temporalio/workflow';
import type { DeliveryRecord, JobEvent } from '../../contracts/messages/notifications';
import { completePolicy } from '../../contracts/job/policy';
import { ended, type Ended } from './ended';
import type { DeliveryInput, Notification } from './input';
import { upperCase, type OutcomeCode } from '../../contracts/messages/outcomes';
import { deliveryProxies, type DeliveryProxies } from './proxies';

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
const deliver = (notification: Notification, event: JobEvent, { mail, webhooks }: DeliveryProxies): Promise<Ended> =>
  ended(
    notification.channel === 'mail'
      ? mail.sendMail.executeWithOptions({ summary: `Mail: ${event}` }, [notification.content])
      : webhooks.sendWebhook.executeWithOptions({ summary: `Webhook: ${event}` }, [notification.content]),
  );
