import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { DeliveryActivities } from '../../activities/notify/deliveries';
import type { MailActivities } from '../../activities/notify/mail';
import type { WebhookActivities } from '../../activities/notify/webhooks';
import type { Policy } from '../../contracts/job/policy';
import { taskQueue } from '../../contracts/job/temporal-names';
import { shortCall } from '../activity-options';

/** What sends a notification and writes down how that went. */
export interface DeliveryProxies {
  readonly mail: ActivityInterfaceFor<MailActivities>;
  readonly webhooks: ActivityInterfaceFor<WebhookActivities>;
  readonly deliveries: ActivityInterfaceFor<DeliveryActivities>;
}

/** Longest single try of a notification. */
const DELIVERY_TIMEOUT = '2 minutes';
/** Longest pause between two tries: soon enough for a person, seldom enough for a stranger's server. */
const MAIL_PAUSE = '1 hour';
const WEBHOOK_PAUSE = '6 hours';

export function deliveryProxies(deployment: string, policy: Policy): DeliveryProxies {
  const short = shortCall(deployment, policy);
  const delivery = { ...short, taskQueue: taskQueue(deployment, 'delivery'), startToCloseTimeout: DELIVERY_TIMEOUT };
  return {
    mail: proxyActivities<MailActivities>({
      ...delivery,
      scheduleToCloseTimeout: policy.mailTimeoutMs,
      retry: { ...short.retry, maximumInterval: MAIL_PAUSE },
    }),
    webhooks: proxyActivities<WebhookActivities>({
      ...delivery,
      scheduleToCloseTimeout: policy.webhookTimeoutMs,
      retry: { ...short.retry, maximumInterval: WEBHOOK_PAUSE },
    }),
    deliveries: proxyActivities<DeliveryActivities>(delivery),
  };
}
