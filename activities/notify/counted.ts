import { metricMeter } from '@temporalio/activity';
import type { DeliveryRecord } from '../../contracts/messages/notifications';
import type { EndpointDelivery } from '../../contracts/webhooks/delivery';

/** Counts a notification of a job that has ended, among the metrics of this worker. */
export const countDelivery = ({ channel, status }: Pick<DeliveryRecord, 'channel' | 'status'>): void =>
  metricMeter
    .createCounter('spaceport_deliveries', undefined, 'Notifications of jobs, by how they ended')
    .add(1, { channel, status });

/** Counts a try at an endpoint; `pending` = it is tried again. */
export const countWebhookTry = (status: EndpointDelivery['status']): void =>
  metricMeter
    .createCounter('spaceport_webhook_tries', undefined, 'Tries at endpoints of tenants, by what followed')
    .add(1, { status });
