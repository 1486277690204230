import type { Client } from '@temporalio/client';
import { taskQueue, WORKFLOW_TYPE } from '../../contracts/job/temporal-names';
import { endpointDeliveryWorkflowId, type DeliveryRef } from '../../contracts/webhooks/delivery';
import type { Config } from '../../platform/config';
import type { EndpointDeliveryInput } from '../../workflows/delivery/input';

/** Workflows that deliver events to endpoints. */
export interface DeliveryRuns {
  /** Delivers now, in place of a run that waits for its next try. Throws when Temporal does not answer. */
  deliver(ref: DeliveryRef): Promise<void>;
}

export const createDeliveryRuns = (
  client: Client,
  { deployment, policy }: Pick<Config, 'deployment' | 'policy'>,
): DeliveryRuns => ({
  async deliver(ref) {
    const input: EndpointDeliveryInput = { deployment, policy, ...ref };
    await client.workflow.start(WORKFLOW_TYPE.endpointDelivery, {
      workflowId: endpointDeliveryWorkflowId(ref.endpointId, ref.deliveryId),
      taskQueue: taskQueue(deployment, 'control'),
      args: [input],
      staticSummary: 'webhook: asked for by a person',
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  },
});
