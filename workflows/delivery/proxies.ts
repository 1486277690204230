import { proxyActivities, type ActivityInterfaceFor, type ActivityOptions } from '@temporalio/workflow';
import type { DeliveryActivities } from '../../activities/notify/deliveries';
import type { EndpointActivities } from '../../activities/notify/endpoints';
import type { EndpointMailActivities } from '../../activities/notify/endpoint-mail';
import type { MailActivities } from '../../activities/notify/mail';
import type { WebhookActivities } from '../../activities/notify/webhooks';
import type { Policy } from '../../contracts/job/policy';
import { taskQueue } from '../../contracts/job/temporal-names';
import { shortCall } from '../activity-options';

/** What sends a notification and writes down how that went. */
export interface DeliveryProxies {
  readonly mail: ActivityInterfaceFor<MailActivities & EndpointMailActivities>;
  readonly webhooks: ActivityInterfaceFor<WebhookActivities>;
  readonly endpoints: ActivityInterfaceFor<Pick<EndpointActivities, 'announce' | 'sendToEndpoint'>>;
  readonly deliveries: ActivityInterfaceFor<DeliveryActivities & Pick<EndpointActivities, 'expireDelivery'>>;
}

/** Longest single try of a notification. */
const DELIVERY_TIMEOUT = '2 minutes';
/** Longest pause between two tries: soon enough for a person, seldom enough for a stranger's server. */
const MAIL_PAUSE = '1 hour';
const WEBHOOK_PAUSE = '6 hours';

/** Options of an activity that sends a mail: tried for as long as the policy allows. */
export function mailOptions(deployment: string, policy: Policy): ActivityOptions {
  const delivery = deliveryOptions(deployment, policy);
  return {
    ...delivery,
    scheduleToCloseTimeout: policy.mailTimeoutMs,
    retry: { ...delivery.retry, maximumInterval: MAIL_PAUSE },
  };
}

const deliveryOptions = (deployment: string, policy: Policy) =>
  ({
    ...shortCall(deployment, policy),
    taskQueue: taskQueue(deployment, 'delivery'),
    startToCloseTimeout: DELIVERY_TIMEOUT,
  }) as const satisfies ActivityOptions;

export function deliveryProxies(deployment: string, policy: Policy): DeliveryProxies {
  const delivery = deliveryOptions(deployment, policy);
  const webhook = {
    ...delivery,
    scheduleToCloseTimeout: policy.webhookTimeoutMs,
    retry: { ...delivery.retry, maximumInterval: WEBHOOK_PAUSE },
  };
  return {
    mail: proxyActivities<MailActivities & EndpointMailActivities>(mailOptions(deployment, policy)),
    webhooks: proxyActivities<WebhookActivities>(webhook),
    endpoints: proxyActivities<Pick<EndpointActivities, 'announce' | 'sendToEndpoint'>>(webhook),
    deliveries: proxyActivities<DeliveryActivities & Pick<EndpointActivities, 'expireDelivery'>>(delivery),
  };
}
