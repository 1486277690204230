import type { Announcement } from '../../activities/notify/endpoints';
import type { MailInput } from '../../activities/notify/mail';
import type { WebhookInput } from '../../activities/notify/webhooks';
import type { Policy } from '../../contracts/job/policy';
import type { JobEvent } from '../../contracts/messages/notifications';
import type { DeliveryRef } from '../../contracts/webhooks/delivery';

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

export interface AnnouncementInput {
  readonly deployment: string;
  readonly policy: Policy;
  readonly announced: Announcement;
}

export interface EndpointDeliveryInput extends DeliveryRef {
  readonly deployment: string;
  readonly policy: Policy;
}
