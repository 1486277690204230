import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { completePolicy } from '../../contracts/job/policy';
import { endpointDeliveryWorkflowId } from '../../contracts/webhooks/delivery';
import { endpointDelivery } from './endpoint-delivery';
import type { AnnouncementInput } from './input';
import { deliveryProxies } from './proxies';

/**
 * Finds out which endpoints of a tenant want an event, and starts a delivery for each. A workflow of its own, so that no
 * job waits for storage that is away, and no event is lost by it.
 */
export async function announcement({ deployment, policy, announced }: AnnouncementInput): Promise<void> {
  const { endpoints } = deliveryProxies(deployment, completePolicy(policy));
  const refs = await endpoints.announce(announced);
  await Promise.all(
    refs.map((ref) =>
      startChild(endpointDelivery, {
        workflowId: endpointDeliveryWorkflowId(ref.endpointId, ref.deliveryId),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `webhook: ${announced.event} of job ${announced.jobId}`,
        args: [{ deployment, policy, ...ref }],
      }),
    ),
  );
}
