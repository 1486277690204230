import { CancellationScope, ParentClosePolicy, patched, startChild } from '@temporalio/workflow';
import type { JobRecord } from '../../contracts/job/record';
import { deliveryWorkflowId, jobEvent } from '../../contracts/messages/notifications';
import { webhookEvent } from '../../contracts/messages/webhook-event';
import { announcementWorkflowId } from '../../contracts/webhooks/delivery';
import { announcement } from '../delivery/announcement';
import { delivery } from '../delivery/delivery';
import type { Notification } from '../delivery/input';
import type { PipelineInput } from './input';

/**
 * Tells people and programs what the job's state is now. Each destination has a workflow of its own, which continues
 * after this one: it can try for days and never changes the outcome. Returns once those workflows have started; does
 * nothing in a state of which nobody is told.
 */
export async function notify(
  record: JobRecord,
  { deployment, policy, publicUrl }: PipelineInput,
  pageUrl: string,
): Promise<void> {
  const event = jobEvent(record);
  if (event === null) return;
  const { jobId, state, updatedAtMs, request } = record;
  const eventId = `${jobId}-${state}-${updatedAtMs}`;
  const notifications: Notification[] = [];
  // A batch sends one mail for all of its jobs.
  if (request.batch?.mails ?? true) notifications.push({ channel: 'mail', content: { record, pageUrl, eventId } });
  const body = JSON.stringify(webhookEvent(record, eventId, event, publicUrl));
  if (request.webhookUrl !== null) {
    notifications.push({ channel: 'webhook', content: { url: request.webhookUrl, eventId, body } });
  }
  /** To the endpoints of the tenant, whichever there are. */
  const announce = (): Promise<unknown> => {
    const announced = { tenant: request.tenant, jobId, eventId, event, createdAtMs: updatedAtMs, body };
    return startChild(announcement, {
      workflowId: announcementWorkflowId(eventId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `webhooks: job ${jobId} ${state}`,
      args: [{ deployment, policy, announced }],
    });
  };
  const hasEndpoints = patched('webhook-endpoints');
  await CancellationScope.nonCancellable(() =>
    Promise.all([
      ...notifications.map((notification) =>
        startChild(delivery, {
          workflowId: deliveryWorkflowId(notification.channel, eventId),
          parentClosePolicy: ParentClosePolicy.ABANDON,
          staticSummary: `${notification.channel}: job ${jobId} ${state}`,
          args: [{ deployment, policy, jobId, eventId, event, notification }],
        }),
      ),
      ...(hasEndpoints ? [announce()] : []),
    ]),
  );
}
